import type { LeaseAnswer, LeaseHolder, LeaseStore } from '../../ports.ts';
import { parseRecord } from '../text.ts';
import type { Connection } from './connection.ts';
import { isDuplicateKey } from './failure.ts';
import { serverTime } from './server-time.ts';

/** How long a lease holds that nobody renews. */
const LEASE_MILLISECONDS = 60_000;

interface LeaseDocument {
  _id: string;
  token: number;
  /** JSON; null: nobody. */
  holder: string | null;
  expiresAt: Date;
}

/**
 * One holder at a time, by the server's clock alone: the clocks of the holders' machines do not count. Taking over is
 * one compare-and-set on token and expiry, so of many who see a lease run out one gets it, and a renewal in between
 * beats them all.
 */
export function leases(connection: Connection): LeaseStore {
  const documents = connection.own<LeaseDocument>('leases');

  async function find(name: string): Promise<LeaseDocument> {
    const _id = connection.key(name);
    const found = await connection.call(() => documents.findOne({ _id }));
    if (found !== null) return found;
    const free: LeaseDocument = { _id, token: 0, holder: null, expiresAt: new Date(0) };
    await connection.call(() => insertUnlessThere(() => documents.insertOne(free)));
    return (await connection.call(() => documents.findOne({ _id }))) ?? free;
  }

  return {
    async acquire(name, holder, isDead): Promise<LeaseAnswer> {
      connection.writing();
      for (;;) {
        const { _id, token, expiresAt, ...found } = await find(name);
        const now = await serverTime(connection);
        const other = holderOf(found.holder, name);
        if (other !== null && expiresAt > now && !isDead(other)) return { heldBy: other };
        const taken = await connection.call(() =>
          documents.findOneAndUpdate(
            { _id, token, expiresAt },
            { $set: { holder: JSON.stringify(holder), expiresAt: expiry(now) }, $inc: { token: 1 } },
            { returnDocument: 'after' },
          ),
        );
        if (taken !== null)
          return { lease: { name, holder, token: taken.token, expiresAt: taken.expiresAt.toISOString() } };
        // Somebody took, renewed or released it in between: look again.
      }
    },
    async heldBy(name, isDead) {
      const found = await connection.call(() => documents.findOne({ _id: connection.key(name) }));
      const other = holderOf(found?.holder ?? null, name);
      if (found === null || other === null || isDead(other)) return null;
      return found.expiresAt > (await serverTime(connection)) ? other : null;
    },
    async renew(lease) {
      connection.writing();
      const now = await serverTime(connection);
      const { matchedCount } = await connection.call(() =>
        documents.updateOne(
          { _id: connection.key(lease.name), token: lease.token, holder: { $ne: null } },
          { $set: { expiresAt: expiry(now) } },
        ),
      );
      return matchedCount === 1;
    },
    async release(lease) {
      connection.writing();
      // The document stays, so that the token grows on.
      await connection.call(() =>
        documents.updateOne(
          { _id: connection.key(lease.name), token: lease.token },
          { $set: { holder: null, expiresAt: new Date(0) } },
        ),
      );
    },
  };
}

function holderOf(holder: string | null, name: string): LeaseHolder | null {
  return holder === null ? null : parseRecord<LeaseHolder>(holder, `lease ${name}`);
}

function expiry(now: Date): Date {
  return new Date(now.getTime() + LEASE_MILLISECONDS);
}

async function insertUnlessThere(insert: () => Promise<unknown>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}
