/**
 * One question for a whole group, its answers kept batch by batch as they come. It asks a sensor and makes no action, so
 * it changes no device (npsd-domain.md item 12) and a fleet without the package has it too (items 54, 117 and C12).
 */
import type { ScanTotals } from '../../model/scan.ts';
import type { DeviceRow } from '../../ports.ts';
import { type Due, freshestNeed, realTimeSeconds } from '../../reconcile/scan-due.ts';
import { whomToAsk } from '../../reconcile/scan-retry.ts';
import type { ScanContext, ScanRecords } from './context.ts';
import { keepResults } from './keep.ts';
import type { Progress } from './record.ts';
import { ageWords, type ScanResult } from './result.ts';
import { sorterOf } from './sort.ts';

export interface BulkRequest {
  readonly run: string;
  readonly records: ScanRecords;
  readonly due: Due;
  /** Past every cache, whatever the devices need. */
  readonly collectNow: boolean;
  /** Told of answers that are on their way, of each batch that is kept, and of each retry. */
  readonly advanced: (progress: Progress) => Promise<void>;
}

export interface BulkProgress {
  readonly answering: null;
  readonly totals: ScanTotals;
  readonly retries: number;
  readonly questionId: string | null;
}

export interface BulkEnd extends BulkProgress {
  /** Whether the time of `bulk_scan_timeout_seconds` was over before all had answered. */
  readonly timedOut: boolean;
  /** Computers that were not scanned, and why: they are to be scanned one by one. */
  readonly left: readonly ScanResult[];
  /** Machines of the group that Tanium counts. */
  readonly members: number;
}

/** Milliseconds before those that are missing are asked again. */
const retryPause = 1_000;

/** Throws what scanner and store throw; what was kept until then stays, and `advanced` was told of it. */
export async function bulkScan(context: ScanContext, request: BulkRequest): Promise<BulkEnd> {
  const { scanner, clock, signal } = context;
  const { records, due, run } = request;
  const { options } = records;
  const began = Date.parse(clock.now());
  const elapsed = (): number => Math.max(0, Date.parse(clock.now()) - began) / 1000;
  const rest = (): number => options.bulk_scan_timeout_seconds - elapsed();
  const maxAgeSeconds = request.collectNow ? realTimeSeconds : freshestNeed(due.computers, options);
  const sensor = { sensor: options.sensor_name, maxAgeSeconds, signal };
  // Of one question, not of each device: equal results are one write.
  let duration = 0;
  const success = ageWords(maxAgeSeconds);
  const sorter = sorterOf(due, { owner: context.store.owner, success, duration: () => duration });

  const callsBefore = context.requests().calls;
  let told = Promise.resolve();
  const answer = await scanner.scanGroup({
    ...sensor,
    group: options.bulk_scan_group,
    timeoutSeconds: options.bulk_scan_timeout_seconds,
    progress: (answered, expected) => {
      context.tell({ kind: 'scan', answered, expected });
      told = told.then(() => request.advanced({ answering: { answered, of: expected } }));
      // Thrown where it is waited for; where the question ends with an error, that one counts.
      told.catch(() => {});
    },
  });
  await told;
  // One time for all results of a run, those of its retries among them (#119).
  const scanTs = new Date(answer.at).toISOString();
  let updated = 0;
  let retries = 0;
  const progress = (ended = false): BulkProgress => {
    const totals = { ...sorter.totals(answer.expected, ended), updated };
    return { totals, answering: null, retries, questionId: answer.question };
  };
  const keep = async (batch: readonly ScanResult[]): Promise<void> => {
    updated += await keepResults(context, { run, scanTs }, batch);
    await request.advanced(progress());
  };
  const take = async (rows: AsyncIterable<DeviceRow>): Promise<void> => {
    duration = elapsed();
    const size = options.bulk_scan_batch_size;
    try {
      for await (const row of rows) {
        signal.throwIfAborted();
        sorter.add(row);
        if (sorter.waiting() >= size) await keep(sorter.take(size));
      }
      sorter.matchNames();
    } finally {
      // Also what came before an interruption stays (#133).
      while (sorter.waiting() > 0) await keep(sorter.take(size));
    }
  };
  await request.advanced(progress());
  await take(answer.rows);
  const asked = new Set<string>();
  while (retries < options.bulk_scan_retry_attempts && rest() > 0) {
    const missing = sorter.toAskAgain(answer.heard());
    if (missing.length === 0) break;
    const computerIds = whomToAsk(missing, asked, answer.expected, context.requests().calls - callsBefore);
    for (const id of computerIds) asked.add(id);
    retries += 1;
    context.log.bulk('info', { run, retry: retries, devices: computerIds.length }, 'bulk_scan retry');
    await clock.sleep(Math.min(retryPause, Math.max(1, rest() * 1000)), signal);
    await request.advanced(progress());
    const timeoutSeconds = Math.max(1, Math.ceil(rest()));
    const again = await scanner.scan({ ...sensor, computerIds, timeoutSeconds });
    await take(again.rows);
  }
  const left = sorter.left();
  await keepResults(context, { run, scanTs }, left);
  return { ...progress(true), timedOut: rest() <= 0 && left.length > 0, left, members: answer.expected };
}
