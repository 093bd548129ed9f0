import { describe, expect, it } from 'vitest';
import type { DriftFilter } from '../../../src/ports.ts';
import type { Given } from '../conformance.ts';
import { aDrift, collect, hostile } from '../samples.ts';

export function driftLedger(given: Given): void {
  describe('drift', () => {
    it('is kept once per id, ordered by device and id', async () => {
      await given.store.putDrift([aDrift('d2', 'PC-2'), aDrift('d3', 'PC-1'), aDrift('d1', 'PC-1')]);
      await given.store.putDrift([{ ...aDrift('d2', 'PC-2'), state: 'resolved', count: 2 }]);
      expect(await collect(given.store.drift({}))).toEqual([
        aDrift('d1', 'PC-1'),
        aDrift('d3', 'PC-1'),
        { ...aDrift('d2', 'PC-2'), state: 'resolved', count: 2 },
      ]);
    });

    it('is filtered by device, state and time, however the time is written', async () => {
      await given.store.putDrift([
        aDrift('d1', 'PC-1', { computerId: '1', lastSeen: '2026-03-02T09:00:00Z' }),
        aDrift('d2', 'PC-2', { computerId: '2', lastSeen: '2026-03-02T10:00:00.000Z', state: 'resolved' }),
        aDrift('d3', 'PC-3', { computerId: '3', lastSeen: '2026-03-02T11:00:00Z', state: 'pending' }),
      ]);
      const ids = async (filter: DriftFilter): Promise<string[]> =>
        (await collect(given.store.drift(filter))).map(({ id }) => id);
      expect(await ids({ computerIds: ['1', '3', '99'] })).toEqual(['d1', 'd3']);
      expect(await ids({ computerIds: [] })).toEqual([]);
      expect(await ids({ states: ['open', 'pending'] })).toEqual(['d1', 'd3']);
      expect(await ids({ since: '2026-03-02T11:00:00.000+01:00' })).toEqual(['d2', 'd3']);
      expect(await ids({ since: '2026-03-02T10:00:00Z', states: ['pending'], computerIds: ['3'] })).toEqual(['d3']);
      expect(await ids({ computerIds: Array.from({ length: 12_000 }, (_, index) => String(index + 2)) })).toEqual([
        'd2',
        'd3',
      ]);
    });

    it('is filtered by whether it is of checks, or of what a plan would change', async () => {
      const check = { kind: 'compliance.check' as const, subject: { baseline: 'base', check: 'one' } };
      await given.store.putDrift([
        aDrift('d1', 'PC-1', { computerId: '1' }),
        aDrift('d2', 'PC-1', { computerId: '1', ...check }),
        aDrift('d3', 'PC-2', { computerId: '2', ...check, state: 'resolved' }),
        aDrift('d4', 'PC-3', { computerId: '3' }),
      ]);
      const ids = async (filter: DriftFilter): Promise<string[]> =>
        (await collect(given.store.drift(filter))).map(({ id }) => id);
      expect(await ids({ about: 'checks' })).toEqual(['d2', 'd3']);
      expect(await ids({ about: 'changes' })).toEqual(['d1', 'd4']);
      expect(await ids({ about: 'checks', states: ['open'] })).toEqual(['d2']);
      expect(await ids({ about: 'changes', computerIds: ['1'] })).toEqual(['d1']);
    });

    it.each(hostile)('is kept of a device and an account called %j', async (name) => {
      const record = aDrift(`d ${name}`, name, { computerId: name, subject: { [name]: name, account: name } });
      await given.store.putDrift([record]);
      expect(await collect(given.store.drift({ computerIds: [name] }))).toEqual([record]);
    });

    it('of another provider is not shown', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      await other.putDrift([aDrift('d1', 'PC-1')]);
      expect(await collect(given.store.drift({}))).toEqual([]);
      await other.close();
    });

    it('of more records than fit one page comes whole', async () => {
      const records = Array.from({ length: 1203 }, (_, index) => aDrift(`d${index}`, `PC-${index % 7}`));
      await given.store.putDrift(records);
      const back = await collect(given.store.drift({}));
      expect(back.map(({ device, id }) => `${device} ${id}`)).toEqual(
        records.map(({ device, id }) => `${device} ${id}`).toSorted(),
      );
    });
  });
}
