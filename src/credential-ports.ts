/** What keeps passwords: a store that never sees one, and the vault that seals them. */
import type { AccountCredentials, RotationKey } from './model/credential.ts';

/** Of one provider. */
export interface CredentialStore {
  /** Durable when it resolves. A key of this id that is there already stays as it is. */
  putRotationKey(key: RotationKey): Promise<void>;
  rotationKey(id: string): Promise<RotationKey | null>;
  /** Ordered by id. */
  rotationKeys(): AsyncIterable<RotationKey>;
  /** Puts another seal on a key, where it still has this one. Answers whether it had. */
  resealRotationKey(id: string, from: string, to: string): Promise<boolean>;
  removeRotationKeys(ids: readonly string[]): Promise<void>;
  /**
   * Writes each record, whole, in place of the one with its `revision`; the stored one has the next. Durable when it
   * resolves. Answers those that were not written: their revision is no longer the stored one.
   */
  putCredentials(records: readonly AccountCredentials[]): Promise<readonly AccountCredentials[]>;
  /** Ordered by device, then account; of these devices only where they are given. */
  credentials(computerIds?: readonly string[]): AsyncIterable<AccountCredentials>;
}

/** Seals and opens under keys that never leave it. */
export interface Vault {
  /**
   * `binding` is not kept in the seal: whoever opens must know it, so that what was copied elsewhere does not open. The
   * plain bytes are the caller's to overwrite.
   */
  seal(plain: Buffer, binding: readonly string[]): string;
  /** @throws TRUEUP_KEY_MISSING for a seal of a key that is not here, TRUEUP_SEAL_BROKEN where seal or binding is another */
  open(sealed: string, binding: readonly string[]): Buffer;
  /** Whether it is sealed under the newest key. */
  isNewest(sealed: string): boolean;
}
