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
