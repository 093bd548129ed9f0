import type { Spending } from '../../model/desired.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { Spent } from '../../model/recorded.ts';
import type { BudgetStore } from '../../ports.ts';
import { overspent, sumOf } from '../spending.ts';
import { parseRecord } from '../text.ts';
import type { Connection } from './connection.ts';
import { isDuplicateKey } from './failure.ts';
import type { JournalDocument } from './runs.ts';

interface LedgerDocument {
  _id: string;
  /** Grows with every write. */
  version: number;
  entries: LedgerEntry[];
}

interface LedgerEntry {
  readonly provider: string;
  readonly name: string;
  /** ISO time. */
  readonly at: string;
  readonly spending: Spending;
}

/**
 * One document for all providers: taking something is one compare-and-set on its version, so that no transaction is
 * needed. It holds the actions of one day, some hundred bytes each.
 */
export function budgets(connection: Connection): BudgetStore {
  const documents = connection.own<LedgerDocument>('budgets');
  const journal = connection.own<JournalDocument>('journal');
  const _id = 'ledger';

  async function read(): Promise<LedgerDocument> {
    const found = await connection.call(() => documents.findOne({ _id }));
    return found ?? { _id, version: 0, entries: [] };
  }

  /** `change` answers the new entries, or null to leave all as it is. Repeated until nobody else wrote in between. */
  async function update(change: (entries: readonly LedgerEntry[]) => LedgerEntry[] | null): Promise<void> {
    connection.writing();
    for (;;) {
      const { version, entries } = await read();
      const next = change(entries);
      if (next === null) return;
      if (await connection.call(() => replace(version, next))) return;
    }
  }

  async function replace(version: number, entries: LedgerEntry[]): Promise<boolean> {
    const document = { version: version + 1, entries };
    try {
      const { matchedCount, upsertedCount } = await documents.replaceOne({ _id, version }, document, {
        upsert: version === 0,
      });
      return matchedCount + upsertedCount === 1;
    } catch (error) {
      // Somebody else made the document in between.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  function spentIn(entries: readonly LedgerEntry[], since: string): Pick<Spent, 'own' | 'all'> {
    const recent = entries.filter(({ at }) => at >= since);
    const own = recent.filter(({ provider }) => provider === connection.provider);
    return {
      own: sumOf(own.map(({ spending }) => spending)),
      all: sumOf(recent.map(({ spending }) => spending)),
    };
  }

  return {
    async spent(since) {
      const sent = { ...connection.mine, intendedAt: { $gte: since }, state: { $ne: 'absent' } };
      const found = await connection.call(() => journal.find(sent, { projection: { record: 1 } }).toArray());
      const targets = found.flatMap(({ _id, record }) => parseRecord<JournalEntry>(record, _id).targets);
      return { ...spentIn((await read()).entries, since), devices: new Set(targets) };
    },
    async spend({ name, at, spending }, since, limits) {
      const { provider } = connection;
      let over: ReturnType<typeof overspent> = [];
      await update((entries) => {
        over = [];
        if (entries.some((entry) => entry.provider === provider && entry.name === name)) return null;
        over = overspent(spentIn(entries, since), spending, limits);
        if (over.length > 0) return null;
        return [...entries.filter((entry) => entry.at >= since), { provider, name, at, spending }];
      });
      return over;
    },
    async refund(name) {
      await update((entries) => {
        const left = entries.filter((entry) => !(entry.provider === connection.provider && entry.name === name));
        return left.length === entries.length ? null : left;
      });
    },
  };
}
