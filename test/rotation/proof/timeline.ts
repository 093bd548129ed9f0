/** One virtual time for everything that a schedule is made of: whatever waits goes on in the order of the moments. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../src/ports.ts';

export interface Timeline {
  /** Milliseconds since 1970. */
  now(): number;
  /** Does the work that many milliseconds later, those of one moment in the order in which they were named. */
  in(milliseconds: number, work: () => void): void;
  /** Of the controller's machine. */
  readonly clock: Clock;
  /** Lets time pass until the work is done. Throws where it waits for something that never comes. */
  passUntil<T>(work: Promise<T>): Promise<T>;
  /** Lets that much time pass. */
  pass(milliseconds: number): Promise<void>;
}

interface Moment {
  readonly at: number;
  readonly work: () => void;
}

/** So many turns of the event loop may pass between two moments: a store lets others have theirs after each block. */
const mostIdle = 1000;

export function timelineFrom(begin: string): Timeline {
  let time = Date.parse(begin);
  /** Ascending. */
  const moments: Moment[] = [];

  function later(milliseconds: number, work: () => void): void {
    const at = time + Math.max(0, Math.round(milliseconds));
    const index = moments.findLastIndex((moment) => moment.at <= at) + 1;
    moments.splice(index, 0, { at, work });
  }

  async function passUntil<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const mark = (): void => {
      isDone = true;
    };
    work.then(mark, mark);
    for (let idle = 0; ; ) {
      // All that can go on without time has done so then, but for what lets others have their turn.
      await setImmediate();
      if (isDone) return work;
      const next = moments.shift();
      if (next === undefined) {
        idle += 1;
        if (idle > mostIdle) throw new Error('it waits for something that never comes');
        continue;
      }
      idle = 0;
      time = next.at;
      next.work();
    }
  }

  const clock: Clock = {
    now: () => new Date(time).toISOString(),
    sleep: (milliseconds, signal) => {
      signal?.throwIfAborted();
      return new Promise((resolve) => later(milliseconds, resolve));
    },
  };
  return {
    now: () => time,
    in: later,
    clock,
    passUntil,
    pass: (milliseconds) => passUntil(clock.sleep(milliseconds)),
  };
}
