/**
 * When to look again, and when there is nothing more to wait for. Tanium never says that a question is done: machines
 * report one by one, the counters overshoot, and a machine that went to sleep is waited for in vain.
 */

import type { Clock } from '../ports.ts';

/** The clock's milliseconds, which go on where it is set back. */
export function steadyTime(clock: Clock): () => number {
  let setBack = 0;
  let latest = Number.NEGATIVE_INFINITY;
  return () => {
    const now = Date.parse(clock.now());
    setBack = Math.max(setBack, latest - now);
    latest = now + setBack;
    return latest;
  };
}

const firstInterval = 100;
const intervalFactor = 1.5;
const longestInterval = 5_000;

/** Milliseconds before the next look: short at first, since a small or simulated fleet answers at once. */
export function nextInterval(previous: number | null): number {
  return previous === null ? firstInterval : Math.min(previous * intervalFactor, longestInterval);
}

/** What has been seen so far; times in milliseconds. */
export interface Watch {
  readonly startedAt: number;
  /** When something was new last. */
  readonly newsAt: number;
  /** Looks since then. */
  readonly quietLooks: number;
  /** Machines heard of; null: nothing was read yet. */
  readonly seen: number | null;
}

export function startWatch(now: number): Watch {
  return { startedAt: now, newsAt: now, quietLooks: 0, seen: null };
}

export function look(watch: Watch, seen: number, now: number): Watch {
  if (seen === watch.seen) return { ...watch, quietLooks: watch.quietLooks + 1 };
  return { ...watch, newsAt: now, quietLooks: 0, seen };
}

interface Silence {
  /** Share of what is expected, from which on this line holds. */
  readonly share: number;
  /** The silence that is long enough: at least this many milliseconds … */
  readonly least: number;
  /** … and at least this many times as long as all that came before it took. */
  readonly times: number;
}

/** The nearer the end, the shorter a silence says that no more will come. */
const silences: readonly Silence[] = [
  { share: 0.99, least: 500, times: 0.5 },
  { share: 0.9, least: 2_000, times: 1 },
  { share: 0, least: 30_000, times: 4 },
];
const leastQuietLooks = 3;
/** The estimate of the fleet may be 0 for some seconds after the question was asked (PyTan, bug 5193). */
const zeroEstimateMilliseconds = 10_000;

/** Whether to stop waiting for `expected` machines; `patient`: the last few are waited for as long as the first. */
export function isSettled(watch: Watch, expected: number, now: number, patient = false): boolean {
  const seen = watch.seen ?? 0;
  if (expected === 0 && now - watch.startedAt < zeroEstimateMilliseconds) return false;
  return seen >= expected || isSilent(watch, patient ? 0 : seen / expected, now);
}

/** Whether nothing was new for so long that, with `share` of all there, nothing more is to be expected. */
export function isSilent(watch: Watch, share: number, now: number): boolean {
  if (watch.quietLooks < leastQuietLooks) return false;
  const before = watch.newsAt - watch.startedAt;
  const silence = silences.find((line) => share >= line.share);
  return silence !== undefined && now - watch.newsAt >= Math.max(silence.least, silence.times * before);
}
