/** What is told, read and let go of a password once it is kept. */
import type { AccountCredentials, Credential, RotationKey } from '../model/credential.ts';

const DAY = 24 * 60 * 60 * 1000;

/** The password that the account has, as far as anybody knows; null: none is held. */
export function currentOf({ credentials }: AccountCredentials): Credential | null {
  return credentials.find(({ state }) => state === 'current') ?? null;
}

/**
 * A password that the account may have as well, though it shows another, as after a return to a snapshot; null: it is
 * beyond doubt which one it has. The next rotation settles it.
 */
export function doubtOf({ open, credentials }: AccountCredentials): Credential | null {
  return credentials.find(({ state, rotation }) => state === 'pending' && rotation !== open?.id) ?? null;
}

/** The device has let go of what it sealed for us in this rotation. */
export function acknowledged(record: AccountCredentials, rotation: string): AccountCredentials {
  return withEach(record, (one) => (one.rotation === rotation ? { ...one, acknowledged: true } : one));
}

/** The policy's sink has taken it. `at`: ISO time. */
export function handedOut(record: AccountCredentials, sealed: string, at: string): AccountCredentials {
  return withEach(record, (one) => (one.sealed === sealed ? { ...one, handedOutAt: at } : one));
}

/** Sealed to the recovery keys of its policy too. */
export function recoverable(
  record: AccountCredentials,
  sealed: string,
  recovery: Credential['recovery'],
): AccountCredentials {
  return withEach(record, (one) => (one.sealed === sealed ? { ...one, recovery } : one));
}

/** Somebody has read it: the first time counts. `at`: ISO time. */
export function revealed(record: AccountCredentials, sealed: string, at: string): AccountCredentials {
  return withEach(record, (one) => (one.sealed === sealed ? { ...one, revealedAt: one.revealedAt ?? at } : one));
}

function withEach(record: AccountCredentials, change: (one: Credential) => Credential): AccountCredentials {
  return { ...record, credentials: record.credentials.map(change) };
}

/**
 * Without the passwords that another one has followed for longer than they are to be kept: only where it is beyond doubt
 * which one the account has. `now`: ISO time. Where nothing goes, it is the same record.
 */
export function retained(record: AccountCredentials, retentionDays: number, now: string): AccountCredentials {
  const { open, credentials } = record;
  if (open !== null || !currentOf(record)?.confirmed) return record;
  if (credentials.some(({ state }) => state === 'pending')) return record;
  const endedBefore = new Date(Date.parse(now) - retentionDays * DAY).toISOString();
  const left = credentials.filter(
    ({ state, endedAt }) => state !== 'previous' || endedAt === null || endedAt >= endedBefore,
  );
  return left.length === credentials.length ? record : { ...record, credentials: left };
}

/**
 * Ids of the rotations whose private key may have to open something still: as long as a password is kept, its device may be
 * put back to before it, and then have another one under the same id, which it has sealed to the same key.
 */
export function rotationsInUse({ open, credentials }: AccountCredentials): readonly string[] {
  const made = credentials.flatMap(({ rotation, session }) => (session === null ? [rotation] : []));
  return open === null ? made : [open.id, ...made];
}

/** How long a key is kept that nothing seems to need. */
const keyDays = 30;

/** Ids of the keys that may go. `inUse`: of all records; `now`: ISO time. */
export function keysToForget(
  keys: readonly Pick<RotationKey, 'id' | 'createdAt'>[],
  inUse: ReadonlySet<string>,
  now: string,
): readonly string[] {
  const before = new Date(Date.parse(now) - keyDays * DAY).toISOString();
  return keys.flatMap(({ id, createdAt }) => (createdAt < before && !inUse.has(id) ? [id] : []));
}
