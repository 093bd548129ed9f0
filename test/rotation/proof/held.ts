/** What is held durably, opened: the passwords in the store, and the private keys that open what devices have sealed. */
import type { Vault } from '../../../src/credential-ports.ts';
import {
  type AccountCredentials,
  type Credential,
  credentialBinding,
  type RotationKey,
  rotationKeyBinding,
} from '../../../src/model/credential.ts';
import type { Store } from '../../../src/ports.ts';
import { accountRids } from './machine.ts';

export interface HeldPassword extends Credential {
  readonly text: string;
}

export interface HeldAccount {
  readonly record: AccountCredentials;
  readonly passwords: readonly HeldPassword[];
}

export interface Holdings {
  readonly accountOf: (computerId: string, rid: number) => HeldAccount | null;
  /** Null: it is not held. */
  readonly keyOf: (rotation: string) => HeldKey | null;
  readonly accounts: readonly HeldAccount[];
}

export interface HeldKey {
  readonly publicKey: string;
  /** PKCS #8 in DER. */
  readonly privateKey: Buffer;
}

/** Reads whatever the store holds; what was opened once is not opened again. */
export function reader(
  store: Pick<Store, 'credentials' | 'rotationKeys'>,
  vault: Vault,
  provider: string,
): () => Promise<Holdings> {
  const texts = new Map<string, string>();
  const keys = new Map<string, Buffer>();

  function textOf(record: AccountCredentials, one: Credential): string {
    const known = texts.get(one.sealed);
    if (known !== undefined) return known;
    const text = vault.open(one.sealed, credentialBinding(provider, record, one)).toString('utf8');
    texts.set(one.sealed, text);
    return text;
  }

  function privateKeyOf({ id, sealed }: RotationKey): Buffer {
    const key = keys.get(sealed) ?? vault.open(sealed, rotationKeyBinding(provider, id));
    keys.set(sealed, key);
    return key;
  }

  return async function read(): Promise<Holdings> {
    const accounts: HeldAccount[] = [];
    for await (const record of store.credentials()) {
      accounts.push({ record, passwords: record.credentials.map((one) => ({ ...one, text: textOf(record, one) })) });
    }
    const held = new Map<string, RotationKey>();
    for await (const key of store.rotationKeys()) held.set(key.id, key);
    return {
      accounts,
      accountOf: (computerId, rid) =>
        accounts.find(({ record }) => record.computerId === computerId && accountRids[record.account] === rid) ?? null,
      keyOf: (id) => {
        const key = held.get(id);
        return key === undefined ? null : { publicKey: key.publicKey, privateKey: privateKeyOf(key) };
      },
    };
  };
}
