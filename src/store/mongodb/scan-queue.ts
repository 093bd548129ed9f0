import { ObjectId } from 'mongodb';
import type { QueuedScan, ScanDemand } from '../../model/scan.ts';
import type { ScanQueueStore } from '../../ports.ts';
import { blocks } from '../blocks.ts';
import { pack, unpack } from '../text.ts';
import type { Connection } from './connection.ts';

interface QueueDocument {
  _id: string;
  /** The computer record's id. */
  id: string;
  name: string;
  requestedAt: string;
  /** Among those that were asked for in one millisecond: the order of arrival in this process. */
  order: number;
  by: string;
  reason: QueuedScan['reason'];
  /** Left out: it waits. */
  taken?: Taken;
  attempts: number;
}

interface Taken {
  readonly since: string;
  readonly holder: string;
  /** Of one call to take, so that it finds what it got. */
  readonly claim: string;
}

/** Computers that wait for a scan of their own. NPS-D's `queue` is another one, of its own requests. */
export function scanQueue(connection: Connection): ScanQueueStore {
  const documents = connection.own<QueueDocument>('scan_queue');
  let arrived = 0;

  return {
    async enqueue(requests) {
      connection.writing();
      let added = 0;
      for await (const block of blocks(requests)) {
        const inserts = block.map((request) => ({
          updateOne: {
            filter: { _id: connection.key(request.id) },
            update: { $setOnInsert: encoded(request, arrived++) },
            upsert: true,
          },
        }));
        added += (await connection.call(() => documents.bulkWrite(inserts, { ordered: false }))).upsertedCount;
      }
      return added;
    },
    /** Each is a compare-and-set on who had it: of two takers one gets it. */
    async take(limit, { holder, now, isDead, stuckBefore }) {
      connection.writing();
      const holders = await connection.call(() => documents.distinct('taken.holder', connection.mine));
      const dead = holders.filter((other) => isDead(unpack(String(other))));
      const free = {
        ...connection.mine,
        $or: [
          { taken: { $exists: false } },
          { 'taken.since': { $lt: stuckBefore } },
          { 'taken.holder': { $in: dead } },
        ],
      };
      const found = await connection.call(() => documents.find(free, { sort: oldestFirst, limit }).toArray());
      if (found.length === 0) return [];
      const taken: Taken = { since: now, holder: pack(holder), claim: new ObjectId().toHexString() };
      const updates = found.map(({ _id, taken: before }) => ({
        updateOne: {
          filter: before === undefined ? { _id, taken: { $exists: false } } : { _id, 'taken.claim': before.claim },
          update: { $set: { taken }, $inc: { attempts: 1 } },
        },
      }));
      await connection.call(() => documents.bulkWrite(updates, { ordered: false }));
      const mine = { _id: { $in: found.map(({ _id }) => _id) }, 'taken.claim': taken.claim };
      return (await connection.call(() => documents.find(mine, { sort: oldestFirst }).toArray())).map(queued);
    },
    async finish(ids) {
      connection.writing();
      for await (const block of blocks(ids)) {
        const gone = { _id: { $in: block.map(connection.key) } };
        await connection.call(() => documents.deleteMany(gone));
      }
    },
    async putBack(ids) {
      connection.writing();
      for await (const block of blocks(ids)) {
        const back = { _id: { $in: block.map(connection.key) } };
        await connection.call(() => documents.updateMany(back, { $unset: { taken: '' } }));
      }
    },
    async *queued() {
      const cursor = documents.find(connection.mine, { sort: oldestFirst });
      for await (const document of connection.each(cursor)) yield queued(document);
    },
  };
}

const oldestFirst = { requestedAt: 1, order: 1, _id: 1 } as const;

function encoded({ id, name, requestedAt, by, reason }: ScanDemand, order: number): Omit<QueueDocument, '_id'> {
  return { id: pack(id), name: pack(name), requestedAt, order, by: pack(by), reason, attempts: 0 };
}

function queued({ id, name, requestedAt, by, reason, taken, attempts }: QueueDocument): QueuedScan {
  return {
    id: unpack(id),
    name: unpack(name),
    requestedAt,
    by: unpack(by),
    reason,
    inProgress: taken === undefined ? null : { since: taken.since, holder: unpack(taken.holder) },
    attempts,
  };
}
