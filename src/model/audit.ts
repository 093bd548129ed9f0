import type { PlanValue } from './plan.ts';

/**
 * `apply`: a plan is about to be carried out · `allowance`: a guard is set aside for it · `approval`: a wave is released for
 * it · `outcome`: what became of it · `attribution`: devices are asked who made a difference, by an action of its own ·
 * `reveal`: somebody is about to see a password · `export`: passwords are about to be sealed to somebody's key · `key`: what
 * is sealed is about to be sealed under a new key · `backup` and `restore`: of store and keys · `trial`: doctor is about to
 * make an account on a test machine, and to delete it again.
 */
export type AuditKind =
  | 'apply'
  | 'allowance'
  | 'approval'
  | 'outcome'
  | 'attribution'
  | 'reveal'
  | 'export'
  | 'key'
  | 'backup'
  | 'restore'
  | 'trial';

/** Who did what: one link of a chain that every provider of a store shares, and that only grows. */
export interface AuditRecord {
  /** From 1, without a gap. */
  readonly number: number;
  /** ISO time. */
  readonly at: string;
  readonly kind: AuditKind;
  /** `user@host` */
  readonly by: string;
  /** Of the Git checkout that the configuration lies in; null: it lies in none. */
  readonly commit: string | null;
  readonly provider: string;
  readonly run: string;
  /** Never a secret. */
  readonly detail: Readonly<Record<string, PlanValue>>;
  /** Hash of the record before it; of the first, {@link auditRoot}. */
  readonly previous: string;
  /** SHA-256 of the canonical JSON of all the rest, in hexadecimal. */
  readonly hash: string;
}

export const auditRoot: string = '0'.repeat(64);

/** The newest link as somebody saw it and signed it, kept apart from the chain. */
export interface AuditHead {
  readonly number: number;
  readonly hash: string;
  /** ISO time. */
  readonly at: string;
}
