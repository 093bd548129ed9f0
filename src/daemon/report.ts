/** What one cycle came to: the line that the daemon prints of it. Keys may be added, never changed. */

import type { DriftNews } from '../apply/drift.ts';
import { type ErrorBrief, isInterruption } from '../errors.ts';
import type { ApplyResult } from '../model/apply.ts';
import type { Plan } from '../model/plan.ts';
import type { CycleScan } from './scan.ts';

export interface CycleReport {
  readonly cycle: number;
  /** ISO time of its begin. */
  readonly at: string;
  readonly seconds: number;
  readonly mode: 'enforce' | 'observe';
  /**
   * `open`: something is left to be done, held or pending · `failed`: on some devices · `refused`: by a budget or for
   * want of observed devices · `error`: the cycle did not come to its end.
   */
  readonly status: 'converged' | 'open' | 'failed' | 'refused' | 'error' | 'interrupted';
  /** What `apply` would have exited with. */
  readonly exitCode: number;
  readonly provider: string;
  /** Digest of the configuration in force. */
  readonly config: string;
  /** Why the configuration on the disk is not the one in force; null: it is. */
  readonly configProblem: ErrorBrief | null;
  /** Null: the integration is off. */
  readonly scan: CycleScan | null;
  readonly run: string | null;
  readonly plan: string | null;
  readonly devices: { readonly selected: number; readonly observed: number; readonly answered: number } | null;
  /** Changes found, actions sent; `failed` and `pending` count devices, `held` changes, once per device. */
  readonly changes: number;
  readonly actions: number;
  readonly failed: number;
  readonly pending: number;
  readonly held: number;
  readonly drift: { readonly opened: number; readonly resolved: number };
  readonly error: ErrorBrief | null;
  /** ISO time of the next cycle; null: there is none. */
  readonly next: string | null;
}

/** What a cycle did, as far as it came. */
export interface CycleOutcome {
  readonly exitCode: number;
  readonly run: string | null;
  readonly plan: Plan | null;
  /** Null: nothing was enforced. */
  readonly result: ApplyResult | null;
  readonly drift: DriftNews;
  readonly error: unknown;
}

export function statusOf({ exitCode, error }: Pick<CycleOutcome, 'exitCode' | 'error'>): CycleReport['status'] {
  if (isInterruption(error)) return 'interrupted';
  if (error !== null) return 'error';
  switch (exitCode) {
    case 0:
      return 'converged';
    case 6:
      return 'failed';
    case 3:
    case 4:
      return 'refused';
    default:
      return 'open';
  }
}
