/**
 * What a device reports of a rotation, taken into its record. Nothing that is sealed ever goes here: what the account may
 * still have stays `pending`, what it certainly has no more becomes `previous`.
 */
import type { AccountCredentials, Credential } from '../model/credential.ts';
import type { Sid } from '../model/sid.ts';

/** One password that a device has sealed, opened and sealed anew. */
export interface KeptPassword extends Pick<Credential, 'attempt' | 'sealed' | 'recovery'> {}

/** The device says that the password of this attempt is set. */
export interface RotationReport {
  readonly rotation: string;
  readonly rid: number;
  readonly machineSid: Sid;
  readonly attempt: number;
  /** By its clock; null: it cannot tell. */
  readonly setAt: string | null;
  /**
   * Of every attempt of which the device still has the sealed password. One that we hold already has the very seal that
   * we hold. None: it knows that we have them.
   */
  readonly kept: readonly KeptPassword[];
}

/** `at`: ISO time. A report that says nothing new leaves the record as it is. */
export function reported(record: AccountCredentials, report: RotationReport, at: string): AccountCredentials {
  const { rotation, attempt, kept, rid, machineSid } = report;
  const news = kept.filter(({ sealed }) => !record.credentials.some((one) => one.sealed === sealed));
  const known = [...news.toReversed().map((one) => newcomer(one, report, at)), ...record.credentials];
  const own = kept.find((one) => one.attempt === attempt);
  const now = own === undefined ? heldAs(known, rotation, attempt) : known.find(({ sealed }) => sealed === own.sealed);
  if (isLate(record, report, own?.sealed)) return news.length === 0 ? record : { ...record, credentials: known };
  const credentials = known.map((one) => (one === now ? current(one, report) : overtaken(one, report, at)));
  const demands = record.open === null ? record.demands : record.open.demands;
  const next = { ...record, rid, machineSid, open: null, demands: now === undefined ? null : demands, credentials };
  return isSame(record, next) ? record : next;
}

/**
 * Its message was on its way for longer than it took to settle the rotation, or comes after that of a later time. What it
 * brings is kept, and says nothing of what the account has now.
 */
function isLate(
  { open, credentials }: AccountCredentials,
  report: RotationReport,
  sealed: string | undefined,
): boolean {
  if (open !== null) return open.id !== report.rotation;
  const current = credentials.find(({ state }) => state === 'current');
  if (current?.rotation !== report.rotation) return true;
  if (sealed === undefined || sealed === current.sealed || current.attempt !== report.attempt) {
    return report.attempt < current.attempt;
  }
  return current.setAt !== null && report.setAt !== null && report.setAt < current.setAt;
}

function newcomer({ attempt, sealed, recovery }: KeptPassword, report: RotationReport, at: string): Credential {
  return {
    rotation: report.rotation,
    attempt,
    session: null,
    state: 'pending',
    sealed,
    recovery,
    setAt: null,
    keptAt: at,
    handedOutAt: null,
    endedAt: null,
    confirmed: false,
    acknowledged: false,
    revealedAt: null,
  };
}

/** Of two passwords of one attempt, as after a return to a snapshot, the one that was current, else the newest. */
function heldAs(credentials: readonly Credential[], rotation: string, attempt: number): Credential | undefined {
  const same = credentials.filter((one) => one.rotation === rotation && one.attempt === attempt);
  return same.find(({ state }) => state === 'current') ?? same[0];
}

function current(one: Credential, { setAt, kept, attempt }: RotationReport): Credential {
  const isAsBefore = one.state === 'current';
  return {
    ...one,
    state: 'current',
    setAt: setAt ?? one.setAt,
    endedAt: null,
    confirmed: isAsBefore && one.confirmed,
    // What the device still seals for us it has not been told to let go.
    acknowledged: one.session !== null || !kept.some((sealed) => sealed.attempt === attempt),
  };
}

/** The other password of this attempt, if there is one, cannot be told from this one by any mark: it stays. */
function overtaken(one: Credential, { rotation, attempt }: RotationReport, at: string): Credential {
  if (one.rotation === rotation && one.attempt === attempt) {
    return one.state === 'current' ? { ...one, state: 'pending', confirmed: false } : one;
  }
  return one.state === 'previous' ? one : { ...one, state: 'previous', endedAt: one.endedAt ?? at };
}

function isSame(before: AccountCredentials, after: AccountCredentials): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

/** The password of the open rotation is set, as the device of a controller's password says. */
export function settled(
  record: AccountCredentials,
  report: Pick<RotationReport, 'rid' | 'machineSid' | 'setAt'>,
  pending: Credential,
  at: string,
): AccountCredentials {
  const { rotation, attempt } = pending;
  return reported(record, { ...report, rotation, attempt, kept: [] }, at);
}
