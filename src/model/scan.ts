/** What is kept of scans: of each run, of each computer's last one, and of those that are asked for. */
import type { Sid } from './sid.ts';

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
  /** Null: the record does not say, so it was not Trueup. */
  readonly source: ScanKind | null;
}

/** What one try to scan a computer came to. */
export interface ScanNote {
  /** The computer record's id. */
  readonly id: string;
  readonly lastScan: LastScan;
  /** Members of its Administrators; null: there is no inventory. */
  readonly administrators: readonly Sid[] | null;
}

/** A computer's administrators inventory: who may be, or was, an administrator (npsd-domain.md 1.1). */
export interface RecordedAdministrators {
  /** The computer record's id. */
  readonly id: string;
  readonly current: readonly RecordedAdministrator[];
}

export interface RecordedAdministrator {
  readonly sid: Sid;
  /** Whether the last inventory had it among the members; null: the record does not say. */
  readonly onHost: boolean | null;
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
  /** While a group's question is being answered: machines that have, of those that are to; null or left out: none is. */
  readonly answering?: { readonly answered: number; readonly of: number } | null;
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
export interface ScanDemand {
  /** The computer record's id. */
  readonly id: string;
  readonly name: string;
  /** ISO time. */
  readonly requestedAt: string;
  readonly by: string;
  readonly reason: 'asked' | 'fallback';
}

/** One that is in the queue. */
export interface QueuedScan extends ScanDemand {
  /** `since`: an ISO time. Null: it waits. */
  readonly inProgress: { readonly since: string; readonly holder: string } | null;
  /** How often somebody took it. */
  readonly attempts: number;
}
