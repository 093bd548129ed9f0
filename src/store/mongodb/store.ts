/**
 * The store beside NPS-D: its records in its own MongoDB, and Trueup's knowledge in `trueup_*` collections there.
 */
import { MongoClient } from 'mongodb';
import { TrueupError } from '../../errors.ts';
import type { Store, StoreOptions } from '../../ports.ts';
import { audit } from './audit.ts';
import { budgets } from './budgets.ts';
import { computers } from './computers.ts';
import { type Connection, type CreateClient, connect } from './connection.ts';
import { drift } from './drift.ts';
import { leases } from './leases.ts';
import { observations } from './observations.ts';
import { records } from './records.ts';
import { runs } from './runs.ts';

const SCHEMA_VERSION = 2;

interface SchemaDocument {
  _id: string;
  version: number;
}

export async function openMongo(
  url: string,
  options: StoreOptions,
  createClient: CreateClient = (address, clientOptions) => new MongoClient(address, clientOptions),
): Promise<Store> {
  const connection = await connect(url, options, createClient);
  try {
    await bringUpToDate(connection, options.mode);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return {
    owner: 'npsd',
    address: connection.address,
    ...records(connection),
    ...computers(connection),
    ...observations(connection),
    ...drift(connection),
    ...runs(connection),
    ...budgets(connection),
    ...audit(connection),
    ...leases(connection),
    close: connection.close,
  };
}

/** The version is written last: indexes that are missing after a crash are made the next time. */
async function bringUpToDate(connection: Connection, mode: StoreOptions['mode']): Promise<void> {
  const meta = connection.own<SchemaDocument>('meta');
  const found = await connection.call(() => meta.findOne({ _id: 'schema' }));
  if (found !== null && typeof found.version !== 'number')
    throw new TrueupError('TRUEUP_STORE_INVALID', `${connection.address}: trueup_meta names no version.`);
  if (found !== null && found.version > SCHEMA_VERSION)
    throw new TrueupError(
      'TRUEUP_STORE_NEWER',
      `${connection.address} has layout ${found.version}; this Trueup knows layouts up to ${SCHEMA_VERSION}.`,
    );
  if (found?.version === SCHEMA_VERSION || mode === 'read') return;
  await connection.call(async () => {
    await connection.own('devices').createIndex({ number: 1 });
    await connection.own('drift').createIndex({ scope: 1, device: 1, _id: 1 });
    await connection.own('journal').createIndex({ state: 1 });
    await connection.own('journal').createIndex({ intendedAt: 1 });
    await meta.updateOne({ _id: 'schema' }, { $set: { version: SCHEMA_VERSION } }, { upsert: true });
  });
}
