/** Machines that a bulk scan reaches for nothing, and records that it does not reach (npsd-domain.md items 120–125). */
import type { Recorded } from '../model/recorded.ts';
import type { ReportedMismatch } from '../model/scan-report.ts';

const limitPercent = 5;

const advice =
  'Create a Tanium group that holds only the devices of NPS-D, such as "NPS-D Managed Windows Devices", and set bulk_scan_group to it: then none is scanned for nothing.';

/**
 * `targeted`: Windows machines in the group · `extra`: those of them that NPS-D does not know, so that the seed's 500 of
 * 10,000 are 5.00 %, and warn · `missing`: computers of NPS-D that Tanium does not know · `due`: computers that are to be
 * scanned; where there are none, no other group helps.
 */
export function mismatchOf(targeted: number, extra: number, missing: number, due: number): ReportedMismatch {
  if (targeted === 0) return { extra, extraPercent: null, missing, level: 'no-data', advice: null };
  // Compared as whole numbers: 5.00 % is a limit, not a rounding.
  const warns = extra * 100 >= limitPercent * targeted;
  const extraPercent = (extra * 100) / targeted;
  return { extra, extraPercent, missing, level: warns ? 'warn' : 'ok', advice: warns && due > 0 ? advice : null };
}

const howRecorded: Readonly<Record<Recorded['owner'], string>> = {
  embedded: '`trueup apply` makes records of the devices that a ComputerPolicy with `enroll: true` selects',
  npsd: 'in NPS-D, it takes Scan enabled, this EDR integration and Windows',
};

/** Why a scan of a group found nobody, told apart (npsd-domain.md item 166); null: it found somebody. */
export function emptyHanded(
  group: string,
  owner: Recorded['owner'],
  found: { readonly members: number; readonly targeted: number; readonly due: number; readonly answered: number },
): string | null {
  const { members, targeted, due, answered } = found;
  const named = JSON.stringify(group);
  if (members === 0) return `the group ${named} is empty, or none of its devices is online`;
  if (targeted === 0) return `the group ${named} holds no Windows device`;
  if (due === 0) return `no computer on record is to be scanned: ${howRecorded[owner]}`;
  return answered === 0 ? `no Windows device of the group ${named} is a computer that is to be scanned` : null;
}
