import type { JournalEntry } from '../../model/journal.ts';
import type { Run } from '../../model/run.ts';
import type { RunStore } from '../../ports.ts';
import { nextTurn } from '../blocks.ts';
import { pack, parseRecord } from '../text.ts';
import type { Database } from './database.ts';

/** Runs and the journal of their actions. A commit is on the disk (`synchronous` is FULL) before the promise resolves. */
export function runs(db: Database, scope: number): RunStore {
  return {
    async putRun(run) {
      const { plan, ...record } = run;
      db.run(
        `INSERT INTO run (scope, id, record, plan) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET record = excluded.record, plan = excluded.plan`,
        scope,
        pack(run.id),
        JSON.stringify(record),
        plan === null ? null : JSON.stringify(plan),
      );
    },
    async run(id) {
      const row = db.get<RunRow>('SELECT record, plan FROM run WHERE scope = ? AND id = ?', scope, pack(id));
      return row ? runOf(row) : null;
    },
    async lastRollout() {
      const row = db.get<RunRow>(
        `SELECT record, plan FROM run WHERE scope = ? AND json_extract(record, '$.summary.waves') IS NOT NULL
         ORDER BY json_extract(record, '$.startedAt') DESC, rowid DESC LIMIT 1`,
        scope,
      );
      return row ? runOf(row) : null;
    },
    async putEntry(entry) {
      db.run(
        `INSERT INTO journal (scope, name, state, intended_at, record) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (scope, name) DO UPDATE
         SET state = excluded.state, intended_at = excluded.intended_at, record = excluded.record`,
        scope,
        pack(entry.name),
        entry.state,
        entry.intendedAt,
        JSON.stringify(entry),
      );
    },
    entries: (run) => entriesOf(db, scope, run),
    async unsettled() {
      const rows = db.all<{ record: string }>(
        `SELECT record FROM journal WHERE scope = ? AND state IN ('intended', 'issued') ORDER BY intended_at, number`,
        scope,
      );
      return rows.map((row) => parseRecord<JournalEntry>(row.record, 'a journal entry'));
    },
    async lastEntry(computerId, before) {
      const row = db.get<{ record: string }>(
        `SELECT record FROM journal WHERE scope = ?1 AND state <> 'absent' AND (?3 IS NULL OR intended_at < ?3)
         AND EXISTS (SELECT 1 FROM json_each(record, '$.targets') WHERE value = ?2)
         ORDER BY intended_at DESC, number DESC LIMIT 1`,
        scope,
        computerId,
        before ?? null,
      );
      return row ? parseRecord<JournalEntry>(row.record, 'a journal entry') : null;
    },
  };
}

/** A page at a time: a run on a million devices has a thousand entries. */
const PAGE = 50;

async function* entriesOf(db: Database, scope: number, run: string): AsyncGenerator<JournalEntry> {
  let after = { at: '', number: 0 };
  for (;;) {
    const page = db.all<{ number: number; intended_at: string; record: string }>(
      `SELECT number, intended_at, record FROM journal
       WHERE scope = ?1 AND json_extract(record, '$.run') = ?2 AND (intended_at, number) > (?3, ?4)
       ORDER BY intended_at, number LIMIT ${PAGE}`,
      scope,
      run,
      after.at,
      after.number,
    );
    for (const { record } of page) yield parseRecord<JournalEntry>(record, 'a journal entry');
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    await nextTurn();
    after = { at: last.intended_at, number: last.number };
  }
}

interface RunRow {
  readonly record: string;
  readonly plan: string | null;
}

function runOf({ record: text, plan }: RunRow): Run {
  const record = parseRecord<Omit<Run, 'plan'>>(text, 'a run');
  return { ...record, plan: plan === null ? null : parseRecord(plan, `the plan of run ${record.id}`) };
}
