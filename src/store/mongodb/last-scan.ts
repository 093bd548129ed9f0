/** `lastScan` of a computer's record, which NPS-D writes too (npsd-domain.md 1.7). */
import type { ProviderFields } from '../../model/provider-fields.ts';
import type { LastScan, ScanKind } from '../../model/scan.ts';
import { type Document, isObject, valueAt } from './fields.ts';

const keys = ['success', 'msg', 'error', 'duration', 'scanTs', 'source'] as const satisfies readonly (keyof LastScan)[];
const kinds: readonly unknown[] = ['cached', 'realtime', 'bulk'] satisfies readonly ScanKind[];

export function lastScanPaths({ computer }: ProviderFields): readonly string[] {
  return keys.map((key) => `${computer.lastScan}.${key}`);
}

/** Null: there is none, or it is nothing that we know. Nothing is decided by it, so it is never refused. */
export function lastScanOf(document: Document, path: string): LastScan | null {
  const value = valueAt(document, path);
  if (!isObject(value) || typeof value['success'] !== 'boolean') return null;
  const scanTs = new Date(value['scanTs'] as never);
  if (Number.isNaN(scanTs.getTime())) return null;
  const { msg, error, duration, source } = value;
  return {
    success: value['success'],
    msg: typeof msg === 'string' ? msg : '',
    error: typeof error === 'string' ? error : null,
    duration: typeof duration === 'number' ? duration : 0,
    scanTs: scanTs.toISOString(),
    source: kinds.includes(source) ? (source as ScanKind) : null,
  };
}

/** For NPS-D and its people to read: half a character, which BSON cannot hold, is shown as a replacement. */
export function encodedLastScan(lastScan: LastScan): Document {
  return {
    success: lastScan.success,
    msg: lastScan.msg.toWellFormed(),
    error: lastScan.error?.toWellFormed() ?? null,
    duration: lastScan.duration,
    scanTs: new Date(lastScan.scanTs),
    source: lastScan.source,
  };
}
