import type { CredentialState } from './credential.ts';

/** What is kept of the passwords of one device, without any of them. */
export interface PasswordHistory {
  readonly device: string;
  readonly computerId: string;
  /** By account. */
  readonly accounts: readonly AccountHistory[];
}

export interface AccountHistory {
  readonly account: string;
  readonly rid: number | null;
  /** A rotation whose outcome nobody knows yet; null: there is none. */
  readonly open: { readonly rotation: string; readonly askedAt: string } | null;
  /** Newest first. */
  readonly passwords: readonly KeptPassword[];
}

export interface KeptPassword {
  readonly rotation: string;
  readonly attempt: number;
  readonly state: CredentialState;
  readonly setAt: string | null;
  readonly keptAt: string;
  readonly endedAt: string | null;
  readonly confirmed: boolean;
  readonly acknowledged: boolean;
  readonly handedOutAt: string | null;
  /** Fingerprints of the recovery keys that open it. */
  readonly recoveryKeys: readonly string[];
  /** As the audit chain has them, oldest first. */
  readonly reveals: readonly { readonly at: string; readonly by: string; readonly reason: string }[];
}
