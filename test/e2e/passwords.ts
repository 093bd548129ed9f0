/** Passwords in the store of a folder, as a rotation leaves them. */
import { join } from 'node:path';
import { type AccountCredentials, type Credential, credentialBinding } from '../../src/model/credential.ts';
import { defaultFields } from '../../src/model/provider-fields.ts';
import type { Store } from '../../src/ports.ts';
import { keyRing } from '../../src/secrets/key-ring.ts';
import { vaultOf } from '../../src/secrets/vault.ts';
import { openStore } from '../../src/store/open.ts';
import { aCredential, anAccount } from '../store/conformance/credentials.ts';

/** As `examples/minimal` calls it. */
export const provider = 'Production Tanium';

export interface KeptPassword extends Partial<Omit<Credential, 'sealed'>> {
  readonly rotation: string;
  readonly plain: string;
}

export interface Place {
  readonly cwd: string;
  /** Of another store than the embedded one of the folder. */
  readonly store?: string;
  readonly provider?: string;
}

export async function withStore<T>(place: Place, act: (store: Store) => Promise<T>): Promise<T> {
  const options = { provider: place.provider ?? provider, fields: defaultFields, mode: 'write' } as const;
  const store = await openStore(place.store ?? 'sqlite:.trueup/state.db', options, { cwd: place.cwd });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}

/** Seals them under the key of the folder, which is made where there is none. */
export async function keep(
  place: Place,
  computerId: string,
  account: string,
  passwords: readonly KeptPassword[],
): Promise<void> {
  const file = join(place.cwd, '.trueup', 'key');
  const now = (): string => '2026-03-02T09:00:00.000Z';
  const vault = vaultOf(keyRing({ env: {}, cwd: place.cwd, file, mayMake: true, now }));
  const whose = { computerId, account, rid: account === 'builtin' ? 500 : 1001 };
  const credentials = passwords.map(({ plain, ...more }) => {
    const credential = aCredential(more.rotation, more);
    const binding = credentialBinding(place.provider ?? provider, whose, credential);
    return { ...credential, sealed: vault.seal(Buffer.from(plain), binding) };
  });
  await withStore(place, async (store) => {
    await store.putCredentials([anAccount(computerId, { ...whose, credentials })]);
  });
}

export async function enroll(place: Place, computers: readonly (readonly [id: string, name: string])[]): Promise<void> {
  await withStore(place, async (store) => {
    const rest = { domain: 'corp.example', os: 'Windows 11', insertedAt: '2026-03-01T00:00:00.000Z' };
    await store.enroll(computers.map(([computerId, name]) => ({ computerId, name, ...rest })));
  });
}

export async function kept(place: Place, computerId: string): Promise<readonly AccountCredentials[]> {
  return withStore(place, async (store) => {
    const records: AccountCredentials[] = [];
    for await (const record of store.credentials([computerId])) records.push(record);
    return records;
  });
}
