/** `trueup key list`: which keys there are, and what is sealed under each. */
import { TrueupError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { errorText } from '../render/error-text.ts';
import { keysJson, keysText, type ListedKey } from '../render/keys.ts';
import { sealedUnder } from '../secrets/vault.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { openProviderStore, openSession, type SessionOptions } from './session.ts';

export interface KeyListOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
}

/** Exits 0; 1 with TRUEUP_KEY_MISSING on standard error where something is sealed under a key that is not there. */
export async function keyList(options: KeyListOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  try {
    const { keys, configuration } = session;
    const counts = new Map<string, Count>();
    for (const name of await session.store.sealedProviders()) {
      const store = await openProviderStore({ name, fields: configuration.provider.fields }, options, io, 'read');
      try {
        await countSeals(store, counts);
      } finally {
        await store.close();
      }
    }
    const known = keys.keys();
    const ids = new Set([...known.map(({ id }) => id), ...[...counts.keys()].toSorted()]);
    const listed = [...ids].map((id): ListedKey => {
      const key = known.find((one) => one.id === id);
      const { passwords, rotationKeys } = counts.get(id) ?? { passwords: 0, rotationKeys: 0 };
      const newest = known.at(-1)?.id === id;
      return { id, madeAt: key?.madeAt ?? null, here: key !== undefined, newest, passwords, rotationKeys };
    });
    const list = { place: keys.place, keys: listed };
    io.out(options.format === 'json' ? keysJson(list) : keysText(list, { ...viewOf(io), devices: false }));
    const lost = listed.filter(({ here }) => !here);
    if (lost.length === 0) return 0;
    const error = missing(lost, keys.place);
    io.err(errorText(error, viewOf(io)));
    return error.exitCode;
  } finally {
    await session.close();
  }
}

/** The list stands on standard output already, as one document. */
function missing(lost: readonly ListedKey[], place: string): TrueupError {
  const names = lost.map(({ id }) => id).join(', ');
  return new TrueupError('TRUEUP_KEY_MISSING', `What is sealed under ${names} does not open: not in ${place}.`);
}

interface Count {
  passwords: number;
  rotationKeys: number;
}

async function countSeals(store: Store, counts: Map<string, Count>): Promise<void> {
  const of = (sealed: string): Count => {
    const id = sealedUnder(sealed) ?? 'unknown';
    const count = counts.get(id) ?? { passwords: 0, rotationKeys: 0 };
    counts.set(id, count);
    return count;
  };
  for await (const { sealed } of store.rotationKeys()) of(sealed).rotationKeys += 1;
  for await (const { credentials } of store.credentials()) {
    for (const { sealed } of credentials) of(sealed).passwords += 1;
  }
}
