/** A scan as it is told: its parts summed up, what the group's question left and was scanned since counted once. */
import { parseInventory } from '../../endpoint/inventory.ts';
import type { ScanRun, ScanTotals } from '../../model/scan.ts';
import type { ReportedDevice, ScanReport } from '../../model/scan-report.ts';
import { ADMINISTRATORS, compareText, isLocalSid, ridOf, type Sid } from '../../model/sid.ts';
import { membersIn, userNumbered } from '../../reconcile/local-users.ts';
import type { DeviceScan } from './device.ts';
import { countsOf } from './queue.ts';
import { noTotals } from './record.ts';
import { isSkip, type ScanResult } from './result.ts';
import type { ScanStep } from './step.ts';

const noneLeftOut: ScanReport['notScanned'] = { 'scan-disabled': 0, 'other-provider': 0, 'not-windows': 0 };

export function reportOfStep(provider: string, kind: 'scan' | 'bulk', { bulk, queue, notDue }: ScanStep): ScanReport {
  const last = queue?.run ?? bulk?.run ?? null;
  // Whom the group's question did not reach counts as it ended, one by one.
  const open = (bulk?.left ?? []).filter(({ record }) => !queue?.scanned.has(record.id));
  return {
    ...figuresOf(totalsOf(bulk?.run.totals ?? null, queue?.run.totals ?? null, open)),
    ...effortOf([bulk?.run, queue?.run].filter((run) => run !== undefined)),
    version: 1,
    run: last?.id ?? null,
    kind,
    status: last?.status ?? 'completed',
    skipped: skippedOf([...open, ...(queue?.failures ?? [])]),
    provider,
    group: bulk?.run.group ?? null,
    mismatch: bulk?.mismatch ?? null,
    nobody: bulk?.nobody ?? null,
    notScanned: notDue,
    devices: devicesOf([...open, ...(queue?.failures ?? [])]),
    device: null,
    names: {},
  };
}

export function reportOfDevice(provider: string, { run, result }: DeviceScan): ScanReport {
  const device = deviceOf(result);
  return {
    ...figuresOf(run.totals),
    ...effortOf([run]),
    version: 1,
    run: run.id,
    kind: 'device',
    status: run.status,
    skipped: skippedOf([result]),
    provider,
    group: null,
    mismatch: null,
    nobody: null,
    notScanned: noneLeftOut,
    devices: result.failure === null ? [] : [device],
    device,
    names: namesOf(result),
  };
}

/** The device waits for the process that has the lease. */
export function reportOfQueued(provider: string, device: string, holder: string): ScanReport {
  return {
    ...figuresOf(noTotals),
    ...effortOf([]),
    version: 1,
    run: null,
    kind: 'device',
    status: 'queued',
    skipped: 0,
    provider,
    group: null,
    mismatch: null,
    nobody: null,
    notScanned: noneLeftOut,
    devices: [],
    device: { device, source: null, failure: null, message: `queued: ${holder}`, seconds: 0, administrators: null },
    names: {},
  };
}

function totalsOf(bulk: ScanTotals | null, queue: ScanTotals | null, open: readonly ScanResult[]): ScanTotals {
  if (bulk === null || queue === null) return bulk ?? queue ?? noTotals;
  const { failed, offline, missing } = countsOf(open);
  return {
    ...bulk,
    missing: missing + queue.missing,
    matched: bulk.matched + bulk.missing - missing - queue.missing,
    completed: bulk.completed + queue.completed,
    failed: failed + queue.failed,
    offline: offline + queue.offline,
    updated: bulk.updated + queue.updated,
  };
}

function figuresOf(totals: ScanTotals): ScanTotals & Pick<ScanReport, 'answered'> {
  return { ...totals, answered: totals.completed + totals.failed };
}

/** Without those that count as away. */
function skippedOf(results: readonly ScanResult[]): number {
  return results.filter(({ failure }) => isSkip(failure) && failure !== 'last-seen-too-long-ago').length;
}

function effortOf(runs: readonly ScanRun[]): Pick<ScanReport, 'retried' | 'apiCalls' | 'apiErrors' | 'seconds'> {
  const sum = { retried: 0, apiCalls: 0, apiErrors: 0, seconds: 0 };
  for (const { retries, apiCalls, apiErrors, durationSeconds } of runs) {
    sum.retried += retries;
    sum.apiCalls += apiCalls;
    sum.apiErrors += apiErrors;
    sum.seconds += durationSeconds;
  }
  return { ...sum, seconds: Math.round(sum.seconds * 10) / 10 };
}

function devicesOf(results: readonly ScanResult[]): readonly ReportedDevice[] {
  return results.map(deviceOf).toSorted((a, b) => compareText(a.device, b.device));
}

function deviceOf({ record, source, failure, message, duration, answer }: ScanResult): ReportedDevice {
  const seconds = Math.round(duration * 10) / 10;
  return { device: record.name, source, failure, message, seconds, administrators: answer?.administrators ?? null };
}

/** Of an account of the machine itself its plain name, of any other what the machine resolved it to. */
function namesOf({ answer }: ScanResult): ScanReport['names'] {
  const parsed = answer === null ? null : parseInventory(answer.row.text);
  if (parsed?.kind !== 'inventory') return {};
  const { inventory } = parsed;
  const names = membersIn(inventory, ADMINISTRATORS).map(({ sid, name }): [Sid, string | null] => {
    return [sid, isLocalSid(sid) ? (userNumbered(inventory, ridOf(sid))?.name ?? null) : name];
  });
  return Object.fromEntries(names.filter((pair): pair is [Sid, string] => pair[1] !== null));
}
