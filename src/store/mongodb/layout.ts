/** The layout of Trueup's own collections, their indexes, and how those of an older version become the present ones. */
import { TrueupError } from '../../errors.ts';
import type { Run } from '../../model/run.ts';
import type { StoreOptions } from '../../ports.ts';
import { blocks } from '../blocks.ts';
import { parseRecord } from '../text.ts';
import type { Connection, OwnCollection } from './connection.ts';
import type { RunDocument } from './runs.ts';

export const SCHEMA_VERSION = 3;

export interface SchemaDocument {
  _id: string;
  version: number;
}

/** Every index but that of `_id`; NPS-D's collections get none. */
const indexes: readonly (readonly [OwnCollection, Readonly<Record<string, 1>>])[] = [
  ['devices', { number: 1 }],
  ['postures', { number: 1 }],
  ['drift', { scope: 1, device: 1, _id: 1 }],
  ['drift', { scope: 1, about: 1, device: 1, _id: 1 }],
  ['drift', { scope: 1, state: 1, lastSeen: 1 }],
  ['journal', { state: 1 }],
  ['journal', { intendedAt: 1 }],
  ['journal', { run: 1 }],
  ['runs', { startedAt: 1 }],
  ['runs', { endedAt: 1 }],
  ['runs', { rollout: 1 }],
  ['scan_queue', { requestedAt: 1, order: 1, _id: 1 }],
  ['scan_runs', { startedAt: 1 }],
  ['credentials', { scope: 1, computerId: 1, account: 1 }],
];

/** The version is written last: what is missing after a crash is made the next time. Raises TRUEUP_STORE_NEWER. */
export async function bringUpToDate(connection: Connection, mode: StoreOptions['mode']): Promise<void> {
  const meta = connection.own<SchemaDocument>('meta');
  const found = await connection.call(() => meta.findOne({ _id: 'schema' }));
  if (found !== null && typeof found.version !== 'number')
    throw new TrueupError('TRUEUP_STORE_INVALID', `${connection.address}: trueup_meta names no version.`);
  if (found !== null && found.version > SCHEMA_VERSION)
    throw new TrueupError(
      'TRUEUP_STORE_NEWER',
      `${connection.address} has layout ${found.version}; this Trueup knows layouts up to ${SCHEMA_VERSION}.`,
    );
  if (mode === 'read') return;
  for (const [collection, keys] of indexes)
    await connection.call(() => connection.own(collection).createIndex({ ...keys }));
  if (found?.version === SCHEMA_VERSION) return;
  if (found !== null) await fromTwo(connection);
  const version = { $set: { version: SCHEMA_VERSION } };
  await connection.call(() => meta.updateOne({ _id: 'schema' }, version, { upsert: true }));
}

/** Version 2 knew one scan of one sensor, and had the times of a run within its text alone. Of every provider. */
async function fromTwo(connection: Connection): Promise<void> {
  const scans = connection.own('scans');
  await connection.call(() => scans.updateMany({ series: { $exists: false } }, { $set: { series: 'inventory' } }));
  const runs = connection.own<RunDocument>('runs');
  const older = runs.find({ startedAt: { $exists: false } }, { projection: { record: 1 } });
  for await (const block of blocks(connection.each(older))) {
    const updates = block.map(({ _id, record }) => {
      const { startedAt, endedAt } = parseRecord<Run>(record, `run ${_id}`);
      return { updateOne: { filter: { _id }, update: { $set: { startedAt, endedAt } } } };
    });
    await connection.call(() => runs.bulkWrite(updates, { ordered: false }));
  }
}
