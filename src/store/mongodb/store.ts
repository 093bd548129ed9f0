/**
 * The store beside NPS-D: its records in its own MongoDB, and Trueup's knowledge in `trueup_*` collections there.
 */
import { MongoClient } from 'mongodb';
import type { Store, StoreOptions } from '../../ports.ts';
import { lateWrites } from '../late.ts';
import { audit } from './audit.ts';
import { budgets } from './budgets.ts';
import { computers } from './computers.ts';
import { type CreateClient, connect } from './connection.ts';
import { credentials } from './credentials.ts';
import { drift } from './drift.ts';
import { health } from './health.ts';
import { bringUpToDate } from './layout.ts';
import { leases } from './leases.ts';
import { observations } from './observations.ts';
import { records } from './records.ts';
import { retention } from './retention.ts';
import { runs } from './runs.ts';
import { scanHistory } from './scan-history.ts';
import { scanNotes } from './scan-notes.ts';
import { scanQueue } from './scan-queue.ts';

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
  const late = lateWrites();
  return {
    owner: 'npsd',
    address: connection.address,
    ...records(connection),
    ...computers(connection, late),
    ...scanNotes(connection),
    ...observations(connection, late),
    ...drift(connection),
    ...runs(connection),
    ...scanQueue(connection),
    ...scanHistory(connection, late),
    ...retention(connection),
    ...budgets(connection),
    ...audit(connection),
    ...credentials(connection),
    ...leases(connection),
    ...health(connection),
    close: async () => {
      try {
        await late.finish();
      } finally {
        await connection.close();
      }
    },
  };
}
