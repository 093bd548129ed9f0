import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceRow } from '../../../src/ports.ts';
import type { Given } from '../conformance.ts';
import { collect, hostile, row } from '../samples.ts';

export function observations(given: Given, propertyRuns: number): void {
  describe('observations', () => {
    it('are none at first', async () => {
      expect(await given.store.latestScan('inventory')).toBeNull();
      expect(await given.store.history('1')).toEqual([]);
    });

    it('#117 come back as they were answered, and count what is new', async () => {
      const rows = [row('1', 'text a'), row('2', 'text b'), row('3', 'text a', { domain: null })];
      expect(await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 4, rows)).toBe(3);
      const scan = await given.store.latestScan('inventory');
      expect(scan).toMatchObject({ at: '2026-03-02T09:00:00Z', expected: 4 });
      expect(await collect(scan?.rows ?? [])).toEqual(rows);
    });

    it('stream in, and one that says the same as before counts as unchanged', async () => {
      await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 2, [row('1', 'a'), row('2', 'b')]);
      async function* rows(): AsyncGenerator<DeviceRow> {
        yield row('1', 'a');
        yield row('2', 'c');
      }
      expect(await given.store.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 2, rows())).toBe(1);
      expect(await given.store.history('1')).toEqual([{ since: '2026-03-02T09:00:00Z', text: 'a' }]);
      expect(await given.store.history('2')).toEqual([
        { since: '2026-03-02T09:10:00Z', text: 'c' },
        { since: '2026-03-02T09:00:00Z', text: 'b' },
      ]);
    });

    it('keep the last ten texts of a device', async () => {
      for (let n = 10; n < 25; n++)
        await given.store.saveScan('inventory', `r${n}`, `2026-03-02T09:${n}:00Z`, 1, [row('1', `text ${n}`)]);
      const history = await given.store.history('1');
      expect(history.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, (_, index) => `text ${24 - index}`));
      expect(history.at(-1)).toEqual({ since: '2026-03-02T09:15:00Z', text: 'text 15' });
    });

    it('know when each computer was last seen', async () => {
      const [a = '', b = '', c = ''] = await given.under.seedComputers([
        { computerId: '1', name: 'A' },
        { computerId: '2', name: 'B' },
        { computerId: '3', name: 'C' },
      ]);
      await given.store.note([
        { id: a, computerId: '1' },
        { id: b, computerId: '2' },
        { id: c, computerId: '3' },
      ]);
      const seen = async (): Promise<unknown[]> => {
        const computers = new Map((await collect(given.store.computers())).map((computer) => [computer.id, computer]));
        return [a, b, c].map((id) => computers.get(id)?.lastSeenAt);
      };
      await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 3, [row('1', 'a'), row('2', 'a')]);
      expect(await seen()).toEqual(['2026-03-02T09:00:00Z', '2026-03-02T09:00:00Z', null]);
      await given.store.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 3, [row('1', 'a')]);
      await given.store.saveScan('inventory', 'r3', '2026-03-02T09:20:00Z', 3, [row('1', 'b'), row('3', 'a')]);
      expect(await seen()).toEqual(['2026-03-02T09:20:00Z', '2026-03-02T09:00:00Z', '2026-03-02T09:20:00Z']);
      expect(
        (await collect((await given.store.latestScan('inventory'))?.rows ?? [])).map(({ computerId }) => computerId),
      ).toEqual(['1', '3']);
    });

    it('of a scan that was cut off do not make it the latest one', async () => {
      await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 2, [row('1', 'a'), row('2', 'a')]);
      async function* cut(): AsyncGenerator<DeviceRow> {
        yield row('1', 'a');
        throw new Error('connection reset');
      }
      await expect(given.store.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 2, cut())).rejects.toThrow(
        'connection reset',
      );
      const scan = await given.store.latestScan('inventory');
      expect(scan?.at).toBe('2026-03-02T09:00:00Z');
      expect(await collect(scan?.rows ?? [])).toHaveLength(2);
    });

    it('take the last of two answers that one device gave to one question', async () => {
      await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 1, [row('1', 'a'), row('1', 'b')]);
      expect(await collect((await given.store.latestScan('inventory'))?.rows ?? [])).toEqual([row('1', 'b')]);
      expect(await given.store.history('1')).toEqual([{ since: '2026-03-02T09:00:00Z', text: 'b' }]);
    });

    it('of two providers stay apart, though their Computer IDs are the same', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 1, [row('1', 'a')]);
      await other.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 1, [row('1', 'b')]);
      expect(await collect((await given.store.latestScan('inventory'))?.rows ?? [])).toEqual([row('1', 'a')]);
      expect(await given.store.history('1')).toEqual([{ since: '2026-03-02T09:00:00Z', text: 'a' }]);
      await other.close();
    });

    it('round-trip whatever a device or an attacker may send', async () => {
      const codeUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 });
      const anyText = fc.oneof(
        codeUnits.map((units) => String.fromCharCode(...units)),
        fc.constantFrom(...hostile),
      );
      const device = fc.record({
        computerId: anyText,
        name: anyText,
        os: anyText,
        domain: fc.option(anyText),
        text: anyText,
      });
      const devices = fc.uniqueArray(device, { maxLength: 8, selector: ({ computerId }) => computerId });
      await fc.assert(
        fc.asyncProperty(devices, async (rows) => {
          await given.store.saveScan('inventory', 'r', '2026-03-02T09:00:00Z', rows.length, rows);
          const back = await collect((await given.store.latestScan('inventory'))?.rows ?? []);
          expect(new Map(back.map((one) => [one.computerId, one]))).toEqual(
            new Map(rows.map((one) => [one.computerId, one])),
          );
        }),
        { numRuns: propertyRuns },
      );
    });

    it('agree with a plain model of latest answers, history and last sight over any series of scans', async () => {
      const answer = fc.record({ device: fc.integer({ min: 1, max: 4 }), text: fc.constantFrom('a', 'b', 'c') });
      const series = fc.array(fc.uniqueArray(answer, { selector: ({ device }) => device, maxLength: 4 }), {
        minLength: 1,
        maxLength: 14,
      });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(series, async (scans) => {
          // Devices of a round of their own, so that rounds do not see each other.
          const id = (device: number): string => `${round}-${device}`;
          round++;
          const history = new Map<string, { since: string; text: string }[]>();
          for (const [index, answers] of scans.entries()) {
            const at = `2026-03-02T09:${String(index + 10)}:00Z`;
            let changed = 0;
            for (const { device, text } of answers) {
              const texts = history.get(id(device)) ?? [];
              if (texts[0]?.text === text) continue;
              changed++;
              history.set(id(device), [{ since: at, text }, ...texts].slice(0, 10));
            }
            const rows = answers.map(({ device, text }) => row(id(device), text));
            expect(await given.store.saveScan('inventory', `r${index}`, at, 4, rows)).toBe(changed);
            const back = await collect((await given.store.latestScan('inventory'))?.rows ?? []);
            expect(back.map(({ computerId, text }) => [computerId, text])).toEqual(
              rows.map(({ computerId, text }) => [computerId, text]).toSorted(),
            );
          }
          for (const [computerId, texts] of history) expect(await given.store.history(computerId)).toEqual(texts);
        }),
        { numRuns: propertyRuns },
      );
    });
  });
}
