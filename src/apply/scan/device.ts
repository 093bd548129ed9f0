/** One computer that somebody asks for: in real time or from the cache, as its Protect says. */
import { TrueupError } from '../../errors.ts';
import { devicesCalled } from '../../model/device-name.ts';
import { listed } from '../../model/observed.ts';
import type { RecordedComputer } from '../../model/recorded.ts';
import type { ScanRun } from '../../model/scan.ts';
import { devicesOf } from '../../reconcile/observe.ts';
import { labelOf } from '../../reconcile/only.ts';
import { whyNotDue } from '../../reconcile/scan-due.ts';
import { readComputers } from '../survey.ts';
import type { ScanContext } from './context.ts';
import { keepResults } from './keep.ts';
import { scanEach } from './one-by-one.ts';
import { countsOf } from './queue.ts';
import type { RealTimeScan } from './realtime.ts';
import { endDeadScans, noTotals, recordScan } from './record.ts';
import { isSkip, type ScanResult } from './result.ts';
import { offError, recordsOf } from './step.ts';

export interface DeviceScan {
  readonly run: ScanRun;
  readonly result: ScanResult;
}

/** Throws TRUEUP_DEVICE_NOT_FOUND, TRUEUP_SCAN_DISABLED, TRUEUP_PROVIDER_OFF, and what scanner, actions and store throw. */
export async function scanDevice(context: ScanContext, name: string, collectNow: boolean): Promise<DeviceScan> {
  await endDeadScans(context);
  const records = await recordsOf(context);
  if (records === null) throw offError(context);
  const record = recordCalled(context, name, await readComputers(context.store));
  const { run, end } = await recordScan(context, { kind: 'device', group: null }, async (id) => {
    const ended: RealTimeScan[] = [];
    await scanEach(
      context,
      { run: id, records, collectNow },
      [record],
      () => false,
      async (scans) => {
        ended.push(...scans);
      },
    );
    const [scan] = ended;
    if (scan === undefined) throw new TrueupError('TRUEUP_INTERNAL', `the scan of ${record.id} came to no end`);
    const { result } = scan;
    const scanTs = new Date(scan.at ?? context.clock.now()).toISOString();
    const updated = await keepResults(context, { run: id, scanTs }, [result]);
    await context.store.finish([record.id]);
    return {
      status: statusOf(result),
      totals: totalsOf(result, updated),
      ...errorsOf(scan),
      actionId: scan.actionId,
      result,
    };
  });
  const { failure, message, source } = end.result;
  const level = failure === null || isSkip(failure) ? 'info' : 'warn';
  const figures = { run: run.id, device: record.name, source, failure, message, seconds: run.durationSeconds };
  context.log.scan(level, figures, 'scan of one device');
  return { run, result: end.result };
}

/** The record that is called so, of those that are scanned. */
export function recordCalled(
  { store, provider }: Pick<ScanContext, 'store' | 'provider'>,
  name: string,
  computers: readonly RecordedComputer[],
): RecordedComputer {
  const devices = [...devicesOf({ texts: [], devices: listed([]) }, { owner: store.owner, computers }).devices];
  if (devicesCalled(name, devices).length === 0) throw notOnRecord(name);
  const label = labelOf(name, devices);
  const record = devices.find((device) => device.label === label)?.record ?? null;
  if (record === null) throw new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `No record is of ${label}.`);
  const why = whyNotDue(record, provider);
  if (why === null) return record;
  throw new TrueupError('TRUEUP_SCAN_DISABLED', `${label} is not scanned: ${reasons[why]}.`);
}

/** Tanium may know the device all the same: only computers on record are scanned. */
function notOnRecord(name: string): TrueupError {
  return new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `No computer on record is called ${JSON.stringify(name)}.`, {
    cause: 'It is misspelt, or it has no record: a device that Tanium alone knows is not scanned.',
    remedy: 'Give the name as it is on record; the record of a new device is made by `trueup apply`, or by NPS-D.',
  });
}

const reasons = {
  'scan-disabled': 'its Scan is disabled',
  'other-provider': 'its EDR integration is another provider',
  'not-windows': 'it does not run Windows',
} as const;

function statusOf({ failure }: ScanResult): 'completed' | 'partial' | 'failed' {
  if (failure === null) return 'completed';
  return failure === 'offline' || isSkip(failure) ? 'partial' : 'failed';
}

function totalsOf(result: ScanResult, updated: number): ScanRun['totals'] {
  const counts = countsOf([result]);
  return { ...noTotals, ...counts, targeted: 1, matched: 1 - counts.missing, updated };
}

function errorsOf({ result, raw }: RealTimeScan): { readonly errors: readonly string[] } {
  if (result.failure === null) return { errors: [] };
  return { errors: [raw === null ? result.message : `${result.message}: ${raw}`] };
}
