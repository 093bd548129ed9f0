/** Scans the computers of the queue, and takes each out of it as soon as its result is kept. */
import type { QueuedScan, ScanTotals } from '../../model/scan.ts';
import { type ScannedComputer, whyNotDue } from '../../reconcile/scan-due.ts';
import type { ScanContext } from './context.ts';
import { keepResults } from './keep.ts';
import { type SingleScans, scanEach } from './one-by-one.ts';
import type { RealTimeScan } from './realtime.ts';
import { mostErrors, noTotals, type Progress } from './record.ts';
import { isSkip, type ScanResult } from './result.ts';

export interface QueueRequest extends SingleScans {
  /** Seconds after which what still waits is left for another time; null: none is left. */
  readonly seconds: number | null;
  readonly advanced: (progress: Progress) => Promise<void>;
}

export interface QueueEnd {
  readonly totals: ScanTotals;
  /** Ids of the records of those that were scanned. */
  readonly scanned: ReadonlySet<string>;
  /** Those of them that have no inventory, in the order in which they were scanned. */
  readonly failures: readonly ScanResult[];
  /** What could not be read, with the device's name. */
  readonly errors: readonly string[];
  readonly questionId: null;
  readonly actionId: string | null;
}

/** Taken at a time: so many fit into one question. */
const takenAtOnce = 500;

/** On an error or an abort, those that were taken and not scanned wait again, and what was scanned is kept. */
export async function workQueue(context: ScanContext, request: QueueRequest): Promise<QueueEnd> {
  const { store, clock } = context;
  const byId = new Map(request.records.computers.map((computer) => [computer.id, computer]));
  const began = Date.parse(clock.now());
  const scanned = new Set<string>();
  const failures: ScanResult[] = [];
  const errors: string[] = [];
  let totals: ScanTotals = noTotals;
  let actionId: string | null = null;
  let waiting = 0;

  const ended = async (scans: readonly RealTimeScan[]): Promise<void> => {
    const [first] = scans;
    if (first === undefined) return;
    const scanTs = new Date(first.at ?? clock.now()).toISOString();
    const found = scans.map(({ result }) => result);
    const updated = await keepResults(context, { run: request.run, scanTs }, found);
    await store.finish(found.map(({ record }) => record.id));
    for (const result of found) {
      scanned.add(result.record.id);
      if (result.failure !== null) failures.push(result);
    }
    for (const scan of scans) {
      actionId = scan.actionId ?? actionId;
      if (scan.raw !== null && errors.length < mostErrors) {
        errors.push(`${scan.result.record.name}: ${scan.result.message}: ${scan.raw}`);
      }
      logResult(context, request.run, scan);
    }
    totals = added(totals, found, updated);
    await request.advanced({ totals, actionId, errors });
    context.tell({ kind: 'scan', answered: scanned.size, expected: scanned.size + waiting });
  };

  const isOver = (): boolean => {
    return request.seconds !== null && Date.parse(clock.now()) - began >= request.seconds * 1000;
  };
  while (!isOver()) {
    context.signal.throwIfAborted();
    await context.assertHeld();
    const taken = await store.take(takenAtOnce, takerOf(context, request.run));
    if (taken.length === 0) break;
    const open = new Set(taken.map(({ id }) => id));
    waiting = open.size;
    try {
      const due = await dropped(context, taken, byId, open);
      await scanEach(context, request, due, isOver, async (scans) => {
        for (const { result } of scans) open.delete(result.record.id);
        waiting = open.size;
        await ended(scans);
      });
    } finally {
      // Also where the store itself has failed: then a later run finds them stuck.
      if (open.size > 0) await store.putBack([...open]).catch(() => {});
    }
  }
  return { totals, scanned, failures, errors, questionId: null, actionId };
}

/** The lease tells that whoever took one before is dead. */
function takerOf({ clock, by }: ScanContext, run: string): Parameters<ScanContext['store']['take']>[1] {
  const now = clock.now();
  const holder = `${by} ${run}`;
  return { holder, now, isDead: (other) => other !== holder, stuckBefore: now };
}

/** Without those whose record is gone, or whose scan somebody turned off meanwhile (#109). */
async function dropped(
  { store, provider }: ScanContext,
  taken: readonly QueuedScan[],
  byId: ReadonlyMap<string, ScannedComputer>,
  open: Set<string>,
): Promise<readonly ScannedComputer[]> {
  const due: ScannedComputer[] = [];
  const gone: string[] = [];
  for (const { id } of taken) {
    const record = byId.get(id);
    if (record === undefined || whyNotDue(record, provider) !== null) gone.push(id);
    else due.push(record);
  }
  for (const id of gone) open.delete(id);
  await store.finish(gone);
  return due;
}

/** Counts of devices by how their scan ended. */
export function countsOf(
  results: readonly Pick<ScanResult, 'failure'>[],
): Pick<ScanTotals, 'completed' | 'failed' | 'offline' | 'missing'> {
  const count = { completed: 0, failed: 0, offline: 0, missing: 0 };
  for (const { failure } of results) {
    if (failure === null) count.completed += 1;
    else if (failure === 'not-found') count.missing += 1;
    else if (failure === 'offline' || failure === 'last-seen-too-long-ago') count.offline += 1;
    else count.failed += 1;
  }
  return count;
}

function added(totals: ScanTotals, results: readonly ScanResult[], updated: number): ScanTotals {
  const { completed, failed, offline, missing } = countsOf(results);
  return {
    ...totals,
    targeted: totals.targeted + results.length,
    matched: totals.matched + results.length - missing,
    missing: totals.missing + missing,
    completed: totals.completed + completed,
    failed: totals.failed + failed,
    offline: totals.offline + offline,
    updated: totals.updated + updated,
  };
}

function logResult({ log }: ScanContext, run: string, { result, actionId }: RealTimeScan): void {
  const { record, source, failure, message, duration } = result;
  const level = failure === null || isSkip(failure) ? 'info' : 'warn';
  log.scan(level, { run, device: record.name, source, failure, message, seconds: duration, action: actionId }, 'scan');
}
