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

/** Common to the providers of a store: what a change of the key has to reach. */
export interface SealedStore {
  /** Names of the providers of which anything sealed is kept, sorted. */
  sealedProviders(): Promise<readonly string[]>;
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

/** Whoever may open a password without our key: an RSA key of which we have the public half. */
export interface Recipient {
  /** `SHA256:` and the hash of the public key in Base64, as OpenSSH writes them. */
  readonly fingerprint: string;
  /** Opens with the private half, and only for whom says the same binding. The plain bytes are the caller's to overwrite. */
  seal(plain: Buffer, binding: readonly string[]): string;
}

/** How a password travels: see `endpoint/envelope.ts`. Plain bytes and private keys are the caller's to overwrite. */
export interface Boxes {
  /** A new key pair, RSA-2048; the private key as PKCS #8 in DER. */
  makePair(): Promise<{ readonly publicKey: string; readonly privateKey: Buffer }>;
  /** What is in each of these, in their order; null: this key does not open it, or it is no text. */
  open(privateKey: Buffer, boxes: readonly string[]): Promise<readonly (Buffer | null)[]>;
  /** Null: the key is not one of RSA-2048. */
  seal(plain: Buffer, publicKey: string): string | null;
}

/** Whose password a command of the operator's is about. */
export interface PasswordOwner {
  readonly provider: string;
  readonly computerId: string;
  /** Computer Name. */
  readonly device: string;
  /** `builtin`, or the account's declared name in lower case. */
  readonly account: string;
  /** Id of the rotation. */
  readonly rotation: string;
}

/** The operator's commands that hand out or take a password; never as an argument, and never in an error. */
export interface PasswordCommands {
  /**
   * The first line of what it prints. The bytes are the caller's to overwrite.
   * @throws TRUEUP_SECRET_UNREADABLE
   */
  value(command: readonly string[], owner: PasswordOwner): Promise<Buffer>;
  /**
   * Gives it the value on standard input, and waits until it ends with 0.
   * @throws TRUEUP_SINK_FAILED
   */
  deliver(command: readonly string[], owner: PasswordOwner, value: Buffer): Promise<void>;
}
