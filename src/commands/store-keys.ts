/** Where the keys of a store are, and the vault that seals with them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../ports.ts';
import { type KeyRing, keyRing } from '../secrets/key-ring.ts';
import type { Io } from './io.ts';
import type { SessionOptions } from './session.ts';
import { stateFolder } from './state-folder.ts';
import { systemClock } from './system.ts';

/** Unless TRUEUP_KEY_FILE or TRUEUP_KEY says otherwise. */
export function keyFileOf(store: string, io: Pick<Io, 'cwd'>): string {
  return join(stateFolder(store, io).folder, 'key');
}

/** Nothing is read or made before something is sealed or opened. Throws TRUEUP_USAGE. */
export async function keysOf(
  store: Pick<Store, 'sealedProviders'>,
  options: Pick<SessionOptions, 'store'>,
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
  mode: 'read' | 'write',
): Promise<KeyRing> {
  const source = { env, cwd, file: keyFileOf(options.store, { cwd }), now: () => systemClock.now() };
  const ring = keyRing({ ...source, mayMake: false });
  if (mode === 'read' || ring.file === null || existsSync(ring.file)) return ring;
  return keyRing({ ...source, mayMake: (await store.sealedProviders()).length === 0 });
}
