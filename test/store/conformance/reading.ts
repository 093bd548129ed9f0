import { describe, expect, it } from 'vitest';
import type { Given } from '../conformance.ts';
import { aDrift, anEntry, aRun, collect, row } from '../samples.ts';

export function openedForReading(given: Given): void {
  describe('opened for reading', () => {
    it('reads, and refuses every write', async () => {
      await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 1, [row('1', 'a')]);
      const reader = await given.under.open({ mode: 'read' });
      expect(await collect((await reader.latestScan('inventory'))?.rows ?? [])).toEqual([row('1', 'a')]);
      const writes = [
        () => reader.setToggle('tanium_cloud', true),
        () => reader.note([{ id: '1', computerId: '1' }]),
        () => reader.saveApplied('s', {}),
        () => reader.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 1, [row('1', 'b')]),
        () => reader.putDrift([aDrift('d1', 'PC-1')]),
        () => reader.putRun(aRun('r1', null)),
        () => reader.putEntry(anEntry('Trueup r1 a')),
        () => reader.acquire('apply', { host: 'a', pid: 1, started: '1', command: 'apply' }, () => false),
      ];
      for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'TRUEUP_INTERNAL' });
      expect(await given.store.toggle('tanium_cloud')).toMatchObject({ enabled: false });
      await reader.close();
    });
  });
}
