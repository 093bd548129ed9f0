import type { RetentionStore } from '../../ports.ts';
import { BLOCK, nextTurn } from '../blocks.ts';
import type { Database } from './database.ts';

/** Records that go by one statement: journal entries are long, and others wait meanwhile. */
const AT_ONCE = 100;

const oldEntries = `
DELETE FROM journal WHERE number IN (SELECT number FROM journal
  WHERE scope = ?1 AND intended_at < ?2 AND state IN ('settled', 'absent')
  AND number <> (SELECT number FROM journal WHERE scope = ?1 ORDER BY intended_at DESC, number DESC LIMIT 1)
  ORDER BY intended_at LIMIT ${AT_ONCE})`;

/**
 * A run stays while an action of it is there, and so does the last run of all and the last that went in waves.
 * `+`: a value of the type TEXT would not be looked for in an index on what JSON holds.
 */
const oldRuns = `
DELETE FROM run WHERE rowid IN (SELECT rowid FROM run
  WHERE scope = ?1 AND json_extract(record, '$.endedAt') < ?2
  AND NOT EXISTS (SELECT 1 FROM journal WHERE scope = ?1 AND json_extract(record, '$.run') = +run.id)
  AND rowid <> (SELECT rowid FROM run WHERE scope = ?1
    ORDER BY json_extract(record, '$.startedAt') DESC, rowid DESC LIMIT 1)
  AND rowid IS NOT (SELECT rowid FROM run WHERE scope = ?1 AND json_extract(record, '$.summary.waves') IS NOT NULL
    ORDER BY json_extract(record, '$.startedAt') DESC, rowid DESC LIMIT 1)
  ORDER BY json_extract(record, '$.endedAt') LIMIT ${AT_ONCE})`;

const oldScans = `
DELETE FROM scan_run WHERE number IN (SELECT number FROM scan_run
  WHERE scope = ?1 AND started_at < ?2 AND status <> 'running'
  AND number <> (SELECT number FROM scan_run WHERE scope = ?1 ORDER BY started_at DESC, number DESC LIMIT 1)
  ORDER BY started_at LIMIT ${AT_ONCE})`;

const oldDrift = `
DELETE FROM drift WHERE scope = ?1 AND id IN (SELECT id FROM drift
  WHERE scope = ?1 AND state = 'resolved' AND last_seen < ?2 ORDER BY last_seen LIMIT ${AT_ONCE})`;

export function retention(db: Database, scope: number): RetentionStore {
  /** At most a block; what is left goes with the next calls. */
  async function take(statement: string, before: string | number): Promise<number> {
    for (let gone = 0; ; ) {
      const { changes } = db.run(statement, scope, before);
      gone += changes;
      await nextTurn();
      if (changes < AT_ONCE || gone >= BLOCK) return gone;
    }
  }

  return {
    async prune({ runsBefore, driftBefore }) {
      const entries = await take(oldEntries, runsBefore);
      const runs = await take(oldRuns, runsBefore);
      const scans = await take(oldScans, runsBefore);
      return entries + runs + scans + (await take(oldDrift, Date.parse(driftBefore)));
    },
  };
}
