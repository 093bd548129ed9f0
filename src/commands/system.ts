/** The adapters of Clock and Ids, and who runs this process. */
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Ids } from '../ports.ts';

export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  sleep: async (milliseconds, signal) => {
    try {
      await delay(milliseconds, undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};

export const randomIds: Ids = { next: () => randomBytes(6).toString('hex') };

/** `user@host`, for records; a process without a user (a container's arbitrary uid) says its number. */
export function operator(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
