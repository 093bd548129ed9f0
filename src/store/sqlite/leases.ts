import type { Lease, LeaseHolder, LeaseStore } from '../../ports.ts';
import { pack, parseRecord } from '../text.ts';
import type { Database } from './database.ts';

/** How long a lease holds that nobody renews: it decides only where the holder's process cannot be looked at. */
const LEASE_MILLISECONDS = 60_000;

interface LeaseRow {
  token: number;
  holder: string | null;
  expires_at: string;
}

/**
 * One holder at a time. A living process keeps its lease however late it renews (it may be stopped in a debugger); a
 * dead one loses it at once. Only of a process on another host, or in another container, does the clock decide.
 */
export function leases(db: Database, scope: number, now: () => string): LeaseStore {
  function expiry(): string {
    return new Date(Date.parse(now()) + LEASE_MILLISECONDS).toISOString();
  }

  function find(name: string): LeaseRow | undefined {
    return db.get<LeaseRow>(
      'SELECT token, holder, expires_at FROM lease WHERE scope = ? AND name = ?',
      scope,
      pack(name),
    );
  }
  function holderOf(row: LeaseRow | undefined, name: string): LeaseHolder | null {
    return row?.holder ? parseRecord<LeaseHolder>(row.holder, `lease ${name}`) : null;
  }

  return {
    async acquire(name, holder, isDead) {
      return db.transaction(() => {
        const row = find(name);
        const other = holderOf(row, name);
        if (row && other && !isDead(other) && !(other.host !== holder.host && row.expires_at < now()))
          return { heldBy: other };
        const lease: Lease = { name, holder, token: (row?.token ?? 0) + 1, expiresAt: expiry() };
        db.run(
          `INSERT INTO lease (scope, name, token, holder, expires_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET token = excluded.token, holder = excluded.holder, expires_at = excluded.expires_at`,
          scope,
          pack(name),
          lease.token,
          JSON.stringify(holder),
          lease.expiresAt,
        );
        return { lease };
      });
    },
    async heldBy(name, isDead) {
      const row = find(name);
      const other = holderOf(row, name);
      return row && other && row.expires_at > now() && !isDead(other) ? other : null;
    },
    async renew(lease) {
      const { changes } = db.run(
        'UPDATE lease SET expires_at = ? WHERE scope = ? AND name = ? AND token = ? AND holder IS NOT NULL',
        expiry(),
        scope,
        pack(lease.name),
        lease.token,
      );
      return changes === 1;
    },
    async release(lease) {
      // The row stays, so that the token grows on.
      db.run(
        'UPDATE lease SET holder = NULL WHERE scope = ? AND name = ? AND token = ?',
        scope,
        pack(lease.name),
        lease.token,
      );
    },
  };
}
