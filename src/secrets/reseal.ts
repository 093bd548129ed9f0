/** Puts everything that is sealed under the newest key, again and again until nothing is left: it may end at any point. */
import type { CredentialStore, Vault } from '../credential-ports.ts';
import { TrueupError } from '../errors.ts';
import { type AccountCredentials, credentialBinding, rotationKeyBinding } from '../model/credential.ts';

export interface Resealed {
  readonly passwords: number;
  readonly rotationKeys: number;
  /** How many do not open, and stay as they are. */
  readonly unopened: number;
  /** Why the first of them does not. */
  readonly fault: TrueupError | null;
}

/** Records of one write. */
const batch = 500;

/** Of one provider, under its lease: nobody else seals meanwhile. What is only read and noted by others is tried again. */
export async function resealAll(store: CredentialStore, vault: Vault, provider: string): Promise<Resealed> {
  const done = { passwords: 0, rotationKeys: 0 };
  for (;;) {
    const pass: Pass = { vault, provider, resealed: 0, unopened: 0, fault: null };
    done.rotationKeys += await resealKeys(store, pass);
    done.passwords += await resealCredentials(store, pass);
    if (pass.resealed === 0) return { ...done, unopened: pass.unopened, fault: pass.fault };
  }
}

interface Pass {
  readonly vault: Vault;
  readonly provider: string;
  resealed: number;
  unopened: number;
  fault: TrueupError | null;
}

async function resealKeys(store: CredentialStore, pass: Pass): Promise<number> {
  let count = 0;
  for await (const { id, sealed } of store.rotationKeys()) {
    const anew = resealed(sealed, rotationKeyBinding(pass.provider, id), pass);
    if (anew !== sealed && (await store.resealRotationKey(id, sealed, anew))) count += 1;
  }
  return count;
}

async function resealCredentials(store: CredentialStore, pass: Pass): Promise<number> {
  let count = 0;
  let waiting: { readonly record: AccountCredentials; readonly changed: number }[] = [];
  const write = async (): Promise<void> => {
    const refused = new Set(await store.putCredentials(waiting.map(({ record }) => record)));
    for (const { record, changed } of waiting) if (!refused.has(record)) count += changed;
    waiting = [];
  };
  for await (const record of store.credentials()) {
    const before = pass.resealed;
    const credentials = record.credentials.map((one) => {
      const sealed = resealed(one.sealed, credentialBinding(pass.provider, record, one), pass);
      return sealed === one.sealed ? one : { ...one, sealed };
    });
    if (pass.resealed > before) waiting.push({ record: { ...record, credentials }, changed: pass.resealed - before });
    if (waiting.length === batch) await write();
  }
  await write();
  return count;
}

/** The same where it is sealed under the newest key already, or does not open. */
function resealed(sealed: string, binding: readonly string[], pass: Pass): string {
  const { vault } = pass;
  if (vault.isNewest(sealed)) return sealed;
  let plain: Buffer;
  try {
    plain = vault.open(sealed, binding);
  } catch (error) {
    if (!(error instanceof TrueupError)) throw error;
    pass.unopened += 1;
    pass.fault ??= error;
    return sealed;
  }
  try {
    pass.resealed += 1;
    return vault.seal(plain, binding);
  } finally {
    plain.fill(0);
  }
}
