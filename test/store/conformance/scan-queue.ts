import { describe, expect, it } from 'vitest';
import type { QueuedScan, ScanDemand } from '../../../src/model/scan.ts';
import type { ScanTaker } from '../../../src/ports.ts';
import type { Given } from '../conformance.ts';
import { collect, hostile } from '../samples.ts';

const alive = (): boolean => false;

function demand(id: string, more: Partial<ScanDemand> = {}): ScanDemand {
  return { id, name: `PC-${id}`, requestedAt: '2026-03-02T09:00:00.000Z', by: 'root@host', reason: 'asked', ...more };
}

function taker(holder: string, more: Partial<ScanTaker> = {}): ScanTaker {
  return {
    holder,
    now: '2026-03-02T10:00:00.000Z',
    isDead: alive,
    stuckBefore: '2026-03-02T09:30:00.000Z',
    ...more,
  };
}

export function scanQueue(given: Given): void {
  const waiting = async (): Promise<readonly string[]> =>
    (await collect(given.store.queued())).flatMap(({ id, inProgress }) => (inProgress === null ? [id] : []));
  const idsOf = (taken: readonly QueuedScan[]): readonly string[] => taken.map(({ id }) => id);

  describe('the scan queue', () => {
    it('is empty at first', async () => {
      expect(await collect(given.store.queued())).toEqual([]);
      expect(await given.store.take(10, taker('a'))).toEqual([]);
    });

    it('has each computer once, as it was asked for first', async () => {
      expect(await given.store.enqueue([demand('1'), demand('2', { reason: 'fallback' })])).toBe(2);
      const again = { requestedAt: '2026-03-02T11:00:00.000Z', by: 'somebody else' };
      expect(await given.store.enqueue([demand('1', again), demand('3')])).toBe(1);
      expect(await collect(given.store.queued())).toEqual([
        { ...demand('1'), inProgress: null, attempts: 0 },
        { ...demand('2', { reason: 'fallback' }), inProgress: null, attempts: 0 },
        { ...demand('3'), inProgress: null, attempts: 0 },
      ]);
    });

    it('gives the oldest first, marked with who has them', async () => {
      await given.store.enqueue([demand('new', { requestedAt: '2026-03-02T09:20:00.000Z' })]);
      await given.store.enqueue([demand('old', { requestedAt: '2026-03-02T08:00:00.000Z' }), demand('middle')]);
      expect(await given.store.take(2, taker('a'))).toEqual([
        {
          ...demand('old', { requestedAt: '2026-03-02T08:00:00.000Z' }),
          inProgress: { since: '2026-03-02T10:00:00.000Z', holder: 'a' },
          attempts: 1,
        },
        { ...demand('middle'), inProgress: { since: '2026-03-02T10:00:00.000Z', holder: 'a' }, attempts: 1 },
      ]);
      expect(await waiting()).toEqual(['new']);
      expect(idsOf(await given.store.take(2, taker('b')))).toEqual(['new']);
    });

    it('forgets those that are finished, and lets those wait again that are put back', async () => {
      await given.store.enqueue([demand('1'), demand('2'), demand('3')]);
      await given.store.take(3, taker('a'));
      await given.store.finish(['1', 'nobody']);
      await given.store.putBack(['3', 'nobody']);
      expect(await waiting()).toEqual(['3']);
      expect(await given.store.take(5, taker('b'))).toMatchObject([{ id: '3', attempts: 2 }]);
      await given.store.finish(['2', '3']);
      expect(await collect(given.store.queued())).toEqual([]);
    });

    it('F40 frees what a dead holder had, and what anybody has had too long', async () => {
      await given.store.enqueue([demand('1'), demand('2'), demand('3')]);
      await given.store.take(1, taker('dead'));
      await given.store.take(1, taker('slow', { now: '2026-03-02T09:29:00.000Z' }));
      await given.store.take(1, taker('busy', { stuckBefore: '2026-03-02T09:00:00.000Z' }));
      expect(await given.store.take(9, taker('x', { stuckBefore: '2026-03-02T09:00:00.000Z' }))).toEqual([]);
      const taken = await given.store.take(9, taker('next', { isDead: (holder) => holder === 'dead' }));
      expect(taken).toMatchObject([
        { id: '1', attempts: 2, inProgress: { holder: 'next' } },
        { id: '2', attempts: 2, inProgress: { holder: 'next' } },
      ]);
    });

    it('gives no request to two who take at once', async () => {
      const ids = Array.from({ length: 40 }, (_, index) => String(index));
      await given.store.enqueue(ids.map((id) => demand(id)));
      const other = await given.under.open();
      const taken = await Promise.all([
        given.store.take(30, taker('a')),
        other.take(30, taker('b')),
        given.store.take(30, taker('a')),
        other.take(30, taker('b')),
      ]);
      await other.close();
      const all = taken.flatMap(idsOf);
      expect(new Set(all).size).toBe(all.length);
      const holders = new Map(taken.flatMap((some) => some.map(({ id, inProgress }) => [id, inProgress?.holder])));
      for (const { id, inProgress } of await collect(given.store.queued()))
        expect(inProgress?.holder).toBe(holders.get(id));
    });

    it('of more requests than fit one page comes whole', async () => {
      const ids = Array.from({ length: 2500 }, (_, index) => String(index));
      expect(await given.store.enqueue(ids.map((id) => demand(id)))).toBe(2500);
      expect((await collect(given.store.queued())).map(({ id }) => id)).toEqual(ids);
      await given.store.finish(ids.slice(1));
      expect(await waiting()).toEqual(['0']);
    });

    it('keeps names that a store might take for something else', async () => {
      const names = [...hostile, '\u202egnp.exe', '=cmd|x'];
      await given.store.enqueue(names.map((name) => demand(name, { name, by: name })));
      const taken = await given.store.take(100, taker('half \ud83d $where'));
      expect(taken.map(({ id, name, by }) => [id, name, by])).toEqual(names.map((name) => [name, name, name]));
      expect(taken[0]?.inProgress?.holder).toBe('half \ud83d $where');
      const isDead = (holder: string): boolean => holder === 'half \ud83d $where';
      expect(await given.store.take(100, taker('b', { isDead }))).toHaveLength(names.length);
      await given.store.finish(names);
      expect(await collect(given.store.queued())).toEqual([]);
    });

    it('of another provider is another one', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      await given.store.enqueue([demand('1')]);
      await other.enqueue([demand('1'), demand('2')]);
      expect(idsOf(await other.take(5, taker('a')))).toEqual(['1', '2']);
      await other.finish(['1', '2']);
      await other.close();
      expect(await waiting()).toEqual(['1']);
    });
  });
}
