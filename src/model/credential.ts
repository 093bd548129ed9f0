/**
 * What is kept of the passwords of local accounts. Nothing here is ever plain: what is sealed, `Vault` opens, and of an
 * account of a device everything is one record, so that each write is whole without a transaction.
 */
import type { Sid } from './sid.ts';

/** Where a password is made: on the device, which seals it to our key, or here, sealed to the device's. */
export type Generator = 'endpoint' | 'controller';

/**
 * `pending`: the account may have it, and nobody has said so yet · `current`: the device has reported it, or an inventory
 * shows it · `previous`: another one came after it.
 */
export type CredentialState = 'pending' | 'current' | 'previous';

/** One password that an account of a device has, may have, or had. */
export interface Credential {
  /** Id of the rotation that made it, and which of its attempts: no two passwords of an account share both. */
  readonly rotation: string;
  readonly attempt: number;
  /**
   * Of generator `controller`: fingerprint of the device's key that it was sealed to; the device's journal does not know
   * of it, and no mark of an inventory is of it. Null: the device made it.
   */
  readonly session: string | null;
  readonly state: CredentialState;
  /** Sealed by the vault, bound to provider, device, account, rotation and attempt. */
  readonly sealed: string;
  /** The same sealed to the policy's recovery keys, by their fingerprints: what opens when our own key is gone. */
  readonly recovery: readonly { readonly key: string; readonly box: string }[];
  /** By the device's clock, ISO 8601 to the second; null: it has not said. */
  readonly setAt: string | null;
  /** ISO time, by our clock. */
  readonly keptAt: string;
  /** ISO time at which the policy's sink took it; null: it has not, or there is none. */
  readonly handedOutAt: string | null;
  /** ISO time since when another one is current; null: none is. */
  readonly endedAt: string | null;
  /** Whether an inventory has shown that the account has it. */
  readonly confirmed: boolean;
  /** Whether the device knows that we have it. */
  readonly acknowledged: boolean;
  /** ISO time of the first reveal; null: nobody has read it. */
  readonly revealedAt: string | null;
}

/** A rotation whose outcome is not known yet. */
export interface OpenRotation {
  readonly id: string;
  readonly generator: Generator;
  /** ISO time of the first time it was asked for. */
  readonly askedAt: string;
  /** Of what it was to be made then, see `reconcile/demands.ts`. */
  readonly demands: string;
}

/** What is kept of one account of one device. */
export interface AccountCredentials {
  readonly computerId: string;
  /** `builtin`, or the account's declared name in lower case: what is known before there is such an account. */
  readonly account: string;
  /** As the device reported it; null: it has not yet. */
  readonly rid: number | null;
  /** The machine whose account it is; null: it has not reported yet. */
  readonly machineSid: Sid | null;
  /** Grows with each write; 0: it was never written. A write with an older one is refused. */
  readonly revision: number;
  /** Null: nothing is unsettled. While there is one, no other is begun: the device is asked again with the same id. */
  readonly open: OpenRotation | null;
  /** Digest of the policy's demands that the current one was made under; null: there is none. */
  readonly demands: string | null;
  /** Newest first. */
  readonly credentials: readonly Credential[];
}

/** The key pair of one rotation, durable before its action is sent; one rotation is one session (#180). */
export interface RotationKey {
  /** Id of the rotation. */
  readonly id: string;
  /** ISO time. */
  readonly createdAt: string;
  /** Modulus and exponent, see `endpoint/envelope.ts`. */
  readonly publicKey: string;
  /** The private key, PKCS #8 in DER, sealed by the vault and bound to provider and rotation. */
  readonly sealed: string;
}

/** What the seal of a password is bound to. Of everybody who seals or opens one. */
export function credentialBinding(
  provider: string,
  { computerId, account }: Pick<AccountCredentials, 'computerId' | 'account'>,
  { rotation, attempt }: Pick<Credential, 'rotation' | 'attempt'>,
): readonly string[] {
  return [provider, computerId, account, rotation, String(attempt)];
}

/** What the seal of a rotation's private key is bound to. */
export function rotationKeyBinding(provider: string, id: string): readonly string[] {
  return [provider, 'rotation key', id];
}
