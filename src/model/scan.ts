/** What is kept of scans: of each run, of each computer's last one, and of those that are asked for. */

/** How a computer was asked. */
export type ScanKind = 'cached' | 'realtime' | 'bulk';

export type ScanStatus = 'running' | 'completed' | 'partial' | 'timeout' | 'failed' | 'interrupted';

/** What a record says of the last try to scan its computer (npsd-domain.md 1.7). */
export interface LastScan {
  readonly success: boolean;
  readonly msg: string;
  readonly error: string | null;
  /** Seconds. */
  readonly duration: number;
  /** ISO time, one for all of a bulk run. */
  readonly scanTs: string;
  readonly source: ScanKind;
}

/** One row of bulk_scan_history (npsd-domain.md 4.8), and of every other scan of ours: `kind` tells them apart. */
export interface ScanRun {
  readonly id: string;
  readonly kind: 'scan' | 'bulk' | 'device';
  readonly provider: string;
  readonly group: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly status: ScanStatus;
  readonly questionId: string | null;
  readonly actionId: string | null;
  readonly totals: ScanTotals;
  readonly retries: number;
  readonly apiCalls: number;
  readonly apiErrors: number;
  readonly durationSeconds: number;
  readonly errors: readonly string[];
}

/** Counts of devices. */
export interface ScanTotals {
  readonly targeted: number;
  readonly matched: number;
  /** In Tanium, not in NPS-D. */
  readonly unmatched: number;
  /** In NPS-D, not in Tanium. */
  readonly missing: number;
  readonly completed: number;
  readonly failed: number;
  readonly offline: number;
  /** Put into the queue, to be scanned one by one. */
  readonly fallback: number;
  readonly updated: number;
}

/** One request to scan one computer. */
export interface QueuedScan {
  /** The computer record's id. */
  readonly id: string;
  readonly name: string;
  readonly requestedAt: string;
  readonly by: string;
  readonly reason: 'asked' | 'fallback';
  readonly inProgress: { readonly since: string; readonly holder: string } | null;
  readonly attempts: number;
}
