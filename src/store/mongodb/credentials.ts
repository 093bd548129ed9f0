import { randomUUID } from 'node:crypto';
import { MongoBulkWriteError } from 'mongodb';
import type { CredentialStore, SealedStore } from '../../credential-ports.ts';
import type { AccountCredentials, RotationKey } from '../../model/credential.ts';
import { blocks } from '../blocks.ts';
import { compareAsKept, pack, parseRecord, unpack } from '../text.ts';
import type { Connection } from './connection.ts';
import { isDuplicateKey } from './failure.ts';

interface CredentialDocument {
  _id: string;
  /** Of the connection; in the index before device, so that no order is ever made in the server's memory. */
  scope: string;
  provider: string;
  computerId: string;
  account: string;
  revision: number;
  /** Of the request that wrote it, so that it can tell afterwards what it wrote. */
  write: string;
  /** The whole record as JSON. */
  record: string;
}

interface KeyDocument {
  _id: string;
  provider: string;
  id: string;
  createdAt: string;
  publicKey: string;
  sealed: string;
}

/**
 * Passwords and the private keys of rotations, sealed. An account of a device is one document, and each write of it a
 * compare-and-set on its revision.
 */
export function credentials(connection: Connection): CredentialStore & SealedStore {
  const keys = connection.own<KeyDocument>('rotation_keys');
  const provider = pack(connection.provider);
  return {
    async putRotationKey({ id, createdAt, publicKey, sealed }) {
      connection.writing();
      const document = { provider, id: pack(id), createdAt, publicKey, sealed };
      await connection.call(async () => {
        try {
          await keys.insertOne({ _id: connection.key(id), ...document });
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      });
    },
    async rotationKey(id) {
      const found = await connection.call(() => keys.findOne({ _id: connection.key(id) }));
      return found === null ? null : keyOf(found);
    },
    rotationKeys: () => listKeys(connection),
    async resealRotationKey(id, from, to) {
      connection.writing();
      const update = { $set: { sealed: to } };
      const { matchedCount } = await connection.call(() =>
        keys.updateOne({ _id: connection.key(id), sealed: from }, update),
      );
      return matchedCount === 1;
    },
    async removeRotationKeys(ids) {
      connection.writing();
      for await (const block of blocks(ids)) {
        await connection.call(() => keys.deleteMany({ _id: { $in: block.map(connection.key) } }));
      }
    },
    async putCredentials(records) {
      connection.writing();
      const refused: AccountCredentials[] = [];
      for await (const block of blocks(records)) refused.push(...(await put(connection, block)));
      return refused;
    },
    credentials: (computerIds) => (computerIds ? listOf(connection, computerIds) : list(connection, {})),
    async sealedProviders() {
      const found = await connection.call(() =>
        Promise.all([
          connection.own<CredentialDocument>('credentials').distinct('provider'),
          keys.distinct('provider'),
        ]),
      );
      return [...new Set(found.flat().map(unpack))].toSorted();
    },
  };
}

/** Answers those that were not written. */
async function put(
  connection: Connection,
  block: readonly AccountCredentials[],
): Promise<readonly AccountCredentials[]> {
  const documents = connection.own<CredentialDocument>('credentials');
  const write = randomUUID();
  const requests = block.map((record) => {
    const { _id, ...document } = encoded(connection, record, write);
    // One that was never written is not to be there: the server then refuses a second one of its `_id`.
    return record.revision === 0
      ? { insertOne: { document: { _id, ...document } } }
      : { updateOne: { filter: { _id, revision: record.revision }, update: { $set: document } } };
  });
  const written = await connection.call(async () => {
    try {
      const { insertedCount, matchedCount } = await documents.bulkWrite(requests, { ordered: false });
      return insertedCount + matchedCount;
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError) || !isDuplicateKey(error)) throw error;
      return null;
    }
  });
  if (written === block.length) return [];
  const ids = block.map((record) => idOf(connection, record));
  const mine = { _id: { $in: ids }, write };
  const found = await connection.call(() => documents.find(mine, { projection: { _id: 1 } }).toArray());
  const own = new Set(found.map(({ _id }) => _id));
  return block.filter((record) => !own.has(idOf(connection, record)));
}

function encoded(connection: Connection, record: AccountCredentials, write: string): CredentialDocument {
  const revision = record.revision + 1;
  return {
    _id: idOf(connection, record),
    scope: connection.scope,
    provider: pack(connection.provider),
    computerId: pack(record.computerId),
    account: pack(record.account),
    revision,
    write,
    record: JSON.stringify({ ...record, revision }),
  };
}

function idOf({ key }: Connection, { computerId, account }: AccountCredentials): string {
  return key(JSON.stringify([computerId, account]));
}

async function* list(connection: Connection, filter: object): AsyncGenerator<AccountCredentials> {
  const found = connection
    .own<CredentialDocument>('credentials')
    .find({ scope: connection.scope, ...filter }, { sort: { computerId: 1, account: 1 } });
  for await (const { computerId, account, record } of connection.each(found))
    yield parseRecord<AccountCredentials>(record, `what is kept of ${unpack(account)} on ${unpack(computerId)}`);
}

async function* listOf(connection: Connection, computerIds: readonly string[]): AsyncGenerator<AccountCredentials> {
  const ids = [...new Set(computerIds.map(pack))].toSorted(compareAsKept);
  for await (const block of blocks(ids)) yield* list(connection, { computerId: { $in: block } });
}

async function* listKeys(connection: Connection): AsyncGenerator<RotationKey> {
  const found = connection.own<KeyDocument>('rotation_keys').find(connection.mine, { sort: { _id: 1 } });
  for await (const key of connection.each(found)) yield keyOf(key);
}

function keyOf({ id, createdAt, publicKey, sealed }: KeyDocument): RotationKey {
  return { id: unpack(id), createdAt, publicKey, sealed };
}
