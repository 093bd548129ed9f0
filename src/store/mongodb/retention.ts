import type { RetentionStore } from '../../ports.ts';
import { BLOCK } from '../blocks.ts';
import type { Connection, OwnCollection, OwnDocument } from './connection.ts';
import type { JournalDocument, RunDocument } from './runs.ts';

/**
 * At most a block of each collection a call, oldest first. A run stays while an entry of the journal is of it, and so
 * does the last run of all and the last that went in waves.
 */
export function retention(connection: Connection): RetentionStore {
  return {
    async prune({ runsBefore, driftBefore }) {
      connection.writing();
      const { mine, scope } = connection;
      const settled = { ...mine, state: { $in: ['settled', 'absent'] }, intendedAt: { $lt: runsBefore } };
      const newestEntry = await newestOf(connection, 'journal', 'intendedAt');
      const entries = await oldestOf(connection, 'journal', settled, 'intendedAt');
      const over = { ...mine, status: { $ne: 'running' }, startedAt: { $lt: runsBefore } };
      const newestScan = await newestOf(connection, 'scan_runs', 'startedAt');
      const scans = await oldestOf(connection, 'scan_runs', over, 'startedAt');
      const resolved = { scope, state: 'resolved', lastSeen: { $lt: new Date(driftBefore) } };
      const drift = await oldestOf(connection, 'drift', resolved, 'lastSeen');
      return (
        (await remove(connection, 'journal', without(entries, newestEntry))) +
        (await pruneRuns(connection, runsBefore)) +
        (await remove(connection, 'scan_runs', without(scans, newestScan))) +
        (await remove(connection, 'drift', drift))
      );
    },
  };
}

async function pruneRuns(connection: Connection, before: string): Promise<number> {
  const runs = connection.own<RunDocument>('runs');
  const ended = { ...connection.mine, endedAt: { $lt: before } };
  const kept = new Set(await newestOf(connection, 'runs', 'startedAt'));
  for (const id of await newestOf(connection, 'runs', 'rollout')) kept.add(id);
  const found = await oldestOf(connection, 'runs', ended, 'endedAt');
  const ids = found.map((_id) => _id.slice(connection.scope.length + 1));
  const journal = connection.own<JournalDocument>('journal');
  const used = await connection.call(() => journal.distinct('run', { ...connection.mine, run: { $in: ids } }));
  for (const run of used) kept.add(connection.key(run ?? ''));
  const going = found.filter((_id) => !kept.has(_id));
  // The run first: without it nobody looks for its plan.
  const gone = await connection.call(() => runs.deleteMany({ _id: { $in: going } }));
  for (const _id of going) {
    const parts = { _id: { $gte: `${_id}:`, $lt: `${_id};` } };
    await connection.call(() => connection.own('plans').deleteMany(parts));
  }
  return gone.deletedCount;
}

async function oldestOf(
  connection: Connection,
  collection: OwnCollection,
  filter: object,
  by: string,
): Promise<readonly string[]> {
  const options = { projection: { _id: 1 }, sort: { [by]: 1 }, limit: BLOCK } as const;
  const found = await connection.call(() => connection.own<OwnDocument>(collection).find(filter, options).toArray());
  return found.map(({ _id }) => _id);
}

/** One at most, of those that have the field. */
async function newestOf(connection: Connection, collection: OwnCollection, by: string): Promise<readonly string[]> {
  const filter = { ...connection.mine, [by]: { $gt: '' } };
  const options = { projection: { _id: 1 }, sort: { [by]: -1, _id: -1 }, limit: 1 } as const;
  const found = await connection.call(() => connection.own<OwnDocument>(collection).find(filter, options).toArray());
  return found.map(({ _id }) => _id);
}

function without(ids: readonly string[], others: readonly string[]): readonly string[] {
  return ids.filter((id) => !others.includes(id));
}

async function remove(connection: Connection, collection: OwnCollection, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const gone = { _id: { $in: [...ids] } };
  return (await connection.call(() => connection.own<OwnDocument>(collection).deleteMany(gone))).deletedCount;
}
