/**
 * What `trueup doctor` finds. `info`: as it may be, and good to know · `warn`: it works, and worse than it could ·
 * `fail`: the integration does not work so · `skipped`: nobody could look, or nobody asked to.
 */
export type CheckStatus = 'ok' | 'info' | 'warn' | 'fail' | 'skipped';

export interface Check {
  /** `option.sensor_name`: what was looked at, the same in every release; up to the first dot, of what part. */
  readonly id: string;
  readonly status: CheckStatus;
  /** What is and, where that is something else, what should be. Without a secret; names in it are foreign. */
  readonly message: string;
  /** What to do; null: nothing. */
  readonly remedy: string | null;
}

/** Its JSON form is `schemas/doctor.schema.json`. */
export interface DoctorReport {
  readonly version: 1;
  readonly provider: string;
  /** ISO time. */
  readonly at: string;
  /** In the order in which the parts lean on each other: what fails first is to be mended first. */
  readonly checks: readonly Check[];
  /** Requests to Tanium. */
  readonly requests: number;
  readonly seconds: number;
}

export const checkStatuses: readonly CheckStatus[] = ['fail', 'warn', 'info', 'ok', 'skipped'];

export function countOf(checks: readonly Check[], status: CheckStatus): number {
  return checks.filter((check) => check.status === status).length;
}

/** 1 where one failed, else 0. */
export function doctorExitCode({ checks }: Pick<DoctorReport, 'checks'>): number {
  return countOf(checks, 'fail') > 0 ? 1 : 0;
}
