/** Which check an error is the cause of, so that each cause is named once, and what hangs on it is not looked at. */
import type { ErrorCode, TrueupError } from '../../errors.ts';
import type { Check } from '../../model/doctor.ts';
import type { Seen } from '../context.ts';
import { failedBy, skipped } from './check.ts';
import { apiTokenRow, rightsCheck } from './reach.ts';

const causes: Readonly<Partial<Record<ErrorCode, string>>> = {
  TRUEUP_SENSOR_NOT_FOUND: 'option.sensor_name',
  TRUEUP_PACKAGE_NOT_FOUND: 'option.package_name',
  TRUEUP_PACKAGE_PARAMETER: 'option.package_param_offset',
  TRUEUP_ACTION_GROUP_NOT_FOUND: 'option.action_group_name',
  TRUEUP_ACTION_GROUP_EMPTY: 'option.action_group_name',
  TRUEUP_GROUP_NOT_FOUND: 'option.bulk_scan_group',
  TRUEUP_TANIUM_UNAUTHORIZED: apiTokenRow,
  TRUEUP_TANIUM_FORBIDDEN: rightsCheck,
};

/** The check that names this cause; null: whoever met the error names it. */
export function causeOf({ code }: TrueupError): string | null {
  return causes[code] ?? null;
}

export function isCausedBy(seen: Seen<unknown>, id: string): seen is Extract<Seen<unknown>, { kind: 'error' }> {
  return seen.kind === 'error' && causeOf(seen.error) === id;
}

/** What to say where there is nothing to judge: a cause that has no check of its own is named here. */
export function missed(id: string, seen: Missed): Check {
  if (seen.kind === 'none') return skipped(id, seen.why);
  const cause = causeOf(seen.error);
  return cause === null || cause === id ? failedBy(id, seen.error) : skipped(id, `${cause} failed`);
}

type Missed = Exclude<Seen<never>, { readonly kind: 'got' }>;
