/** Points in time as documents write them; the schema has seen to their form. */

const dayMs = 86_400_000;

/** Milliseconds since 1970: a day begins at midnight, UTC. */
export function beginOf(moment: string): number {
  return Date.parse(moment);
}

/** Exclusive: a day counts whole, so that it ends at the next midnight, UTC. */
export function endOf(moment: string): number {
  return Date.parse(moment) + (isDay(moment) ? dayMs : 0);
}

function isDay(moment: string): boolean {
  return moment.length === '2026-03-31'.length;
}
