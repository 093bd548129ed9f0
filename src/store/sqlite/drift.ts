import type { DriftRecord } from '../../model/drift.ts';
import type { DriftFilter, DriftStore } from '../../ports.ts';
import { BLOCK, blocks, nextTurn } from '../blocks.ts';
import { pack, parseRecord } from '../text.ts';
import { type Database, justAfter } from './database.ts';
import { isChange, isCheck } from './layout.ts';

interface DriftRow {
  id: string;
  device: string;
  record: string;
}

/** The drift ledger: whole records as JSON, with the columns that a filter or an order needs beside them. */
export function drift(db: Database, scope: number): DriftStore {
  return {
    drift: (filter) => list(db, scope, filter),
    async putDrift(records) {
      for await (const block of blocks(records)) {
        db.transaction(() => {
          for (const record of block) put(db, scope, record);
        });
      }
    },
  };
}

function put(db: Database, scope: number, record: DriftRecord): void {
  const lastSeen = Date.parse(record.lastSeen);
  db.run(
    `INSERT INTO drift (scope, id, device, computer_id, state, last_seen, record) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET device = excluded.device, computer_id = excluded.computer_id, state = excluded.state,
     last_seen = excluded.last_seen, record = excluded.record WHERE record <> excluded.record`,
    scope,
    pack(record.id),
    pack(record.device),
    pack(record.computerId),
    record.state,
    Number.isNaN(lastSeen) ? null : lastSeen,
    JSON.stringify(record),
  );
}

/** As the conditions of the indexes have it. */
function aboutSql(about: DriftFilter['about']): string {
  return about === undefined ? '' : `AND ${about === 'checks' ? isCheck : isChange}`;
}

async function* list(db: Database, scope: number, filter: DriftFilter): AsyncGenerator<DriftRecord> {
  const computerIds = filter.computerIds ? JSON.stringify(filter.computerIds.map(pack)) : null;
  const states = filter.states ? JSON.stringify(filter.states) : null;
  const since = filter.since === undefined ? null : Date.parse(filter.since);
  let from = { device: '', id: '' };
  for (;;) {
    const page = db.all<DriftRow>(
      `SELECT id, device, record FROM drift
       WHERE scope = ?1 AND (device, id) >= (?2, ?3)
       AND (?4 IS NULL OR computer_id IN (SELECT value FROM json_each(?4)))
       AND (?5 IS NULL OR state IN (SELECT value FROM json_each(?5)))
       AND (?6 IS NULL OR last_seen >= ?6)
       ${aboutSql(filter.about)}
       ORDER BY device, id LIMIT ${BLOCK}`,
      scope,
      from.device,
      from.id,
      computerIds,
      states,
      since,
    );
    for (const row of page) yield parseRecord<DriftRecord>(row.record, `drift ${row.id}`);
    const last = page.at(-1);
    if (!last || page.length < BLOCK) return;
    await nextTurn();
    from = { device: last.device, id: justAfter(last.id) };
  }
}
