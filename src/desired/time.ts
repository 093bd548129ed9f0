/** Points and spans of time as documents write them; the schema has seen to their form. */

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const dayMs = 86_400_000;

/** Seconds of `20m`, `14d`. */
export function secondsOf(span: string): number {
  return Number(span.slice(0, -1)) * (unitSeconds[span.slice(-1)] ?? 1);
}

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
