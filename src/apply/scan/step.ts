/**
 * The scan of a cycle: the group first, where that is enabled, then the queue, in which those that the group's question
 * did not reach are (npsd-domain.md items 127–131). Needs the lease of the provider.
 */
import { TrueupError } from '../../errors.ts';
import { retentionAt } from '../../model/retention.ts';
import type { QueuedScan, ScanRun } from '../../model/scan.ts';
import type { ReportedMismatch } from '../../model/scan-report.ts';
import { effectiveOptions } from '../../reconcile/options.ts';
import { isOff } from '../../reconcile/provider-records.ts';
import { type Due, dueOf, type ScannedComputer, scannedFrom } from '../../reconcile/scan-due.ts';
import { emptyHanded, mismatchOf } from '../../reconcile/scan-mismatch.ts';
import { type ComplianceStep, keepCompliance } from '../compliance.ts';
import { readProvider } from '../survey.ts';
import { type BulkEnd, bulkScan } from './bulk.ts';
import { type ScanContext, type ScanRecords, seldomAsking } from './context.ts';
import { type QueueEnd, workQueue } from './queue.ts';
import { endDeadScans, mostErrors, recordScan } from './record.ts';
import type { ScanResult } from './result.ts';

export interface ScanStepRequest {
  /**
   * `all`: every computer that is due, by the group's question or one by one · `bulk`: the question alone · `cycle`: the
   * question where it is enabled, and whoever waits in the queue.
   */
  readonly what: 'all' | 'bulk' | 'cycle';
  /** Past every cache. */
  readonly collectNow: boolean;
}

export interface ScanStep {
  /** Null: there was none. */
  readonly bulk: BulkPart | null;
  readonly queue: QueuePart | null;
  /** Computers that are not scanned, by why. */
  readonly notDue: Due['notDue'];
  /** Null: the group's question alone was asked for. */
  readonly compliance: ComplianceStep | null;
}

export interface BulkPart {
  readonly run: ScanRun;
  /** Why nobody was found; null: somebody was. */
  readonly nobody: string | null;
  readonly mismatch: ReportedMismatch;
  readonly left: readonly ScanResult[];
}

export interface QueuePart extends Pick<QueueEnd, 'scanned' | 'failures'> {
  readonly run: ScanRun;
}

/** Null: the integration is off, and nothing is asked. */
export async function recordsOf(context: ScanContext): Promise<ScanRecords | null> {
  const recorded = await readProvider(context);
  if (isOff(context.provider, recorded)) return null;
  const computers: ScannedComputer[] = [];
  const slim = scannedFrom();
  for await (const computer of context.store.computers()) computers.push(slim(computer));
  return { options: effectiveOptions(context.provider, recorded), computers };
}

/** Throws TRUEUP_PROVIDER_OFF, TRUEUP_BULK_SCAN_DISABLED, and what scanner and store throw. */
export async function scanStep(given: ScanContext, request: ScanStepRequest): Promise<ScanStep> {
  const context = seldomAsking(given);
  const dead = await endDeadScans(context);
  if (dead > 0) context.log.scan('warn', { runs: dead }, 'scan interrupted by the end of its process');
  const records = await recordsOf(context);
  if (records === null) throw offError(context);
  const { options } = records;
  if (request.what === 'bulk' && !options.bulk_scan_enabled) throw disabledError(context);
  const due = dueOf(records.computers, context.provider);
  const bulk = options.bulk_scan_enabled ? await bulkPart(context, request, records, due) : null;
  if (bulk === null && request.what === 'all') await enqueue(context, due.computers, 'asked');
  const queue = request.what === 'bulk' ? null : await queuePart(context, request, records);
  const compliance = request.what === 'bulk' ? null : await compliancePart(context, request);
  await context.store.prune(retentionAt(context.clock.now()));
  return { bulk, queue, notDue: due.notDue, compliance };
}

/** The posture comes from a sensor of its own, which is asked where a baseline is declared. */
async function compliancePart(context: ScanContext, { collectNow }: ScanStepRequest): Promise<ComplianceStep> {
  const run = context.ids.next();
  const step = await keepCompliance(context, run, collectNow);
  const { report, opened, resolved } = step;
  if (report !== null) {
    const { outcome, score, counts, scan } = report;
    context.log.scan('info', { run, outcome, score, ...counts, opened, resolved, scan }, 'compliance');
  }
  if (opened + resolved > 0) {
    const text = `compliance: checks of devices that fail since this scan: ${opened}, that do no more: ${resolved}`;
    context.tell({ kind: 'note', text });
  }
  return step;
}

async function bulkPart(
  context: ScanContext,
  request: ScanStepRequest,
  records: ScanRecords,
  due: Due,
): Promise<BulkPart> {
  const { log } = context;
  const { bulk_scan_group: group, sensor_name: sensor } = records.options;
  try {
    const { run, end } = await recordScan(context, { kind: 'bulk', group }, async (id, advanced) => {
      log.bulk('info', { run: id, group, sensor, due: due.computers.length }, 'bulk_scan started');
      const { collectNow } = request;
      const ended = await bulkScan(context, { run: id, records, due, collectNow, advanced });
      refuseForeign(ended, sensor);
      await settle(context, due, ended);
      const nobody = nobodyIn(context, group, due, ended);
      const errors = [...(nobody === null ? [] : [nobody]), ...errorsOf(ended.left)];
      return { ...ended, status: statusOf(ended), errors, nobody };
    });
    const { targeted, unmatched, missing } = run.totals;
    const mismatch = mismatchOf(targeted, unmatched, missing, due.computers.length);
    logEnd(context, run, end.left, mismatch);
    return { run, mismatch, left: end.left, nobody: end.nobody };
  } catch (error) {
    const { code, message } =
      error instanceof TrueupError ? error : { code: 'TRUEUP_INTERNAL', message: String(error) };
    log.bulk('error', { group, code }, `bulk_scan error: ${message}`);
    throw error;
  }
}

/** Who was scanned leaves the queue, and who was not waits in it (#129, #130). */
async function settle(context: ScanContext, due: Due, { left }: BulkEnd): Promise<void> {
  const { store } = context;
  const queued = new Set<string>();
  for await (const { id } of store.queued()) queued.add(id);
  if (queued.size > 0) {
    const open = new Set(left.map(({ record }) => record.id));
    await store.finish(due.computers.map(({ id }) => id).filter((id) => queued.has(id) && !open.has(id)));
  }
  await enqueue(
    context,
    left.map(({ record }) => record),
    'fallback',
  );
}

async function enqueue(
  { store, clock, by }: ScanContext,
  computers: Due['computers'],
  reason: QueuedScan['reason'],
): Promise<void> {
  const requestedAt = clock.now();
  await store.enqueue(computers.map(({ id, name }) => ({ id, name, requestedAt, by, reason })));
}

async function queuePart(
  context: ScanContext,
  { what, collectNow }: ScanStepRequest,
  records: ScanRecords,
): Promise<QueuePart | null> {
  if (!(await hasAny(context.store.queued()))) return null;
  // A cycle has other things to do, and the next one goes on with the queue.
  const seconds = what === 'cycle' ? records.options.bulk_scan_timeout_seconds : null;
  const { run, end } = await recordScan(context, { kind: 'scan', group: null }, async (id, advanced) => {
    context.log.scan('info', { run: id }, 'scan started');
    const ended = await workQueue(context, { run: id, records, collectNow, seconds, advanced });
    const { failed, offline } = ended.totals;
    return { ...ended, status: failed + offline > 0 ? ('partial' as const) : ('completed' as const) };
  });
  const { totals, durationSeconds, status, apiCalls, apiErrors } = run;
  context.log.scan(
    'info',
    { run: run.id, status, ...totals, seconds: durationSeconds, apiCalls, apiErrors },
    'scan ended',
  );
  return { run, scanned: end.scanned, failures: end.failures };
}

async function hasAny(items: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of items) return true;
  return false;
}

function statusOf({ timedOut, totals }: BulkEnd): Exclude<ScanRun['status'], 'running'> {
  if (timedOut) return 'timeout';
  return totals.failed + totals.offline > 0 ? 'partial' : 'completed';
}

/** Answers of which not one is of our script are those of another sensor, not of devices in an odd state. */
function refuseForeign({ totals, left }: BulkEnd, sensor: string): void {
  if (totals.completed > 0 || !left.some(({ failure }) => failure === 'malformed')) return;
  if (left.some(({ failure }) => failure === 'not-windows')) return;
  const message = `No device answers the sensor ${JSON.stringify(sensor)} with an inventory.`;
  throw new TrueupError('TRUEUP_SENSOR_FOREIGN', message);
}

function nobodyIn(
  { store }: ScanContext,
  group: string,
  { computers }: Due,
  { members, totals }: BulkEnd,
): string | null {
  const { targeted, completed, failed } = totals;
  return emptyHanded(group, store.owner, { members, targeted, due: computers.length, answered: completed + failed });
}

/** Errors that a record keeps: one line for each kind, with the first devices by name. */
function errorsOf(left: readonly ScanResult[]): readonly string[] {
  const byMessage = new Map<string, string[]>();
  for (const { failure, message, record } of left) {
    if (failure === 'offline' || failure === 'not-found') continue;
    const names = byMessage.get(message);
    if (names) names.push(record.name);
    else byMessage.set(message, [record.name]);
  }
  return [...byMessage].slice(0, mostErrors).map(([message, names]) => {
    const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
    return `${names.slice(0, mostNamed).join(', ')}${more}: ${message}`;
  });
}

const mostNamed = 5;

function logEnd(
  { log }: ScanContext,
  { id, status, group, totals, retries, durationSeconds, apiCalls, apiErrors, errors }: ScanRun,
  left: readonly ScanResult[],
  mismatch: ReportedMismatch,
): void {
  for (const error of errors) log.bulk('warn', { run: id }, `bulk_scan error: ${error}`);
  if (mismatch.level === 'warn') log.bulk('warn', { run: id, group, ...mismatch }, 'bulk_scan mismatch');
  const figures = { ...totals, left: left.length, retries, seconds: durationSeconds, apiCalls, apiErrors };
  log.bulk('info', { run: id, group, status, ...figures }, 'bulk_scan ended');
}

export function offError({ provider }: Pick<ScanContext, 'provider'>): TrueupError {
  return new TrueupError('TRUEUP_PROVIDER_OFF', `The integration ${provider.name} is off: nothing is asked.`, {
    cause: 'The release toggle or the provider is disabled, declared or in the records.',
    remedy: 'Enable both in EdrProvider.spec (enable, releaseToggle), and apply.',
  });
}

function disabledError({ provider }: Pick<ScanContext, 'provider'>): TrueupError {
  const { file, line } = provider.ref.source;
  const message = `Bulk scans of ${provider.name} are disabled: bulk_scan_enabled is false.`;
  return new TrueupError('TRUEUP_BULK_SCAN_DISABLED', message, { source: `${file}:${line}` });
}
