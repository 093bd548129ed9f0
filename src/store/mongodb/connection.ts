/**
 * The connection to one MongoDB database. Four of its collections are NPS-D's; what Trueup itself knows lies in
 * `trueup_*` ones, and nothing else is ever touched (#177).
 *
 * No transaction, update pipeline or change stream is used: not every MongoDB is a replica set. Each write is whole in
 * one document, or its last document makes the ones before it count.
 */
import { createHash } from 'node:crypto';
import { type Collection, type MongoClient, type MongoClientOptions, MongoParseError } from 'mongodb';
import { TrueupError } from '../../errors.ts';
import type { ProviderFields } from '../../model/provider-fields.ts';
import type { StoreOptions } from '../../ports.ts';
import { pack } from '../text.ts';
import { malformed, parseAddress } from './address.ts';
import { translated } from './failure.ts';
import { assertFields } from './fields.ts';

export type OwnCollection =
  | 'meta'
  | 'computers'
  | 'applied'
  | 'texts'
  | 'devices'
  | 'postures'
  | 'scans'
  | 'scan_queue'
  | 'scan_runs'
  | 'drift'
  | 'runs'
  | 'plans'
  | 'journal'
  | 'leases'
  | 'budgets'
  | 'audit'
  | 'credentials'
  | 'rotation_keys';

export interface Connection {
  readonly address: string;
  readonly provider: string;
  readonly fields: ProviderFields;
  /** The provider in short, and in safe characters. */
  readonly scope: string;
  /** `_id` of one of Trueup's own documents that belongs to this provider. */
  readonly key: (id: string) => string;
  /** Filter for all documents that {@link key} made: a range of the index that every collection has. */
  readonly mine: { readonly _id: { readonly $gte: string; readonly $lt: string } };
  readonly npsd: (collection: keyof ProviderFields['collections']) => Collection<{ _id: never }>;
  readonly own: <T extends OwnDocument>(collection: OwnCollection) => Collection<T>;
  readonly command: (command: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;
  /** Runs requests, with their errors in the program's own words. */
  readonly call: <T>(act: () => Promise<T>) => Promise<T>;
  /** The same for a cursor. */
  readonly each: <T>(cursor: AsyncIterable<T>) => AsyncGenerator<T>;
  /** Raises TRUEUP_INTERNAL where the store was opened for reading. */
  readonly writing: () => void;
  readonly close: () => Promise<void>;
}

/** Somebody else may make the client, to record what it sends. */
export type CreateClient = (url: string, options: MongoClientOptions) => MongoClient;

export interface OwnDocument {
  _id: string;
}

/** Raises TRUEUP_USAGE, TRUEUP_CONFIG_INVALID, TRUEUP_STORE_UNREACHABLE. */
export async function connect(url: string, options: StoreOptions, createClient: CreateClient): Promise<Connection> {
  const { database, shown } = parseAddress(url);
  assertFields(options.fields);
  const client = await connectedClient(url, shown, createClient);
  const db = client.db(database);
  // Fixed in length, so that no provider's keys begin with another's, whatever the providers are called.
  const scope = createHash('sha256').update(pack(options.provider)).digest('hex').slice(0, 16);
  return {
    address: shown,
    provider: options.provider,
    fields: options.fields,
    scope,
    key: (id) => `${scope}:${pack(id)}`,
    mine: { _id: { $gte: `${scope}:`, $lt: `${scope};` } },
    npsd: (collection) => db.collection(options.fields.collections[collection]),
    own: (collection) => db.collection(`trueup_${collection}`),
    command: (command) => db.command(command),
    async call(act) {
      try {
        return await act();
      } catch (error) {
        throw translated(shown, error);
      }
    },
    async *each(cursor) {
      try {
        for await (const item of cursor) yield item;
      } catch (error) {
        throw translated(shown, error);
      }
    },
    writing() {
      if (options.mode === 'read') throw new TrueupError('TRUEUP_INTERNAL', `${shown} was opened for reading only.`);
    },
    close: () => client.close(),
  };
}

async function connectedClient(url: string, shown: string, createClient: CreateClient): Promise<MongoClient> {
  try {
    const client = createClient(url, {
      // The driver's own 30 seconds are long for somebody who mistyped a host.
      ...(/[?&]serverSelectionTimeoutMS=/i.test(url) ? {} : { serverSelectionTimeoutMS: 5000 }),
      appName: 'trueup',
      ignoreUndefined: true,
      // A journal entry that a fail-over takes back, or a lease read from a secondary, would be worse than an error.
      readPreference: 'primary',
      writeConcern: { w: 'majority' },
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  } catch (error) {
    // The parser of addresses has an error class of its own, and repeats the address in it.
    if ((error as Error).name === 'MongoParseError' && !(error instanceof MongoParseError)) throw malformed();
    throw translated(shown, error);
  }
}
