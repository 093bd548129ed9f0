/** Scans the computers of the queue: what the cache may serve by one question, the others one by one in real time. */
import { isInterruption } from '../../errors.ts';
import type { ObservedDevice } from '../../model/observed.ts';
import type { QueuedScan, ScanTotals } from '../../model/scan.ts';
import { matchByName } from '../../reconcile/match.ts';
import { realTimeSeconds, type ScannedComputer, scanModeOf, whyNotDue } from '../../reconcile/scan-due.ts';
import { leftAlone, selectorsOfLeftAlone } from '../../reconcile/scan-left-alone.ts';
import { groupMembers } from '../survey.ts';
import { silenceOf } from './absent.ts';
import type { ScanContext, ScanRecords } from './context.ts';
import { keepResults } from './keep.ts';
import { type RealTimeScan, routeOnce, scanInRealTime } from './realtime.ts';
import { noTotals, type Progress } from './record.ts';
import { ageWords, isSkip, reader, resultOf, type ScanResult } from './result.ts';

export interface QueueRequest {
  readonly run: string;
  readonly records: ScanRecords;
  readonly collectNow: boolean;
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
/** Errors that a record keeps. */
const mostErrors = 20;
/** A device is waited for, and meanwhile three others. */
const inRealTimeAtOnce = 4;

/** A record and the machine that it is of. */
export interface Bound {
  readonly record: ScannedComputer;
  readonly computerId: string;
}

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

/** `ended` is told of each as soon as it is done; `isOver`: no further one is begun. */
export async function scanEach(
  context: ScanContext,
  request: Pick<QueueRequest, 'run' | 'records' | 'collectNow'>,
  due: readonly ScannedComputer[],
  isOver: () => boolean,
  ended: (scans: readonly RealTimeScan[]) => Promise<void>,
): Promise<void> {
  const { bound, absent } = await bind(context, due);
  await ended(absent.map((result) => ({ result, at: null, actionId: null, raw: null })));
  const cached = bound.filter(({ record }) => scanModeOf(record) === 'cached');
  if (cached.length > 0) await ended(await askCached(context, request, cached));
  const { options } = request.records;
  const route = routeOnce(context, options);
  const { free, alone } = await parted(
    context,
    bound.filter(({ record }) => scanModeOf(record) === 'realtime'),
  );
  await ended(alone);
  const waiting = free.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const one of waiting) {
      if (failed || isOver()) return;
      try {
        await ended([await scanInRealTime(context, request.run, one, options, route)]);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: inRealTimeAtOnce }, worker));
  const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  const [first] = errors;
  if (errors.length > 0) throw errors.find(isInterruption) ?? first;
}

/** Whom an action may be sent to, and whom somebody wants left alone. */
async function parted(
  context: ScanContext,
  computers: readonly Bound[],
): Promise<{ readonly free: readonly Bound[]; readonly alone: readonly RealTimeScan[] }> {
  if (computers.length === 0) return { free: [], alone: [] };
  const { desired, labels, clock } = context;
  const members = await groupMembers(context, selectorsOfLeftAlone(desired));
  const whyAlone = leftAlone(desired, { groupMembers: members }, labels, clock.now());
  const free: Bound[] = [];
  const alone: RealTimeScan[] = [];
  for (const one of computers) {
    const why = whyAlone(one.record, one.computerId);
    if (why === null) free.push(one);
    else {
      const skipped = { failure: 'left-alone', message: `skipped: ${why}`, duration: 0, answer: null } as const;
      alone.push({
        result: { record: one.record, source: 'realtime', ...skipped },
        at: null,
        actionId: null,
        raw: null,
      });
    }
  }
  return { free, alone };
}

/** The Computer ID of each, by its name where the record has none yet: exactly one machine must have it (#14). */
async function bind(
  { scanner, clock, signal }: ScanContext,
  due: readonly ScannedComputer[],
): Promise<{ readonly bound: readonly Bound[]; readonly absent: readonly ScanResult[] }> {
  const unbound = due.filter(({ computerId }) => computerId === null);
  const bound = due.flatMap((record) => {
    const { computerId } = record;
    return computerId === null ? [] : [{ record, computerId }];
  });
  if (unbound.length === 0) return { bound, absent: [] };
  const began = Date.parse(clock.now());
  const machines = await scanner.named(
    unbound.map(({ name }) => name),
    signal,
  );
  const rows = machines.map((machine): ObservedDevice => ({ ...machine, text: 0 }));
  const duration = (Date.parse(clock.now()) - began) / 1000;
  const absent: ScanResult[] = [];
  const found: Bound[] = [];
  for (const { record, row, conflict } of matchByName(rows, unbound, []).matches) {
    if (conflict === null && row !== null) {
      found.push({ record, computerId: row.computerId });
      continue;
    }
    const away = silenceOf(record, clock.now());
    const why = conflict === null ? away : { failure: 'ambiguous' as const, message: conflict };
    absent.push({ record, source: scanModeOf(record), duration, answer: null, ...why });
  }
  return { bound: [...bound, ...found], absent };
}

/** What the sensor answers, from the clients' caches where they are young enough (#110). */
async function askCached(
  { scanner, clock, signal }: ScanContext,
  { records: { options }, collectNow }: Pick<QueueRequest, 'records' | 'collectNow'>,
  computers: readonly Bound[],
): Promise<readonly RealTimeScan[]> {
  const began = Date.parse(clock.now());
  const maxAgeSeconds = collectNow ? realTimeSeconds : options.sensor_max_age_seconds;
  const { at, rows } = await scanner.scan({
    sensor: options.sensor_name,
    maxAgeSeconds,
    computerIds: computers.map(({ computerId }) => computerId),
    timeoutSeconds: options.action_timeout_seconds,
    signal,
  });
  const byId = new Map(computers.map(({ record, computerId }) => [computerId, record]));
  const found = new Map<string, ScanResult>();
  const read = reader();
  const how = { source: 'cached', duration: 0, success: ageWords(maxAgeSeconds) } as const;
  for await (const row of rows) {
    const record = byId.get(row.computerId);
    if (record === undefined) continue;
    const result = resultOf(record, row, read(row.text), how);
    // Newest wins, but for an answer that is none.
    if (result.failure === null || found.get(record.id)?.failure !== null) found.set(record.id, result);
  }
  const duration = (Date.parse(clock.now()) - began) / 1000;
  return computers.map(({ record }) => {
    const silent = { record, source: 'cached', duration, answer: null, ...silenceOf(record, clock.now()) } as const;
    const result = { ...(found.get(record.id) ?? silent), duration };
    return { result, at, actionId: null, raw: null };
  });
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
