/** The records of kept passwords: looked for, and changed each as a whole. */
import type { CredentialStore } from '../../credential-ports.ts';
import { TrueupError } from '../../errors.ts';
import type { AccountCredentials } from '../../model/credential.ts';
import type { AccountRef } from '../../model/operation.ts';
import { accountOf, nothingHeld } from '../../rotation/account.ts';

/** One change of one record; several of the same record are made one after the other. */
export interface Amendment {
  readonly computerId: string;
  /** Which of the device's records it is about. */
  readonly account: (known: readonly AccountCredentials[]) => string;
  /** Answers the record itself where there is nothing to change. */
  readonly change: (record: AccountCredentials) => AccountCredentials;
}

/** Another process may write at the same time: a reveal, or a key that is rotated. */
const mostTries = 10;

/**
 * Durable when it resolves. A record that somebody else has written meanwhile is read again, and changed anew. Answers
 * the records as they are now, those that did not change too. Throws TRUEUP_STORE_BUSY.
 */
export async function amend(
  store: CredentialStore,
  amendments: readonly Amendment[],
): Promise<readonly AccountCredentials[]> {
  const done: AccountCredentials[] = [];
  let open: ReadonlyMap<string, readonly Amendment[]> = Map.groupBy(amendments, ({ computerId }) => computerId);
  for (let tries = 0; open.size > 0; tries += 1) {
    if (tries === mostTries) {
      throw new TrueupError('TRUEUP_STORE_BUSY', 'The records of passwords are written by somebody else all the time.');
    }
    const known = await recordsOf(store, [...open.keys()]);
    const changed: AccountCredentials[] = [];
    for (const [computerId, own] of open) {
      const before = known.get(computerId) ?? [];
      for (const record of amended(before, own)) (before.includes(record) ? done : changed).push(record);
    }
    const refused = changed.length === 0 ? [] : await store.putCredentials(changed);
    const late = new Set(refused.map(({ computerId }) => computerId));
    for (const record of changed) {
      if (!late.has(record.computerId)) done.push({ ...record, revision: record.revision + 1 });
    }
    open = new Map([...open].filter(([computerId]) => late.has(computerId)));
  }
  return done;
}

/** The records of one device that these are about. */
function amended(before: readonly AccountCredentials[], own: readonly Amendment[]): Iterable<AccountCredentials> {
  const after = new Map(before.map((record) => [record.account, record]));
  const touched = new Map<string, AccountCredentials>();
  for (const { computerId, account, change } of own) {
    const name = account([...after.values()]);
    const record = change(after.get(name) ?? nothingHeld(computerId, name));
    after.set(name, record);
    touched.set(name, record);
  }
  return touched.values();
}

/** By Computer ID. */
export async function recordsOf(
  store: CredentialStore,
  computerIds: readonly string[],
): Promise<Map<string, AccountCredentials[]>> {
  const records = new Map<string, AccountCredentials[]>();
  for await (const record of store.credentials(computerIds)) {
    const own = records.get(record.computerId);
    if (own) own.push(record);
    else records.set(record.computerId, [record]);
  }
  return records;
}

/** Under which name a device's records keep an account; `rid`: null: nobody has seen the account yet. */
export function nameIn(known: readonly AccountCredentials[], ref: AccountRef, rid: number | null): string {
  const own = rid === null ? undefined : known.find((record) => record.rid === rid);
  return own?.account ?? accountOf(ref);
}
