/** A device is about to be asked for a rotation: what must be durable before. */
import type { AccountCredentials, Credential, OpenRotation } from '../model/credential.ts';

/**
 * The record with this rotation open; unchanged where it is open already, so that the first time of asking stays known.
 * Null: another one is unsettled, and must be asked for instead.
 */
export function asked(record: AccountCredentials, rotation: OpenRotation): AccountCredentials | null {
  if (record.open === null) return { ...record, open: rotation };
  return record.open.id === rotation.id ? record : null;
}

/** A password that is made here and is about to be sent. */
export type SentPassword = Pick<Credential, 'sealed' | 'recovery'> & { readonly session: string };

/** With a password that the account may have as soon as it is sent; the one that it has stays current until it is said. */
export function sent(record: AccountCredentials, password: SentPassword, at: string): AccountCredentials {
  const { open, credentials } = record;
  if (open === null || pendingOf(record) !== null) return record;
  const pending: Credential = {
    rotation: open.id,
    attempt: nextAttempt(record),
    state: 'pending',
    ...password,
    setAt: null,
    keptAt: at,
    handedOutAt: null,
    endedAt: null,
    confirmed: false,
    // There is nothing on the device that could go.
    acknowledged: true,
    revealedAt: null,
  };
  return { ...record, credentials: [pending, ...credentials] };
}

/** The number that the next password of the open rotation gets. */
export function nextAttempt({ open, credentials }: AccountCredentials): number {
  const attempts = credentials.flatMap(({ rotation, attempt }) => (rotation === open?.id ? [attempt] : []));
  return Math.max(0, ...attempts) + 1;
}

/** The password of the open rotation that was sent and of which nobody has said anything; null: there is none. */
export function pendingOf({ open, credentials }: AccountCredentials): Credential | null {
  return credentials.find(({ rotation, state }) => state === 'pending' && rotation === open?.id) ?? null;
}

/** The same password is sent once more, sealed to the key of another session. */
export function sentAgain(record: AccountCredentials, session: string): AccountCredentials {
  const pending = pendingOf(record);
  if (pending === null || pending.session === session) return record;
  const credentials = record.credentials.map((one) => (one === pending ? { ...one, session } : one));
  return { ...record, credentials };
}

/** The device has said that it does not take this password: the next one to be sent is another. */
export function refused(record: AccountCredentials, at: string): AccountCredentials {
  const pending = pendingOf(record);
  if (pending === null) return record;
  const ended: Credential = { ...pending, state: 'previous', endedAt: at };
  return { ...record, credentials: record.credentials.map((one) => (one === pending ? ended : one)) };
}

/**
 * The account of this name is another one than it was, since it was deleted and made again: nobody can ask for what is
 * unsettled of the one that is gone, and what it had is not the new one's. Of the same account the same record. `rid`: null:
 * it is only being made.
 */
export function ofAccount(record: AccountCredentials, rid: number | null, at: string): AccountCredentials {
  if (record.rid === rid) return record;
  if (record.rid === null) return { ...record, rid };
  const credentials = record.credentials.map(
    (one): Credential => (one.state === 'previous' ? one : { ...one, state: 'previous', endedAt: at }),
  );
  return { ...record, rid, open: null, demands: null, credentials };
}
