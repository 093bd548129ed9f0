/** `trueup key rotate`: a new key, and everything sealed under it. Ended at any point, the next run goes on from there. */
import { appendAudit } from '../apply/audit.ts';
import { withLease } from '../apply/lease.ts';
import { TrueupError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { jsonLine } from '../render/json.ts';
import { counted } from '../render/words.ts';
import { freshKey, readKeyFile, replaceKeyFile, type SealingKey } from '../secrets/key-file.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { type Resealed, resealAll } from '../secrets/reseal.ts';
import type { Format, Io } from './io.ts';
import { leaseContext, openProviderStore, openSession, type Session, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';
import { systemClock } from './system.ts';

export interface KeyRotateOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
  /** Seconds to wait for another run of a provider; 0: not at all. */
  readonly wait: number;
}

/**
 * Exits 0. Throws TRUEUP_STORE_BUSY while somebody works for a provider of the store, TRUEUP_KEY_MISSING and
 * TRUEUP_SEAL_BROKEN where something does not open: then everything else is resealed, and the old keys stay.
 */
export async function keyRotate(options: KeyRotateOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'write');
  try {
    const own = session.configuration.provider.name;
    const names = [...new Set([own, ...(await session.store.sealedProviders())])].toSorted();
    const result = await underLeases(names, session, options, io, async (stores) => {
      const before = session.keys.keys();
      const key = await keyToSealUnder(session, io);
      const total = { passwords: 0, rotationKeys: 0 };
      const faults: Resealed[] = [];
      for (const [name, store] of stores) {
        const one = await resealAll(store, session.vault, name);
        total.passwords += one.passwords;
        total.rotationKeys += one.rotationKeys;
        if (one.unopened > 0) faults.push(one);
      }
      const old = before.filter(({ id }) => id !== key.id);
      const fault = faults[0]?.fault ?? null;
      if (fault !== null)
        throw unfinished(
          fault,
          faults.reduce((sum, { unopened }) => sum + unopened, 0),
        );
      const retired = retire(session.keys, key, old);
      return { key: key.id, old: old.map(({ id }) => id), retired, ...total };
    });
    if (options.format === 'json') io.out(`${jsonLine(result)}\n`);
    else io.out(`${told(result)}\n`);
    return 0;
  } finally {
    await session.close();
  }
}

interface Result {
  readonly key: string;
  /** Ids of the keys that seal nothing of this store any more. */
  readonly old: readonly string[];
  /** Where they are now; null: where they were. */
  readonly retired: string | null;
  readonly passwords: number;
  readonly rotationKeys: number;
}

/** Each provider of a store has a lease of its own, and whoever holds one may be sealing. */
async function underLeases<T>(
  names: readonly string[],
  session: Session,
  options: KeyRotateOptions,
  io: Io,
  work: (stores: ReadonlyMap<string, Store>) => Promise<T>,
  held: ReadonlyMap<string, Store> = new Map(),
): Promise<T> {
  const [name, ...others] = names;
  if (name === undefined) return work(held);
  const { fields } = session.configuration.provider;
  const store = await openProviderStore({ name, fields }, options, io, 'write');
  try {
    const lease = leaseContext(store, 'key rotate', io, statusOf(io).tell);
    return await withLease(lease, name, options.wait, () =>
      underLeases(others, session, options, io, work, new Map([...held, [name, store]])),
    );
  } finally {
    await store.close();
  }
}

/** A new one; where there are several already, the newest: a run that was ended has not come to its end. */
async function keyToSealUnder(session: Session, io: Io): Promise<SealingKey> {
  const { keys } = session;
  const isFirst = keys.keys().length === 0;
  const newest = keys.newest();
  const isMade = isFirst || keys.keys().length > 1;
  if (!isMade && keys.file === null) {
    throw new TrueupError('TRUEUP_USAGE', `The key is that of ${keys.place}, which Trueup cannot change.`, {
      cause: 'A new key can only be added by whoever sets the variable.',
      remedy: `Set ${keys.place} to both keys, the old one first and the new one behind it, and run this again; then take the old one away. \`openssl rand -base64 32\` makes one.`,
    });
  }
  const key = isMade ? newest : freshKey(systemClock.now());
  const context = session.context(statusOf(io).tell);
  const old = keys.keys().flatMap(({ id }) => (id === key.id ? [] : [id]));
  await appendAudit(context, [{ kind: 'key', run: context.ids.next(), detail: { key: key.id, old } }]);
  if (!isMade && keys.file !== null) replaceKeyFile(keys.file, [...keys.keys(), key]);
  return key;
}

/** What sealed a backup or another store may be needed once more: kept beside the file, where nothing is opened with it. */
function retire(keys: KeyRing, key: SealingKey, old: readonly SealingKey[]): string | null {
  if (keys.file === null || old.length === 0) return null;
  const path = `${keys.file}.retired`;
  const before = readKeyFile(path)?.keys ?? [];
  const known = new Set(before.map(({ id }) => id));
  replaceKeyFile(path, [...before, ...old.filter(({ id }) => !known.has(id))]);
  replaceKeyFile(keys.file, [key]);
  return path;
}

function unfinished(fault: TrueupError, count: number): TrueupError {
  const rest = count === 1 ? '' : ` ${counted(count - 1, 'other')} ${count === 2 ? 'does' : 'do'} not open either.`;
  return new TrueupError(fault.code, `${fault.message}${rest} The rest is sealed anew, and the old keys stay.`, {
    remedy: fault.remedy,
  });
}

function told({ key, old, retired, passwords, rotationKeys }: Result): string {
  const count = `${counted(passwords, 'password')} and ${counted(rotationKeys, 'key')} of rotations`;
  const sealed = `${count} sealed anew, under the key ${key}.`;
  if (old.length === 0) return sealed;
  const were = old.length === 1 ? 'The old key' : 'The old keys';
  const verb = old.length === 1 ? 'is' : 'are';
  if (retired === null)
    return `${sealed}\n${were} ${old.join(', ')} ${verb} needed no more: take it out of TRUEUP_KEY.`;
  return `${sealed}\n${were} ${verb} in ${retired} now; nothing of this store needs ${old.length === 1 ? 'it' : 'them'} any more.`;
}
