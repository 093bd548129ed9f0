import { describe, expect, it } from 'vitest';
import type { Given } from '../conformance.ts';
import { anEntry, aPlan, aRun, collect } from '../samples.ts';

export function runsAndJournal(given: Given): void {
  describe('runs and journal', () => {
    it('keeps a run with its plan, and takes its end', async () => {
      expect(await given.store.run('r1')).toBeNull();
      await given.store.putRun(aRun('r1', null));
      expect(await given.store.run('r1')).toEqual(aRun('r1', null));
      const ended = { ...aRun('r1', aPlan()), status: 'done', endedAt: '2026-03-02T09:30:00.000Z' } as const;
      await given.store.putRun(ended);
      expect(await given.store.run('r1')).toEqual(ended);
    });

    it('answers the entries that are not settled, in the order they were intended', async () => {
      const times = ['2026-03-02T09:00:00.000Z', '2026-03-02T09:00:00.000Z', '2026-03-02T09:00:01.000Z'];
      const entries = times.map((intendedAt, index) => anEntry(`Trueup r1 ${'zyx'[index]}`, { intendedAt }));
      for (const entry of entries) await given.store.putEntry(entry);
      expect(await given.store.unsettled()).toEqual(entries);

      const [first, second, third] = entries as [(typeof entries)[0], (typeof entries)[0], (typeof entries)[0]];
      const issued = { ...second, state: 'issued', actionId: '17' } as const;
      await given.store.putEntry({ ...first, state: 'settled' });
      await given.store.putEntry({ ...third, state: 'absent' });
      await given.store.putEntry(issued);
      expect(await given.store.unsettled()).toEqual([issued]);
    });

    it('answers the last entry of a device whose action was, or may have been, made', async () => {
      const [early, late] = ['2026-03-02T09:00:00.000Z', '2026-03-02T09:00:01.000Z'] as const;
      expect(await given.store.lastEntry('7')).toBeNull();
      const settled = anEntry('Trueup r1 a', { targets: ['6', '7'], intendedAt: early, state: 'settled' });
      const other = anEntry('Trueup r2 a', { targets: ['6', '77'], intendedAt: late });
      const absent = anEntry('Trueup r2 b', { targets: ['7'], intendedAt: late, state: 'absent' });
      for (const entry of [other, settled, absent]) await given.store.putEntry(entry);
      expect(await given.store.lastEntry('7')).toEqual(settled);
      expect(await given.store.lastEntry('6')).toEqual(other);
      expect(await given.store.lastEntry('8')).toBeNull();
      const newer = anEntry('Trueup r3 a', { targets: ['7'], intendedAt: late });
      await given.store.putEntry(newer);
      expect(await given.store.lastEntry('7')).toEqual(newer);
      expect(await given.store.lastEntry('7', late)).toEqual(settled);
      expect(await given.store.lastEntry('7', early)).toBeNull();
    });

    it('answers the entries of a run with what undoes them, in the order they were intended', async () => {
      const early = '2026-03-02T08:59:59.000Z';
      const add = { kind: 'group.add', group: 'S-1-5-32-544', members: [{ localName: 'a.$b' }] } as const;
      const inverse = {
        version: 1,
        classes: [{ devices: ['1'], operations: [{ ...add, kind: 'group.remove' }], irreversible: [], unknown: [] }],
      } as const;
      const first = anEntry('Trueup r1 b', { intendedAt: early, state: 'settled', inverse });
      const many = Array.from({ length: 120 }, (_, index) => anEntry(`Trueup r1 c${index}`));
      await given.store.putEntry(anEntry('Trueup r1 z', { run: 'r11' }));
      for (const entry of many) await given.store.putEntry(entry);
      await given.store.putEntry({ ...first, state: 'intended', inverse: undefined } as never);
      await given.store.putEntry(first);
      expect(await collect(given.store.entries('r1'))).toEqual([first, ...many]);
      expect(await collect(given.store.entries('r'))).toEqual([]);
    });

    it('answers the last run that went in waves', async () => {
      expect(await given.store.lastRollout()).toBeNull();
      const inWaves = (id: string, minute: number) => ({
        ...aRun(id, aPlan()),
        startedAt: `2026-03-02T09:1${minute}:00.000Z`,
        summary: { waves: 3 },
      });
      for (const run of [inWaves('r2', 5), inWaves('r1', 2), { ...inWaves('r3', 7), summary: { held: 3 } }]) {
        await given.store.putRun(run);
      }
      expect(await given.store.lastRollout()).toEqual(inWaves('r2', 5));
      const failedGate = { run: 'r2', wave: 1, devices: 5, healthy: 3 };
      await given.store.putRun({ ...inWaves('r4', 8), failedGate, summary: { waves: 0 } });
      expect(await given.store.lastRollout()).toMatchObject({ id: 'r4', failedGate });
    });

    it('finds them again after the process has ended', async () => {
      await given.store.putEntry(anEntry('Trueup r1 a'));
      await given.store.close();
      given.store = await given.under.open();
      expect(await given.store.unsettled()).toEqual([anEntry('Trueup r1 a')]);
    });
  });
}
