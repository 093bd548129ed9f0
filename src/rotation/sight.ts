/** What an inventory shows of a password, taken into its record. */
import type { AccountCredentials, Credential } from '../model/credential.ts';
import type { RotationMark } from '../model/inventory.ts';

/** Of one account, as its device's inventory shows it. */
export interface PasswordSight {
  /** Of the newest rotation in the device's journal; null: it has none of this account. */
  readonly mark: Pick<RotationMark, 'id' | 'attempt' | 'state'> | null;
  /** UTC day on which the password was set; null: never. */
  readonly passwordSet: string | null;
}

/**
 * The password that the device shows to have is confirmed. Where that is an earlier one, as after a return to a snapshot,
 * it is current again, and the one that was stays `pending`: which of them holds, the next rotation settles. `at`: ISO
 * time. A sight that says nothing new leaves the record as it is.
 */
export function seen(record: AccountCredentials, sight: PasswordSight, at: string): AccountCredentials {
  const { credentials } = record;
  const current = credentials.find(({ state }) => state === 'current') ?? null;
  const shown = shownBy(credentials, current, sight);
  if (shown === null) return current?.confirmed ? withEach(record, (one) => unconfirmed(one)) : record;
  if (shown === current) {
    return current.confirmed ? record : withEach(record, (one) => (one === shown ? { ...one, confirmed: true } : one));
  }
  // Its own demands are not known any more.
  return {
    ...withEach(record, (one) => {
      if (one === shown) return { ...one, state: 'current', endedAt: null, confirmed: true };
      return one === current ? { ...one, state: 'pending', endedAt: at, confirmed: false } : one;
    }),
    demands: null,
  };
}

/**
 * The device refuses to go on with the open rotation, and shows that it has begun another one since, as somebody else's
 * store made it: it will never report the first, so that a new one may be asked for. What is held stays.
 */
export function givenUp(record: AccountCredentials, mark: PasswordSight['mark']): AccountCredentials {
  const { open } = record;
  if (open === null || open.generator !== 'endpoint' || mark === null || mark.id === open.id) return record;
  return { ...record, open: null };
}

/** The one that the account has, as far as the device can tell; null: none of ours. */
function shownBy(
  credentials: readonly Credential[],
  current: Credential | null,
  { mark, passwordSet }: PasswordSight,
): Credential | null {
  // The journal does not know of a password that was made here: it may show an older rotation, and has to call it changed.
  if (current !== null && current.session !== null && mark?.state !== 'set') {
    return current.setAt !== null && current.setAt.slice(0, 10) === passwordSet ? current : null;
  }
  if (mark?.state !== 'set') return null;
  const same = credentials.filter(
    ({ session, rotation, attempt }) => session === null && rotation === mark.id && attempt === mark.attempt,
  );
  return same.find((one) => one === current) ?? same[0] ?? null;
}

function unconfirmed(one: Credential): Credential {
  return one.confirmed ? { ...one, confirmed: false } : one;
}

function withEach(record: AccountCredentials, change: (one: Credential) => Credential): AccountCredentials {
  return { ...record, credentials: record.credentials.map(change) };
}
