import { MongoClient } from 'mongodb';
import { afterAll, describe } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { conformance, production, type StoreUnderTest } from './conformance.ts';
import { startMongo } from './mongo-server.ts';

const server = await startMongo();
if (server === null) console.warn('No MONGODB_URI, mongod or ferretdb: the tests of the MongoDB store are skipped.');
afterAll(() => server?.stop());

describe.skipIf(server === null)('the MongoDB store', () => conformance(besideNpsd, 4));

/** NPS-D's part is played by the driver itself: a toggle that a migration made, rows that its user interface made. */
async function besideNpsd(): Promise<StoreUnderTest> {
  const url = server?.freshUrl() ?? '';
  const client = new MongoClient(url);
  const db = client.db();
  await db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: false });
  return {
    open: (options) => openStore(url, { ...production, ...options }),
    async seedProvider(name) {
      const { insertedId } = await db.collection('integrations_edr_config').insertOne({
        provider: 'tanium_cloud',
        config: {
          integration: {
            name,
            enable: false,
            api_base_url: '',
            api_key: 'sealed',
            proxy: { url: null, username: null, password: 'sealed' },
            options: {},
          },
        },
      });
      return insertedId.toHexString();
    },
    async seedComputers(computers) {
      const records = computers.map(({ name }) => ({
        cn: name,
        os: 'Windows 11',
        policy: { scan: false, secure: false, strict_secure: false },
      }));
      const { insertedIds } = await db.collection('computers').insertMany(records);
      return computers.map((_, index) => String(insertedIds[index]));
    },
    async dispose() {
      await db.dropDatabase();
      await client.close();
    },
  };
}
