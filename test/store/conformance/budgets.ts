import { describe, expect, it } from 'vitest';
import type { Spending } from '../../../src/model/desired.ts';
import type { JournalEntry } from '../../../src/model/journal.ts';
import type { Expense, SpendingLimits } from '../../../src/model/recorded.ts';
import type { Given } from '../conformance.ts';

const nothing: Spending = { removals: 0, disables: 0, rotations: 0, devices: 0 };
const unbounded = { removals: null, disables: null, rotations: null, devices: null };
const free: SpendingLimits = { own: unbounded, all: unbounded };
const dawn = '2026-03-01T00:00:00.000Z';

function expense(name: string, spending: Partial<Spending>, at = '2026-03-01T10:00:00.000Z'): Expense {
  return { name, at, spending: { ...nothing, ...spending } };
}

/** At most so many removals. */
function atMost(own: number | null, all: number | null = null): SpendingLimits {
  return { own: { ...unbounded, removals: own }, all: { ...unbounded, removals: all } };
}

export function slidingBudgets(given: Given): void {
  describe('sliding budgets', () => {
    it('are what was spent since a time', async () => {
      expect(await given.store.spent(dawn)).toEqual({ own: nothing, all: nothing, devices: new Set() });
      await given.store.spend(expense('a', { removals: 2, devices: 2 }, '2026-03-01T09:00:00.000Z'), dawn, free);
      await given.store.spend(expense('b', { rotations: 3, devices: 3 }), dawn, free);
      const both = { removals: 2, disables: 0, rotations: 3, devices: 5 };
      expect(await given.store.spent(dawn)).toMatchObject({ own: both, all: both });
      const later = { ...nothing, rotations: 3, devices: 3 };
      expect(await given.store.spent('2026-03-01T10:00:00.000Z')).toMatchObject({ own: later, all: later });
    });

    it('know the devices that actions were sent to since, by the journal', async () => {
      const entry = (name: string, target: string, parts: Partial<JournalEntry> = {}): JournalEntry => ({
        name,
        run: 'r',
        key: 'k',
        state: 'settled',
        actionId: '1',
        operations: [],
        targets: [target, '9'],
        intendedAt: '2026-03-01T10:00:00.000Z',
        expiresAt: '2026-03-01T10:10:00.000Z',
        ...parts,
      });
      await given.store.putEntry(entry('a', '1'));
      await given.store.putEntry(entry('b', '2', { state: 'absent', actionId: null }));
      await given.store.putEntry(entry('c', '3', { intendedAt: '2026-02-28T10:00:00.000Z' }));
      await given.store.putEntry(entry('d', '4', { state: 'intended', actionId: null }));
      expect((await given.store.spent(dawn)).devices).toEqual(new Set(['1', '9', '4']));
    });

    it('count one action once, however often it is told', async () => {
      await given.store.spend(expense('a', { removals: 2 }), dawn, free);
      expect(await given.store.spend(expense('a', { removals: 2 }), dawn, atMost(2))).toEqual([]);
      expect((await given.store.spent(dawn)).own.removals).toBe(2);
    });

    it('take nothing that would pass a limit, and name it', async () => {
      await given.store.spend(expense('a', { removals: 2 }), dawn, free);
      expect(await given.store.spend(expense('b', { removals: 2, devices: 9 }), dawn, atMost(3))).toEqual(['removals']);
      expect((await given.store.spent(dawn)).own).toEqual({ ...nothing, removals: 2 });
      expect(await given.store.spend(expense('b', { removals: 1, devices: 9 }), dawn, atMost(3))).toEqual([]);
      expect(await given.store.spend(expense('c', { disables: 5 }), dawn, atMost(3))).toEqual([]);
    });

    it('slide: what is older than the window no longer counts', async () => {
      await given.store.spend(expense('a', { removals: 3 }, '2026-03-01T09:00:00.000Z'), dawn, atMost(3));
      const noon = expense('b', { removals: 3 }, '2026-03-02T09:00:01.000Z');
      expect(await given.store.spend(noon, '2026-03-01T09:00:01.000Z', atMost(3))).toEqual([]);
    });

    it('give back what was never sent, once', async () => {
      await given.store.spend(expense('a', { removals: 3 }), dawn, free);
      await given.store.spend(expense('b', { removals: 1 }), dawn, free);
      await given.store.refund('a');
      await given.store.refund('a');
      expect((await given.store.spent(dawn)).own.removals).toBe(1);
    });

    it('of two providers are two for a share, and one for a number', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      await given.store.spend(expense('a', { removals: 2 }), dawn, free);
      expect(await other.spent(dawn)).toMatchObject({ own: nothing, all: { ...nothing, removals: 2 } });
      expect(await other.spend(expense('a', { removals: 2 }), dawn, atMost(3, 3))).toEqual(['removals']);
      expect(await other.spend(expense('a', { removals: 2 }), dawn, atMost(3))).toEqual([]);
      await other.refund('a');
      expect((await given.store.spent(dawn)).all.removals).toBe(2);
      await other.close();
    });

    it('give the last unit to one of many who ask at once, of whatever provider and process', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      const again = await given.under.open();
      const stores = [given.store, other, again];
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (stores[index % 3] ?? given.store).spend(expense(`${index}`, { removals: 1 }), dawn, atMost(null, 5)),
        ),
      );
      expect(answers.filter((over) => over.length === 0)).toHaveLength(5);
      expect((await given.store.spent(dawn)).all.removals).toBe(5);
      await other.close();
      await again.close();
    });
  });
}
