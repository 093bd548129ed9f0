import { describe, expect, it } from 'vitest';
import { retentionAt } from '../../../src/model/retention.ts';
import type { Given } from '../conformance.ts';
import { aDrift, anEntry, aRun, collect, row } from '../samples.ts';
import { anAccount, aRotationKey } from './credentials.ts';
import { aScanRun } from './scan-history.ts';
import { aLastScan } from './scan-notes.ts';

export function openedForReading(given: Given): void {
  describe('opened for reading', () => {
    it('reads, and refuses every write', async () => {
      await given.store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 1, [row('1', 'a')]);
      // Some of what is written is a change only where there is something to change.
      await given.under.seedComputers([{ computerId: '1', name: 'PC-1' }]);
      const reader = await given.under.open({ mode: 'read' });
      expect(await collect((await reader.latestScan('inventory'))?.rows ?? [])).toEqual([row('1', 'a')]);
      const writes = [
        () => reader.setToggle('tanium_cloud', true),
        () => reader.note([{ id: '1', computerId: '1' }]),
        () => reader.saveApplied('s', {}),
        () => reader.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 1, [row('1', 'b')]),
        () => reader.saveAnswers('posture', 'r2', '2026-03-02T09:10:00Z', [row('1', 'b')]),
        () => reader.noteScans([{ id: '1', lastScan: aLastScan(), administrators: null }]),
        () =>
          reader.enqueue([{ id: '1', name: 'PC-1', requestedAt: '2026-03-02T09:00:00Z', by: 'a', reason: 'asked' }]),
        () => reader.finish(['1']),
        () => reader.putBack(['1']),
        () => reader.putScanRun(aScanRun('a')),
        () => reader.prune(retentionAt('2026-12-01T00:00:00.000Z')),
        () => reader.putDrift([aDrift('d1', 'PC-1')]),
        () => reader.putRun(aRun('r1', null)),
        () => reader.putCredentials([anAccount('1')]),
        () => reader.putRotationKey(aRotationKey('a')),
        () => reader.resealRotationKey('a', 'sealed', 'anew'),
        () => reader.removeRotationKeys(['a']),
        () => reader.putEntry(anEntry('Trueup r1 a')),
        () => reader.acquire('apply', { host: 'a', pid: 1, started: '1', command: 'apply' }, () => false),
      ];
      for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'TRUEUP_INTERNAL' });
      expect(await given.store.toggle('tanium_cloud')).toMatchObject({ enabled: false });
      await reader.close();
    });
  });
}
