/**
 * Scans of ours, in a collection of our own with the fields that npsd-domain.md 4.8 expects of `bulk_scan_history`.
 * NPS-D's own collection is read and never written: what it writes there is documented nowhere, and a row of another
 * shape might stop it.
 */
import { ObjectId } from 'mongodb';
import type { ScanRun, ScanStatus, ScanTotals } from '../../model/scan.ts';
import type { ScanHistoryStore } from '../../ports.ts';
import type { LateWrites } from '../late.ts';
import { pack, packOrNull, unpack, unpackOrNull } from '../text.ts';
import type { Connection } from './connection.ts';
import { type Document, isObject } from './fields.ts';

/** `_id` is the key of `id`. */
type ScanRunDocument = ScanRun & { _id: string };

export function scanHistory(connection: Connection, late: LateWrites): ScanHistoryStore {
  const documents = connection.own<ScanRunDocument>('scan_runs');
  return {
    async putScanRun(run) {
      connection.writing();
      // What it counts is there.
      await late.finish();
      const _id = connection.key(run.id);
      await connection.call(() => documents.replaceOne({ _id }, encoded(run), { upsert: true }));
    },
    async scanRuns(limit) {
      const newestFirst = { sort: { startedAt: -1, _id: -1 }, limit } as const;
      const own = await connection.call(() => documents.find(connection.mine, newestFirst).toArray());
      const all = [...own.map(decoded), ...(await npsdRuns(connection, limit))];
      return all.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt)).slice(0, limit);
    },
    async unfinishedScanRuns() {
      const running = { ...connection.mine, status: 'running' as const };
      const found = await connection.call(() => documents.find(running, { sort: { startedAt: 1, _id: 1 } }).toArray());
      return found.map(decoded);
    },
  };
}

function encoded(run: ScanRun): ScanRun {
  const { id, provider, group, errors } = run;
  return { ...run, id: pack(id), provider: pack(provider), group: packOrNull(group), errors: errors.map(pack) };
}

function decoded({ _id, ...run }: ScanRunDocument): ScanRun {
  const { id, provider, group, errors } = run;
  return { ...run, id: unpack(id), provider: unpack(provider), group: unpackOrNull(group), errors: errors.map(unpack) };
}

/** The newest by `_id`: which of its fields holds a time, and whether one has an index, is not known. */
async function npsdRuns(connection: Connection, limit: number): Promise<readonly ScanRun[]> {
  const history = connection.npsd('bulkScanHistory');
  const found = await connection.call(() =>
    history.find<Document & { _id: unknown }>({}, { sort: { _id: -1 }, limit }).toArray(),
  );
  return found.flatMap((document) => {
    const run = npsdRun(document);
    return run === null || ![connection.provider, 'tanium_cloud', ''].includes(run.provider) ? [] : [run];
  });
}

const statuses: readonly unknown[] = [
  'running',
  'completed',
  'partial',
  'timeout',
  'failed',
  'interrupted',
] satisfies readonly ScanStatus[];

/** Null: it does not say when it began, or how it stands. */
function npsdRun(document: Document & { readonly _id: unknown }): ScanRun | null {
  const { _id, status } = document;
  const startedAt =
    timeOf(document['startedAt']) ?? (_id instanceof ObjectId ? _id.getTimestamp().toISOString() : null);
  if (startedAt === null || !statuses.includes(status)) return null;
  const totals = isObject(document['totals']) ? document['totals'] : {};
  const errors = Array.isArray(document['errors']) ? document['errors'] : [];
  return {
    id: `npsd:${String(_id)}`,
    kind: 'bulk',
    provider: textOf(document['provider']) ?? '',
    group: textOf(document['group']),
    startedAt,
    endedAt: timeOf(document['endedAt']),
    status: status as ScanStatus,
    questionId: null,
    actionId: textOf(document['actionId']),
    totals: totalsOf(totals),
    retries: countOf(document['retries']),
    apiCalls: countOf(document['apiCalls']),
    apiErrors: countOf(document['apiErrors']),
    durationSeconds: countOf(document['durationSeconds']),
    errors: errors.filter((error) => typeof error === 'string'),
  };
}

function totalsOf(totals: Document): ScanTotals {
  return {
    targeted: countOf(totals['targeted']),
    matched: countOf(totals['matched']),
    unmatched: countOf(totals['unmatched']),
    missing: countOf(totals['missing']),
    completed: countOf(totals['completed']),
    failed: countOf(totals['failed']),
    offline: countOf(totals['offline']),
    fallback: countOf(totals['fallback']),
    updated: countOf(totals['updated']),
  };
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function timeOf(value: unknown): string | null {
  if (!(value instanceof Date) && typeof value !== 'string') return null;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
