/** A database in which NPS-D already is, for the tests of the MongoDB store beside it: one a test, new before each. */
import { type Db, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeEach } from 'vitest';
import type { Store, StoreOptions } from '../../src/ports.ts';
import type { CreateClient } from '../../src/store/mongodb/connection.ts';
import { openMongo } from '../../src/store/mongodb/store.ts';
import { production } from './conformance.ts';
import { startMongo } from './mongo-server.ts';

export interface Npsd {
  url: string;
  db: Db;
  open(options?: Partial<StoreOptions>, createClient?: CreateClient): Promise<Store>;
  /** A store whose client writes down every command and its answer. */
  openRecorded(): Promise<{ readonly commands: Recorded[]; readonly store: Store }>;
  /** As NPS-D's user interface and the seed's Part B leave it, with what Trueup must not disturb. */
  insertProvider(integration?: Record<string, unknown>): Promise<string>;
  providerRow(): Promise<unknown>;
  insertComputer(document: Record<string, unknown>): Promise<void>;
}

export interface Recorded {
  readonly name: string;
  readonly command: Readonly<Record<string, unknown>>;
}

/** Null, said aloud: this machine has no MongoDB. To be called at the top of a test file. */
export async function npsdWorld(): Promise<Npsd | null> {
  const server = await startMongo();
  if (server === null) {
    console.warn('No MONGODB_URI, mongod or ferretdb: the tests beside NPS-D are skipped.');
    return null;
  }
  const opened: Store[] = [];
  let client: MongoClient;

  const npsd: Npsd = {
    url: '',
    db: undefined as never,
    async open(options = {}, createClient) {
      const store = await openMongo(npsd.url, { ...production, ...options }, createClient);
      opened.push(store);
      return store;
    },
    async openRecorded() {
      const commands: Recorded[] = [];
      const recording: CreateClient = (address, options) => {
        const recorded = new MongoClient(address, { ...options, monitorCommands: true });
        recorded.on('commandStarted', ({ commandName, command }) => commands.push({ name: commandName, command }));
        recorded.on('commandSucceeded', ({ commandName, reply }) =>
          commands.push({ name: 'reply', command: { commandName, reply } }),
        );
        return recorded;
      };
      return { commands, store: await npsd.open({}, recording) };
    },
    async insertProvider(integration = {}) {
      const { insertedId } = await npsd.db.collection('integrations_edr_config').insertOne({
        provider: 'tanium_cloud',
        revision: 3,
        config: {
          integration: {
            name: 'Production Tanium',
            enable: true,
            api_base_url: 'https://acme-api.cloud.tanium.com',
            api_key: 'sealed-api-key',
            proxy: { url: 'http://proxy.example:3128', username: 'npsd', password: 'sealed-proxy-password' },
            options: { sensor_name: 'NPS Admin Members', sensor_max_age_seconds: 600, their_own: { nested: [1, 2] } },
            ...integration,
          },
          other: { kept: true },
        },
      });
      return insertedId.toHexString();
    },
    providerRow: () => npsd.db.collection('integrations_edr_config').findOne({}, { projection: { _id: 0 } }),
    async insertComputer(document) {
      await npsd.db.collection<Record<string, unknown>>('computers').insertOne(document);
    },
  };

  beforeEach(() => {
    npsd.url = server.freshUrl();
    client = new MongoClient(npsd.url);
    npsd.db = client.db();
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    await npsd.db.dropDatabase();
    await client.close();
  });
  afterAll(() => server.stop());
  return npsd;
}
