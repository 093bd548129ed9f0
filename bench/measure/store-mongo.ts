/** What the store step of a bulk scan sends to MongoDB: requests, and documents that a request changes. */
import { type CommandStartedEvent, MongoClient } from 'mongodb';
import { openMongo } from '../../src/store/mongodb/store.ts';
import { startMongo } from '../../test/store/mongo-server.ts';
import { bulkScanOf, fleetOf, storeOptions } from './store-fleet.ts';

export interface Sent {
  readonly requests: number;
  /** Documents that were inserted or matched by an update. */
  readonly documents: number;
}

/** Null: this machine has no server. In one stream, as a bulk scan keeps it: first, unchanged, and with one device changed. */
export async function sentOf(devices: number, batch: number): Promise<readonly (readonly [string, Sent])[] | null> {
  const server = await startMongo();
  if (server === null) return null;
  const url = server.freshUrl();
  const npsd = new MongoClient(url);
  let sent = { requests: 0, documents: 0 };
  const store = await openMongo(url, storeOptions, (address, options) => {
    const client = new MongoClient(address, { ...options, monitorCommands: true });
    client.on('commandStarted', ({ commandName }: CommandStartedEvent) => {
      if (commandName !== 'hello' && commandName !== 'endSessions') sent.requests += 1;
    });
    client.on('commandSucceeded', ({ commandName, reply }) => {
      if (commandName === 'update' || commandName === 'insert') sent.documents += (reply as { n: number }).n;
    });
    return client;
  });
  try {
    const { rows, administrators } = fleetOf(devices);
    const records = rows.map(({ computerId, name }) => ({
      _id: computerId as never,
      cn: name,
      admins: { current: [{ sid: 'S-1-5-21-1004336348-1177238915-682003330-512', onHost: true, persistent: true }] },
    }));
    await npsd.db().collection('computers').insertMany(records);
    const steps: (readonly [string, Sent])[] = [];
    for (const [number, name] of ['first', 'unchanged rescan', 'one device otherwise'].entries()) {
      const changed = number === 2 ? rows.with(0, { ...(rows[0] as (typeof rows)[number]), text: '0001|other' }) : rows;
      const { run, at, batches } = bulkScanOf({ rows: changed, administrators }, number, batch);
      sent = { requests: 0, documents: 0 };
      for (const one of batches) {
        await store.saveAnswers('inventory', run.id, at, one.rows);
        await store.noteScans(one.notes);
      }
      await store.putScanRun(run);
      steps.push([name, sent]);
    }
    return steps;
  } finally {
    await store.close();
    await npsd.db().dropDatabase();
    await npsd.close();
    await server.stop();
  }
}
