import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LastScan, ScanNote } from '../../../src/model/scan.ts';
import type { Store } from '../../../src/ports.ts';
import type { Given } from '../conformance.ts';
import { collect, hostile, row } from '../samples.ts';

export function aLastScan(more: Partial<LastScan> = {}): LastScan {
  return {
    success: true,
    msg: 'scanned',
    error: null,
    duration: 12.5,
    scanTs: '2026-03-02T09:00:00.000Z',
    source: 'bulk',
    ...more,
  };
}

export function scanNotes(given: Given, propertyRuns: number): void {
  const aFleet = (size: number): Promise<readonly string[]> =>
    given.under.seedComputers(Array.from({ length: size }, (_, n) => ({ computerId: String(n), name: `PC-${n}` })));
  const note = (id: string, more: Partial<LastScan> = {}): ScanNote => ({
    id,
    lastScan: aLastScan(more),
    administrators: null,
  });

  describe('the last scan of a computer', () => {
    it('is none at first, and then what was noted last', async () => {
      const [a = '', b = ''] = await aFleet(2);
      expect(await lastScans(given.store)).toEqual(new Map([a, b].map((id) => [id, null])));
      const failed = { success: false, msg: 'it did not answer', error: 'offline', source: 'realtime' } as const;
      await given.store.noteScans([note(a), note(b, failed)]);
      expect(await lastScans(given.store)).toEqual(
        new Map([
          [a, aLastScan()],
          [b, aLastScan(failed)],
        ]),
      );
      await given.store.noteScans([note(b, { scanTs: '2026-03-02T09:10:00.000Z', source: 'cached' })]);
      const after = await lastScans(given.store);
      expect(after.get(a)).toEqual(aLastScan());
      expect(after.get(b)).toEqual(aLastScan({ scanTs: '2026-03-02T09:10:00.000Z', source: 'cached' }));
    });

    it('#119 has one time for all of a bulk run, however many batches that has', async () => {
      const ids = await aFleet(250);
      for (let from = 0; from < ids.length; from += 100)
        await given.store.noteScans(ids.slice(from, from + 100).map((id) => note(id)));
      expect(new Set([...(await lastScans(given.store)).values()].map((last) => last?.scanTs))).toEqual(
        new Set(['2026-03-02T09:00:00.000Z']),
      );
    });

    it('of a computer that is gone is passed over, and those of others are kept', async () => {
      const [a = ''] = await aFleet(1);
      await given.store.noteScans([note('nobody'), note(a), note(hostile.join(' '))]);
      expect(await lastScans(given.store)).toEqual(new Map([[a, aLastScan()]]));
    });

    it('agrees with a plain model over any series of notes', async () => {
      const ids = await aFleet(6);
      const expected = new Map<string, LastScan | null>(ids.map((id) => [id, null]));
      const noted = fc.record({
        computer: fc.integer({ min: 0, max: 5 }),
        // More distinct results than a store keeps apart.
        duration: fc.integer({ min: 0, max: 99 }),
        success: fc.boolean(),
      });
      const calls = fc.array(fc.array(noted, { maxLength: 8 }), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(calls, async (series) => {
          for (const call of series) {
            const notes = call.map(({ computer, ...more }) => note(ids[computer] ?? '', more));
            for (const { id, lastScan } of notes) expected.set(id, lastScan);
            await given.store.noteScans(notes);
          }
          expect(await lastScans(given.store)).toEqual(expected);
        }),
        { numRuns: propertyRuns },
      );
    });

    it('stays right when there are more distinct results than computers can share', async () => {
      const ids = await aFleet(150);
      await given.store.noteScans(ids.map((id, index) => note(id, { duration: index })));
      await given.store.noteScans(ids.slice(0, 10).map((id) => note(id, { duration: 500 })));
      const durations = [...(await lastScans(given.store))].map(([id, last]) => [ids.indexOf(id), last?.duration]);
      expect(new Map(durations as [number, number][])).toEqual(
        new Map(ids.map((_, index) => [index, index < 10 ? 500 : index])),
      );
    });

    it('is kept of computers of any name, and so are their answers', async () => {
      const names = [...hostile, '名'.repeat(256), '\u202egnp.exe', '=cmd|x'].filter((one) => one.isWellFormed());
      const ids = await given.under.seedComputers(names.map((name) => ({ computerId: name, name })));
      await given.store.note(ids.map((id, index) => ({ id, computerId: names[index] ?? '' })));
      const rows = names.map((name) => row(name, name, { name, os: name, domain: name }));
      expect(await given.store.saveAnswers('posture', '$where', '2026-03-02T09:00:00.000Z', rows)).toBe(names.length);
      await given.store.saveAnswers('inventory', 'a.b', '2026-03-02T09:00:00.000Z', rows);
      await given.store.noteScans(ids.map((id) => note(id)));
      const computers = await collect(given.store.computers());
      expect(new Map(computers.map(({ name, lastScan, lastSeenAt }) => [name, [lastScan, lastSeenAt]]))).toEqual(
        new Map(names.map((name) => [name, [aLastScan(), '2026-03-02T09:00:00.000Z']])),
      );
    });

    it('keeps any text that is well-formed', async () => {
      const [a = ''] = await aFleet(1);
      for (const text of [...hostile, 'x'.repeat(256), '\u202egnp.exe'].filter((one) => one.isWellFormed())) {
        await given.store.noteScans([note(a, { success: false, msg: text, error: text })]);
        expect((await lastScans(given.store)).get(a)).toMatchObject({ msg: text, error: text });
      }
      await given.store.noteScans([note(a, { msg: 'half \ud83d of a character' })]);
      expect((await lastScans(given.store)).get(a)?.msg).toMatch(/^half . of a character$/u);
    });
  });

  describe('answers of a part of the fleet', () => {
    const times = async (): Promise<ReadonlyMap<string, string | null>> =>
      new Map((await collect(given.store.computers())).map(({ id, lastSeenAt }) => [id, lastSeenAt]));
    const rows = async (): Promise<ReadonlyMap<string, string>> =>
      new Map(
        (await collect((await given.store.latestScan('inventory'))?.rows ?? [])).map((one) => [
          one.computerId,
          one.text,
        ]),
      );

    it('are no scan of the whole fleet', async () => {
      expect(await given.store.saveAnswers('inventory', 'r1', '2026-03-02T09:00:00Z', [row('1', 'a')])).toBe(1);
      expect(await given.store.latestScan('inventory')).toBeNull();
      expect(await given.store.history('1')).toEqual([{ since: '2026-03-02T09:00:00Z', text: 'a' }]);
    });

    it('are within the latest one, which is no younger thereby', async () => {
      await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 3, [row('1', 'a'), row('2', 'a')]);
      expect(await given.store.saveAnswers('inventory', 'r2', '2026-03-02T09:05:00.000Z', [row('1', 'b')])).toBe(1);
      expect(await given.store.saveAnswers('inventory', 'r2', '2026-03-02T09:05:00.000Z', [row('3', 'c')])).toBe(1);
      expect((await given.store.latestScan('inventory'))?.at).toBe('2026-03-02T09:00:00Z');
      expect(await rows()).toEqual(new Map([['1', 'b'], ['2', 'a'], ['3', 'c']])); // biome-ignore format: a table
    });

    it('say when computers were last seen, also long after, and are superseded by a later scan', async () => {
      const ids = await aFleet(14);
      await given.store.note(ids.map((id, index) => ({ id, computerId: String(index) })));
      const all = ids.map((_, index) => row(String(index), 'a'));
      await given.store.saveScan('inventory', 'r', '2026-03-02T09:00:00Z', 14, all);
      for (let index = 0; index < 12; index++) {
        const at = `2026-03-02T10:${String(index).padStart(2, '0')}:00.000Z`;
        await given.store.saveAnswers('inventory', `r${index}`, at, [row(String(index), 'a')]);
      }
      const expected = ids.map((id, index): [string, string] => [
        id,
        index < 12 ? `2026-03-02T10:${String(index).padStart(2, '0')}:00.000Z` : '2026-03-02T09:00:00Z',
      ]);
      expect(await times()).toEqual(new Map(expected));
      expect([...(await rows()).keys()]).toHaveLength(14);
      await given.store.saveScan('inventory', 's', '2026-03-02T11:00:00Z', 14, [row('0', 'a')]);
      expect(await times()).toEqual(new Map([[ids[0], '2026-03-02T11:00:00Z'], ...expected.slice(1)] as never));
      expect([...(await rows()).keys()]).toEqual(['0']);
    });

    it('agree with a plain model of texts and last sights over any series of scans and parts', async () => {
      const fleet = Array.from({ length: 5 }, (_, index) => String(index));
      const ids = await aFleet(fleet.length);
      await given.store.note(ids.map((id, index) => ({ id, computerId: String(index) })));
      const seen = new Map<string, string | null>(ids.map((id) => [id, null]));
      let texts: Map<string, string> | null = null;
      const latest = new Map<string, string>();
      let minute = 0;
      const scan = fc.record({
        whole: fc.boolean(),
        // Of a run that goes on, with the time of its beginning.
        again: fc.boolean(),
        answers: fc.dictionary(fc.constantFrom(...fleet), fc.constantFrom('a', 'b', 'c')),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(scan, { maxLength: 20 }), async (scans) => {
          for (const { whole, again, answers } of scans) {
            if (whole || !again) minute++;
            const at = new Date(Date.UTC(2026, 2, 2) + minute * 60_000).toISOString();
            const rows = Object.entries(answers).map(([computerId, text]) => row(computerId, text));
            const changed = rows.filter(({ computerId, text }) => latest.get(computerId) !== text).length;
            const count = whole
              ? await given.store.saveScan('inventory', `r${minute}`, at, 5, rows)
              : await given.store.saveAnswers('inventory', `r${minute}`, at, rows);
            expect(count).toBe(changed);
            if (whole) texts = new Map();
            for (const { computerId, text } of rows) {
              latest.set(computerId, text);
              seen.set(ids[Number(computerId)] ?? '', at);
              texts?.set(computerId, text);
            }
          }
          expect(await times()).toEqual(seen);
          if (texts === null) expect(await given.store.latestScan('inventory')).toBeNull();
          else expect(await rows()).toEqual(texts);
        }),
        { numRuns: propertyRuns },
      );
    });

    it('of one sensor are none of the other, though texts are equal', async () => {
      await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 1, [row('1', 'a')]);
      expect(await given.store.latestScan('posture')).toBeNull();
      expect(await given.store.saveScan('posture', 'r1', '2026-03-02T09:10:00Z', 2, [row('2', 'a')])).toBe(1);
      expect((await given.store.latestScan('inventory'))?.at).toBe('2026-03-02T09:00:00Z');
      const postures = await given.store.latestScan('posture');
      expect(postures).toMatchObject({ at: '2026-03-02T09:10:00Z', expected: 2 });
      expect(await collect(postures?.rows ?? [])).toEqual([row('2', 'a')]);
      expect(await given.store.history('2')).toEqual([]);
    });
  });

  describe('the administrators of a computer', () => {
    it('are none of a computer without an inventory', async () => {
      const [a = ''] = await aFleet(1);
      await given.store.noteScans([note(a)]);
      expect(await collect(given.store.administrators())).toEqual([]);
    });
  });
}

async function lastScans(store: Store): Promise<Map<string, LastScan | null>> {
  return new Map((await collect(store.computers())).map(({ id, lastScan }) => [id, lastScan]));
}
