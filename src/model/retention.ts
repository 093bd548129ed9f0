/** How long what is over is kept. */

const DAY = 24 * 60 * 60 * 1000;

/** Days after the end of a run, a scan, or an action whose devices all have an outcome. */
export const runDays = 90;
/** Days after the last sight of a difference that is resolved: a year's review finds the year whole. */
export const driftDays = 400;

/** ISO times: what was over before them goes. */
export interface Retention {
  /** Runs with their plans, settled journal entries, and scan runs. */
  readonly runsBefore: string;
  /** Resolved drift. */
  readonly driftBefore: string;
}

/** `now` is an ISO time. */
export function retentionAt(now: string): Retention {
  const before = (days: number): string => new Date(Date.parse(now) - days * DAY).toISOString();
  return { runsBefore: before(runDays), driftBefore: before(driftDays) };
}
