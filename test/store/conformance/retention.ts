import { describe, expect, it } from 'vitest';
import type { JournalState } from '../../../src/model/journal.ts';
import { retentionAt } from '../../../src/model/retention.ts';
import type { Given } from '../conformance.ts';
import { aDrift, anEntry, aPlan, aRun, collect } from '../samples.ts';
import { aScanRun } from './scan-history.ts';

const now = '2026-12-01T00:00:00.000Z';
const old = '2026-03-02T09:00:00.000Z';
/** 90 days before now, and a day. */
const justOld = '2026-09-01T00:00:00.000Z';
const recent = '2026-09-03T00:00:00.000Z';

export function retention(given: Given): void {
  const prune = (): Promise<number> => given.store.prune(retentionAt(now));

  describe('retention', () => {
    it('takes nothing from an empty store', async () => {
      expect(await prune()).toBe(0);
    });

    it('takes runs with their plans that ended more than 90 days ago', async () => {
      await given.store.putRun({ ...aRun('old', aPlan()), startedAt: old, endedAt: justOld, status: 'done' });
      await given.store.putRun({ ...aRun('open', null), startedAt: old });
      await given.store.putRun({ ...aRun('recent', aPlan()), startedAt: old, endedAt: recent, status: 'done' });
      await given.store.putRun({ ...aRun('last', null), startedAt: recent, endedAt: recent, status: 'done' });
      expect(await prune()).toBe(1);
      expect(await given.store.run('old')).toBeNull();
      for (const id of ['open', 'recent', 'last']) expect((await given.store.run(id))?.id).toBe(id);
      expect((await given.store.run('recent'))?.plan).toEqual(aPlan());
      expect(await prune()).toBe(0);
    });

    it('keeps the last run and the last that went in waves, however old', async () => {
      const waves = { ...aRun('waves', null), summary: { waves: 2 }, startedAt: old, endedAt: old };
      await given.store.putRun(waves);
      await given.store.putRun({ ...aRun('between', null), startedAt: '2026-03-03T09:00:00.000Z', endedAt: justOld });
      await given.store.putRun({ ...aRun('last', null), startedAt: '2026-03-04T09:00:00.000Z', endedAt: justOld });
      expect(await prune()).toBe(1);
      expect(await given.store.lastRollout()).toEqual(waves);
      expect((await given.store.run('last'))?.id).toBe('last');
    });

    it('keeps a run as long as an action of it is open, and what undoes it as long as the run', async () => {
      await given.store.putRun({ ...aRun('r1', null), startedAt: old, endedAt: old, status: 'done' });
      await given.store.putRun({ ...aRun('r2', null), startedAt: recent, endedAt: recent, status: 'done' });
      const entry = (name: string, state: JournalState, more = {}): Promise<void> =>
        given.store.putEntry(anEntry(name, { state, intendedAt: old, ...more }));
      await entry('settled', 'settled');
      await entry('absent', 'absent');
      await entry('open', 'issued');
      await entry('of today', 'settled', { run: 'r2', intendedAt: recent });
      expect(await prune()).toBe(2);
      expect((await collect(given.store.entries('r1'))).map(({ name }) => name)).toEqual(['open']);
      expect((await given.store.run('r1'))?.id).toBe('r1');
      expect(await given.store.lastEntry('1')).toMatchObject({ name: 'of today' });
      await entry('open', 'settled');
      expect(await prune()).toBe(2);
      expect(await given.store.run('r1')).toBeNull();
    });

    it('takes resolved drift that nobody has seen for 400 days, and no other', async () => {
      const at = (lastSeen: string, more = {}): Partial<ReturnType<typeof aDrift>> => ({ lastSeen, ...more });
      await given.store.putDrift([
        aDrift('over', 'A', at('2025-10-20T00:00:00Z', { state: 'resolved' })),
        aDrift('just kept', 'A', at('2025-10-30T00:00:00Z', { state: 'resolved' })),
        aDrift('open', 'A', at('2025-01-01T00:00:00Z')),
        aDrift('accepted', 'A', at('2025-01-01T00:00:00Z', { state: 'accepted' })),
      ]);
      expect(await prune()).toBe(1);
      const left = (await collect(given.store.drift({}))).map(({ id }) => id);
      expect(left.toSorted()).toEqual(['accepted', 'just kept', 'open']);
    });

    it('takes the history of scans but for the last one and those that have no end', async () => {
      await given.store.putScanRun(aScanRun('running', { startedAt: old, endedAt: null, status: 'running' }));
      await given.store.putScanRun(aScanRun('old', { startedAt: old }));
      await given.store.putScanRun(aScanRun('last', { startedAt: justOld }));
      expect(await prune()).toBe(1);
      expect((await given.store.scanRuns(9)).map(({ id }) => id)).toEqual(['last', 'running']);
    });

    it('is bounded work: what is left goes with the next calls', async () => {
      const many = Array.from({ length: 1500 }, (_, index) =>
        aDrift(`d${index}`, 'A', { state: 'resolved', lastSeen: '2025-01-01T00:00:00Z' }),
      );
      await given.store.putDrift(many);
      expect([await prune(), await prune(), await prune()]).toEqual([1000, 500, 0]);
    });

    it('leaves what is of another provider', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      await other.putScanRun(aScanRun('a', { startedAt: old }));
      await other.putScanRun(aScanRun('b', { startedAt: justOld }));
      await other.putDrift([aDrift('d', 'A', { state: 'resolved', lastSeen: '2025-01-01T00:00:00Z' })]);
      expect(await prune()).toBe(0);
      expect(await other.scanRuns(9)).toHaveLength(2);
      await other.close();
    });
  });
}
