import type { QueuedScan } from '../../model/scan.ts';
import type { ScanQueueStore } from '../../ports.ts';
import { BLOCK, blocks, nextTurn } from '../blocks.ts';
import { pack, unpack } from '../text.ts';
import type { Database } from './database.ts';

interface QueueRow {
  number: number;
  id: string;
  name: string;
  requested_at: string;
  requested_by: string;
  reason: QueuedScan['reason'];
  since: string | null;
  holder: string | null;
  attempts: number;
}

/** Computers that wait for a scan of their own, one row each. */
export function scanQueue(db: Database, scope: number): ScanQueueStore {
  return {
    async enqueue(requests) {
      let added = 0;
      for await (const block of blocks(requests)) {
        db.transaction(() => {
          for (const { id, name, requestedAt, by, reason } of block)
            added += db.run(
              `INSERT OR IGNORE INTO scan_queue (scope, id, name, requested_at, requested_by, reason, attempts)
               VALUES (?, ?, ?, ?, ?, ?, 0)`,
              scope,
              pack(id),
              pack(name),
              requestedAt,
              pack(by),
              reason,
            ).changes;
        });
      }
      return added;
    },
    async take(limit, { holder, now, isDead, stuckBefore }) {
      return db.transaction(() => {
        const holders = db.tuples<[string]>(
          'SELECT DISTINCT holder FROM scan_queue WHERE scope = ? AND holder IS NOT NULL',
          scope,
        );
        const dead = holders.flatMap(([other]) => (isDead(unpack(other)) ? [other] : []));
        const rows = db.all<QueueRow>(
          `SELECT * FROM scan_queue WHERE scope = ?
           AND (holder IS NULL OR since < ? OR holder IN (SELECT value FROM json_each(?)))
           ORDER BY requested_at, number LIMIT ?`,
          scope,
          stuckBefore,
          JSON.stringify(dead),
          limit,
        );
        for (const { number } of rows)
          db.run(
            'UPDATE scan_queue SET since = ?, holder = ?, attempts = attempts + 1 WHERE number = ?',
            now,
            pack(holder),
            number,
          );
        return rows.map((row) => queued({ ...row, since: now, holder: pack(holder), attempts: row.attempts + 1 }));
      });
    },
    async finish(ids) {
      for await (const block of blocks(ids)) {
        db.transaction(() => {
          for (const id of block) db.run('DELETE FROM scan_queue WHERE scope = ? AND id = ?', scope, pack(id));
        });
      }
    },
    async putBack(ids) {
      for await (const block of blocks(ids)) {
        db.transaction(() => {
          for (const id of block)
            db.run('UPDATE scan_queue SET since = NULL, holder = NULL WHERE scope = ? AND id = ?', scope, pack(id));
        });
      }
    },
    queued: () => list(db, scope),
  };
}

async function* list(db: Database, scope: number): AsyncGenerator<QueuedScan> {
  let from = { requestedAt: '', number: 0 };
  for (;;) {
    const page = db.all<QueueRow>(
      `SELECT * FROM scan_queue WHERE scope = ? AND (requested_at, number) > (?, ?)
       ORDER BY requested_at, number LIMIT ${BLOCK}`,
      scope,
      from.requestedAt,
      from.number,
    );
    for (const row of page) yield queued(row);
    const last = page.at(-1);
    if (!last || page.length < BLOCK) return;
    await nextTurn();
    from = { requestedAt: last.requested_at, number: last.number };
  }
}

function queued(row: QueueRow): QueuedScan {
  return {
    id: unpack(row.id),
    name: unpack(row.name),
    requestedAt: row.requested_at,
    by: unpack(row.requested_by),
    reason: row.reason,
    inProgress: row.since === null || row.holder === null ? null : { since: row.since, holder: unpack(row.holder) },
    attempts: row.attempts,
  };
}
