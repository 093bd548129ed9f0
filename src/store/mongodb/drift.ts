import { type DriftAbout, type DriftRecord, isAbout } from '../../model/drift.ts';
import type { DriftFilter, DriftStore } from '../../ports.ts';
import { blocks } from '../blocks.ts';
import { pack, parseRecord } from '../text.ts';
import type { Connection } from './connection.ts';

/** A longer list is looked through here: one request may not pass 16 MB. */
const MAX_LISTED = 10_000;

interface DriftDocument {
  _id: string;
  /** Of the connection; in the index before device, so that no order is ever made in the server's memory. */
  scope: string;
  device: string;
  computerId: string;
  state: string;
  /** Older versions left it out: the record tells. */
  about?: DriftAbout;
  lastSeen: Date | null;
  /** The whole record as JSON: subjects are named after accounts, and a name may have dots and dollars. */
  record: string;
}

export function drift(connection: Connection): DriftStore {
  const documents = connection.own<DriftDocument>('drift');
  return {
    drift: (filter) => list(connection, filter),
    async putDrift(records) {
      connection.writing();
      for await (const block of blocks(records)) {
        const updates = block.map((record) => ({
          updateOne: {
            filter: { _id: connection.key(record.id) },
            update: { $set: encoded(connection.scope, record) },
            upsert: true,
          },
        }));
        await connection.call(() => documents.bulkWrite(updates, { ordered: false }));
      }
    },
  };
}

function encoded(scope: string, record: DriftRecord): Omit<DriftDocument, '_id'> {
  const lastSeen = new Date(record.lastSeen);
  return {
    scope,
    device: pack(record.device),
    computerId: pack(record.computerId),
    state: record.state,
    about: isAbout(record, 'checks') ? 'checks' : 'changes',
    lastSeen: Number.isNaN(lastSeen.getTime()) ? null : lastSeen,
    record: JSON.stringify(record),
  };
}

async function* list(connection: Connection, filter: DriftFilter): AsyncGenerator<DriftRecord> {
  const wanted = filter.computerIds && new Set(filter.computerIds.map(pack));
  const cursor = connection.own<DriftDocument>('drift').find(
    {
      scope: connection.scope,
      ...(wanted && wanted.size <= MAX_LISTED ? { computerId: { $in: [...wanted] } } : {}),
      ...(filter.states ? { state: { $in: [...filter.states] } } : {}),
      ...(filter.about === undefined ? {} : { about: { $in: [filter.about, null] as DriftAbout[] } }),
      ...(filter.since === undefined ? {} : { lastSeen: { $gte: new Date(filter.since) } }),
    },
    { sort: { device: 1, _id: 1 } },
  );
  for await (const { _id, computerId, record } of connection.each(cursor)) {
    if (wanted?.has(computerId) === false) continue;
    const found = parseRecord<DriftRecord>(record, `drift ${_id}`);
    if (filter.about === undefined || isAbout(found, filter.about)) yield found;
  }
}
