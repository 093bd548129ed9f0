import type { AuditRecord } from '../../model/audit.ts';
import type { AuditStore } from '../../ports.ts';
import { BLOCK, nextTurn } from '../blocks.ts';
import { parseRecord } from '../text.ts';
import type { Database } from './database.ts';

interface AuditRow {
  number: number;
  record: string;
}

/** The audit chain of all providers: rows are added, and never changed. */
export function audit(db: Database): AuditStore {
  return {
    async lastAudit() {
      const row = db.get<AuditRow>('SELECT number, record FROM audit ORDER BY number DESC LIMIT 1');
      return row ? recordOf(row) : null;
    },
    async appendAudit(record) {
      const { changes } = db.run(
        'INSERT INTO audit (number, record) VALUES (?, ?) ON CONFLICT DO NOTHING',
        record.number,
        JSON.stringify(record),
      );
      return changes === 1;
    },
    async *audit(first = 1) {
      for (let after = first - 1; ; ) {
        const page = db.all<AuditRow>(
          `SELECT number, record FROM audit WHERE number > ? ORDER BY number LIMIT ${BLOCK}`,
          after,
        );
        for (const row of page) yield recordOf(row);
        const last = page.at(-1);
        if (!last || page.length < BLOCK) return;
        after = last.number;
        await nextTurn();
      }
    },
  };
}

function recordOf({ number, record }: AuditRow): AuditRecord {
  return parseRecord<AuditRecord>(record, `audit record ${number}`);
}
