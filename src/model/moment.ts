/** Points in time as documents write them, to the second or to the day; their form has been seen to. */

const dayMs = 86_400_000;

/** Milliseconds since 1970: a day begins at midnight, UTC. */
export function beginOf(moment: string): number {
  return Date.parse(moment);
}

/** Exclusive: a day counts whole, so that it ends at the next midnight, UTC. */
export function endOf(moment: string): number {
  return Date.parse(moment) + (isDay(moment) ? dayMs : 0);
}

/** Whole days to its end, from `nowMs`, milliseconds since 1970; less than 0: it is over. */
export function daysLeft(moment: string, nowMs: number): number {
  return Math.floor((endOf(moment) - nowMs) / dayMs);
}

function isDay(moment: string): boolean {
  return moment.length === '2026-03-31'.length;
}
