/** What `trueup scan` prints, `schemas/scan.schema.json`: of one scan, and of the last ones. */
import type { ScanKind, ScanRun, ScanStatus } from './scan.ts';

export interface ScanReport {
  readonly version: 1;
  /** Of the run whose figures these are; null: there was nothing to scan. */
  readonly run: string | null;
  /** `scan`: the group's question where it is enabled, then one by one. */
  readonly kind: ScanRun['kind'];
  /** `queued`: another process works for the provider, and its next cycle scans the device. */
  readonly status: ScanStatus | 'queued';
  readonly provider: string;
  /** The group that was asked; null: none was. */
  readonly group: string | null;
  /** Windows machines that the scan was for. */
  readonly targeted: number;
  /** Computers of which an answer came, be it a bad one. */
  readonly answered: number;
  /** Computers that are due and that Tanium knows. */
  readonly matched: number;
  readonly unmatched: number;
  readonly missing: number;
  readonly completed: number;
  readonly failed: number;
  /** Of those that failed: devices that lack what a scan needs or are left alone: no second try would help. */
  readonly skipped: number;
  readonly offline: number;
  /** Devices that answer otherwise than before. */
  readonly updated: number;
  /** How often those that were missing were asked again. */
  readonly retried: number;
  /** Left by the group's question to be scanned one by one. */
  readonly fallback: number;
  readonly apiCalls: number;
  readonly apiErrors: number;
  readonly seconds: number;
  /** Null: no group was asked. */
  readonly mismatch: ReportedMismatch | null;
  /** Why the group's question found nobody; null: it found somebody, or none was asked. */
  readonly nobody: string | null;
  /** Computers on record that are not scanned, by why. */
  readonly notScanned: Readonly<Record<'scan-disabled' | 'other-provider' | 'not-windows', number>>;
  /** Computers without an inventory from this scan, in the order of their names. */
  readonly devices: readonly ReportedDevice[];
  /** The one device that was asked for; null: more than one was. */
  readonly device: ReportedDevice | null;
  /** What that device calls its administrators, by SID; one that it cannot resolve is missing. */
  readonly names: Readonly<Record<string, string>>;
}

export interface ReportedMismatch {
  readonly extra: number;
  /** Of the machines in the group; null: it has none. */
  readonly extraPercent: number | null;
  readonly missing: number;
  readonly level: 'ok' | 'warn' | 'no-data';
  readonly advice: string | null;
}

export interface ReportedDevice {
  readonly device: string;
  readonly source: ScanKind | null;
  /** Why there is no inventory; null: there is one. */
  readonly failure: string | null;
  readonly message: string;
  readonly seconds: number;
  /** Members of its Administrators, as SIDs, those of the machine itself as `~-RID`; null: not known. */
  readonly administrators: readonly string[] | null;
}

/** `trueup scan --status`. */
export interface ScanStatusReport {
  readonly version: 1;
  readonly provider: string;
  /** Newest first. */
  readonly runs: readonly ReportedRun[];
  /** The Bulk Scan Monitor: figures of the newest bulk scan; null: there was none. */
  readonly monitor: ScanMonitor | null;
  readonly queue: {
    readonly waiting: number;
    readonly inProgress: number;
    /** ISO time of the request that waits longest; null: none does. */
    readonly oldest: string | null;
  };
}

export interface ReportedRun extends Omit<ScanRun, 'id' | 'answering'> {
  readonly run: string;
}

export interface ScanMonitor {
  readonly run: string;
  readonly status: ScanStatus;
  /** Devices that have their answer, of those that are to have one. */
  readonly progress: { readonly done: number; readonly of: number };
  readonly metrics: readonly MonitorMetric[];
}

export type MetricName = 'success-rate' | 'scan-duration' | 'api-errors' | 'fallback-count';

export interface MonitorMetric {
  readonly metric: MetricName;
  /** Percent, or seconds of `scan-duration`; null: there is nothing to reckon it from. */
  readonly value: number | null;
  /** Strictly beyond this is as expected; the limit itself is not. */
  readonly limit: number;
  readonly state: 'ok' | 'abnormal' | 'no-data';
  /** What to do; null: nothing. */
  readonly action: string | null;
}
