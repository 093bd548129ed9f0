import type { Source } from './desired.ts';

/** What became of a plan: the result of `apply`, and of each cycle of the daemon. */
export interface ApplyResult {
  /** Id of the run; null: there was nothing to do. */
  readonly run: string | null;
  /** Digest of the plan. */
  readonly plan: string;
  readonly actions: readonly ActionResult[];
  /** The verifying scan found nothing more to do on any device in scope, and nothing is held, pending or failed. */
  readonly converged: boolean;
  /** Each once, sorted by device. */
  readonly failed: readonly DeviceFailure[];
  /** Labels of the devices that have not answered yet, sorted. */
  readonly pending: readonly string[];
  /** Changes that a guard holds back, counted once per device. */
  readonly held: number;
  /** What stood between two waves, in their order; left out: no waves are declared. */
  readonly gates?: readonly GateResult[];
  /** Why nothing further was sent after the actions that were; left out: all was. */
  readonly stopped?: StoppedSending;
}

/** Another run spent a budget meanwhile, or the integration was turned off. */
export interface StoppedSending {
  readonly code: 'TRUEUP_BUDGET_EXCEEDED' | 'TRUEUP_PROVIDER_OFF';
  readonly message: string;
}

/** How a wave stood when the next one was to begin. */
export interface GateResult {
  /** Number and name of the wave. */
  readonly wave: number;
  readonly name: string;
  /** To which something was sent. */
  readonly devices: number;
  readonly healthy: number;
  /** Share of them that must be healthy, and in how many seconds since the first action. */
  readonly percent: number;
  readonly withinSeconds: number;
  /** False: nothing was sent to any later wave. */
  readonly passed: boolean;
  /** Of the gate. */
  readonly source: Source;
}

export interface ActionResult {
  readonly key: string;
  /** Numbers of devices. */
  readonly devices: number;
  readonly ok: number;
  readonly failed: number;
  readonly pending: number;
}

export interface DeviceFailure {
  /** Its label. */
  readonly device: string;
  /** One of `endpoint/errors.ts`, or `identity`, `no-report`, `not-verified`. */
  readonly code: string;
  readonly message: string;
}
