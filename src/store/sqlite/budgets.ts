import { type BudgetName, budgetNames, type Spending } from '../../model/desired.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { Spent } from '../../model/recorded.ts';
import type { BudgetStore } from '../../ports.ts';
import { overspent } from '../spending.ts';
import { pack, parseRecord } from '../text.ts';
import type { Database } from './database.ts';

const sums = budgetNames.map((name) => `coalesce(sum(${name}), 0) AS ${name}`).join(', ');

/** What the budgets have spent, of all providers in one table. */
export function budgets(db: Database, scope: number): BudgetStore {
  function since(time: string): Pick<Spent, 'own' | 'all'> {
    const own = db.get<Record<BudgetName, number>>(
      `SELECT ${sums} FROM spending WHERE scope = ? AND at >= ?`,
      scope,
      time,
    );
    const all = db.get<Record<BudgetName, number>>(`SELECT ${sums} FROM spending WHERE at >= ?`, time);
    return { own: spendingOf(own), all: spendingOf(all) };
  }

  return {
    async spent(time) {
      const sent = db.all<{ record: string }>(
        "SELECT record FROM journal WHERE scope = ? AND intended_at >= ? AND state <> 'absent'",
        scope,
        time,
      );
      const targets = sent.flatMap(({ record }) => parseRecord<JournalEntry>(record, 'a journal entry').targets);
      return { ...since(time), devices: new Set(targets) };
    },
    async spend({ name, at, spending }, time, limits) {
      return db.transaction(() => {
        const known = db.get('SELECT 1 FROM spending WHERE scope = ? AND name = ?', scope, pack(name));
        if (known !== undefined) return [];
        const over = overspent(since(time), spending, limits);
        if (over.length > 0) return over;
        db.run('DELETE FROM spending WHERE at < ?', time);
        db.run(
          'INSERT INTO spending (scope, name, at, removals, disables, rotations, devices) VALUES (?, ?, ?, ?, ?, ?, ?)',
          scope,
          pack(name),
          at,
          spending.removals,
          spending.disables,
          spending.rotations,
          spending.devices,
        );
        return [];
      });
    },
    async refund(name) {
      db.run('DELETE FROM spending WHERE scope = ? AND name = ?', scope, pack(name));
    },
  };
}

/** A row of the database has no prototype. */
function spendingOf(row: Record<BudgetName, number> | undefined): Spending {
  const { removals = 0, disables = 0, rotations = 0, devices = 0 } = row ?? {};
  return { removals, disables, rotations, devices };
}
