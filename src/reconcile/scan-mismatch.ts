/** Machines that a bulk scan reaches for nothing, and records that it does not reach (npsd-domain.md items 120–125). */

export interface Mismatch {
  /** Windows machines of the group that Tanium knows and NPS-D does not. */
  readonly extra: number;
  /** Of the machines in the group, in percent; null: the group has none. */
  readonly extraPercent: number | null;
  /** Computers of NPS-D that Tanium does not know. */
  readonly missing: number;
  /** `warn` from 5.00 % on. */
  readonly level: 'ok' | 'warn' | 'no-data';
  /** What to do, in the seed's words; null: nothing. */
  readonly advice: string | null;
}

const limitPercent = 5;

const advice =
  'Create a Tanium group that holds only the devices of NPS-D, such as "NPS-D Managed Windows Devices", and set bulk_scan_group to it: then none is scanned for nothing.';

/** `targeted`: Windows machines in the group, the extra ones among them: the seed's 500 of 10,000 are 5.00 %, and warn. */
export function mismatchOf(targeted: number, extra: number, missing: number): Mismatch {
  if (targeted === 0) return { extra, extraPercent: null, missing, level: 'no-data', advice: null };
  // Compared as whole numbers: 5.00 % is a limit, not a rounding.
  const warns = extra * 100 >= limitPercent * targeted;
  const extraPercent = (extra * 100) / targeted;
  return { extra, extraPercent, missing, level: warns ? 'warn' : 'ok', advice: warns ? advice : null };
}
