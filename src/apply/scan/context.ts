import type { IntegrationOptions } from '../../model/options.ts';
import type { ScannedComputer } from '../../reconcile/scan-due.ts';
import type { RunContext } from '../context.ts';

/** What a scan works with besides what every run does. */
export interface ScanContext extends RunContext {
  /** Requests to Tanium so far, and those that failed; each repetition counts. */
  readonly requests: () => { readonly calls: number; readonly errors: number };
  readonly log: ScanLog;
}

/** Lines of svc_scan.log; those of a bulk scan go into bulk_scan.log too. */
export interface ScanLog {
  readonly scan: LogLine;
  /** Each message begins with `bulk_scan`, and one about an error goes on with `error` (npsd-domain.md items 140 and 141). */
  readonly bulk: LogLine;
}

export type LogLine = (level: 'info' | 'warn' | 'error', fields: object, message: string) => void;

/** What was read of the store before the first question. */
export interface ScanRecords {
  readonly computers: readonly ScannedComputer[];
  readonly options: IntegrationOptions;
}

/** A batch is not worth a look at the lease; a process that was stopped for long sees it by the clock. */
const heldMilliseconds = 1_000;

/** The same context, which asks for its lease once a second at most, however often it writes. */
export function seldomAsking(context: ScanContext): ScanContext {
  let askedAt = Number.NEGATIVE_INFINITY;
  const assertHeld = async (): Promise<void> => {
    const now = Date.parse(context.clock.now());
    if (Math.abs(now - askedAt) < heldMilliseconds) return;
    await context.assertHeld();
    askedAt = now;
  };
  return { ...context, assertHeld };
}
