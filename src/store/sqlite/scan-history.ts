import type { ScanRun } from '../../model/scan.ts';
import type { ScanHistoryStore } from '../../ports.ts';
import type { LateWrites } from '../late.ts';
import { pack, parseRecord } from '../text.ts';
import type { Database } from './database.ts';

/** One row for each scan, bulk scan, and scan of one device. */
export function scanHistory(db: Database, scope: number, late: LateWrites): ScanHistoryStore {
  return {
    async putScanRun(run) {
      // What it counts is there.
      await late.finish();
      db.run(
        `INSERT INTO scan_run (scope, id, started_at, status, record) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE
         SET started_at = excluded.started_at, status = excluded.status, record = excluded.record`,
        scope,
        pack(run.id),
        run.startedAt,
        run.status,
        JSON.stringify(run),
      );
    },
    async scanRuns(limit) {
      const rows = db.tuples<[string]>(
        'SELECT record FROM scan_run WHERE scope = ? ORDER BY started_at DESC, number DESC LIMIT ?',
        scope,
        limit,
      );
      return rows.map(runOf);
    },
    async unfinishedScanRuns() {
      const rows = db.tuples<[string]>(
        "SELECT record FROM scan_run WHERE scope = ? AND status = 'running' ORDER BY started_at, number",
        scope,
      );
      return rows.map(runOf);
    },
  };
}

function runOf([record]: readonly [string]): ScanRun {
  return parseRecord<ScanRun>(record, 'a scan');
}
