/** Rows and results of a bulk scan as the store gets them: some hundred distinct texts, one time for all. */
import { defaultFields } from '../../src/model/provider-fields.ts';
import type { ScanNote, ScanRun } from '../../src/model/scan.ts';
import type { Sid } from '../../src/model/sid.ts';
import type { DeviceRow, NewComputer, StoreOptions } from '../../src/ports.ts';

export const storeOptions: StoreOptions = { provider: 'Production Tanium', fields: defaultFields, mode: 'write' };

const texts = 400;

export interface Fleet {
  readonly rows: readonly DeviceRow[];
  /** By the index of a text. */
  readonly administrators: readonly (readonly Sid[])[];
}

export interface BulkScan {
  readonly run: ScanRun;
  readonly at: string;
  readonly batches: readonly { readonly rows: readonly DeviceRow[]; readonly notes: readonly ScanNote[] }[];
}

/** In no order, as answers come in. */
export function fleetOf(devices: number): Fleet {
  const administrators = Array.from({ length: texts }, (_, index) => [
    '~-500',
    'S-1-5-21-1004336348-1177238915-682003330-512',
    ...Array.from(
      { length: index % 4 },
      (__, more) => `S-1-5-21-1004336348-1177238915-682003330-${2000 + index + more}`,
    ),
  ]);
  const rows = Array.from({ length: devices }, (_, index): DeviceRow => {
    const place = (index * 7919) % devices;
    return {
      computerId: String(1_000_000_000 + place * 31),
      name: `PC-${place}.corp.example`,
      os: 'Windows 11',
      domain: 'corp.example',
      text: textOf(place % texts),
    };
  });
  return { rows, administrators };
}

export function devicesOf({ rows }: Fleet): readonly NewComputer[] {
  return rows.map(({ computerId, name, domain, os }) => ({
    computerId,
    name,
    domain,
    os,
    insertedAt: '2026-03-01T00:00:00.000Z',
  }));
}

/** `number`: of the run; texts are made anew, as another answer's are, and equal. */
export function bulkScanOf({ rows, administrators }: Fleet, number: number, batchSize: number): BulkScan {
  const at = `2026-03-02T0${number}:00:00.000Z`;
  const batches = [];
  for (let from = 0; from < rows.length; from += batchSize) {
    const batch = rows.slice(from, from + batchSize).map((row) => ({ ...row }));
    const notes = batch.map(
      ({ computerId, text }): ScanNote => ({
        id: computerId,
        lastScan: {
          success: true,
          msg: 'scanned in bulk, from answers no older than 600 s',
          error: null,
          duration: 312.4,
          scanTs: at,
          source: 'bulk',
        },
        administrators: administrators[Number(text.slice(0, 4))] ?? [],
      }),
    );
    batches.push({ rows: batch, notes });
  }
  return { run: runOf(`run${number}`, at, rows.length), at, batches };
}

function textOf(index: number): string {
  return `${String(index).padStart(4, '0')}|S-1-5-32-544|~-500,S-1-5-21-1004336348-1177238915-682003330-512|`.repeat(
    12,
  );
}

function runOf(id: string, startedAt: string, devices: number): ScanRun {
  const none = { unmatched: 0, missing: 0, failed: 0, offline: 0, fallback: 0, updated: 0 };
  return {
    id,
    kind: 'bulk',
    provider: storeOptions.provider,
    group: 'NPS-D Managed Windows Devices',
    startedAt,
    endedAt: startedAt,
    status: 'completed',
    questionId: '1',
    actionId: null,
    totals: { ...none, targeted: devices, matched: devices, completed: devices },
    retries: 0,
    apiCalls: 40,
    apiErrors: 0,
    durationSeconds: 312.4,
    errors: [],
  };
}
