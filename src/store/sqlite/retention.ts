import type { RetentionStore } from '../../ports.ts';
import { BLOCK } from '../blocks.ts';
import type { Database } from './database.ts';

/**
 * Each statement takes at most a block, oldest first, so that no call takes long; what is left goes with the next ones.
 * A run stays while an action of it is open, and so does the last run of all and the last that went in waves.
 */
export function retention(db: Database, scope: number): RetentionStore {
  return {
    async prune({ runsBefore, driftBefore }) {
      return db.transaction(() => {
        let gone = 0;
        gone += db.run(
          `DELETE FROM journal WHERE number IN (SELECT number FROM journal
           WHERE scope = ?1 AND intended_at < ?2 AND state IN ('settled', 'absent')
           AND number <> (SELECT number FROM journal WHERE scope = ?1 ORDER BY intended_at DESC, number DESC LIMIT 1)
           ORDER BY intended_at LIMIT ${BLOCK})`,
          scope,
          runsBefore,
        ).changes;
        gone += db.run(
          `DELETE FROM run WHERE rowid IN (SELECT rowid FROM run
           WHERE scope = ?1 AND json_extract(record, '$.endedAt') < ?2
           AND id NOT IN (SELECT json_extract(record, '$.run') FROM journal WHERE scope = ?1)
           AND rowid <> (SELECT rowid FROM run WHERE scope = ?1
             ORDER BY json_extract(record, '$.startedAt') DESC, rowid DESC LIMIT 1)
           AND rowid IS NOT (SELECT rowid FROM run
             WHERE scope = ?1 AND json_extract(record, '$.summary.waves') IS NOT NULL
             ORDER BY json_extract(record, '$.startedAt') DESC, rowid DESC LIMIT 1)
           ORDER BY json_extract(record, '$.endedAt') LIMIT ${BLOCK})`,
          scope,
          runsBefore,
        ).changes;
        gone += db.run(
          `DELETE FROM scan_run WHERE number IN (SELECT number FROM scan_run
           WHERE scope = ?1 AND started_at < ?2 AND status <> 'running'
           AND number <> (SELECT number FROM scan_run WHERE scope = ?1 ORDER BY started_at DESC, number DESC LIMIT 1)
           ORDER BY started_at LIMIT ${BLOCK})`,
          scope,
          runsBefore,
        ).changes;
        gone += db.run(
          `DELETE FROM drift WHERE scope = ?1 AND id IN (SELECT id FROM drift
           WHERE scope = ?1 AND state = 'resolved' AND last_seen < ?2 ORDER BY last_seen LIMIT ${BLOCK})`,
          scope,
          Date.parse(driftBefore),
        ).changes;
        return gone;
      });
    },
  };
}
