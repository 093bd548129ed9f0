const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of `30s`, `20m`, `6h`, `14d`, `2w`; whoever calls has seen to the form. */
export function secondsOf(span: string): number {
  return Number(span.slice(0, -1)) * (unitSeconds[span.slice(-1)] ?? Number.NaN);
}
