import type { Plan } from './plan.ts';
import type { FailedGate } from './recorded.ts';

export type RunStatus = 'running' | 'done' | 'failed' | 'interrupted';

export interface Run {
  readonly id: string;
  readonly kind: 'apply' | 'reconcile' | 'scan' | 'attribute';
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly status: RunStatus;
  readonly plan: Plan | null;
  readonly config: string;
  readonly by: string;
  readonly summary: Readonly<Record<string, number>>;
  /** The gate that holds the waves after this run, be it of an earlier one; left out: none does. */
  readonly failedGate?: FailedGate;
}
