import { describe, expect, it } from 'vitest';
import type { ScanRun } from '../../../src/model/scan.ts';
import type { Given } from '../conformance.ts';
import { hostile, hostileText } from '../samples.ts';

export function aScanRun(id: string, more: Partial<ScanRun> = {}): ScanRun {
  return {
    id,
    kind: 'bulk',
    provider: 'Production Tanium',
    group: 'NPS-D Managed Windows Devices',
    startedAt: '2026-03-02T09:00:00.000Z',
    endedAt: '2026-03-02T09:20:00.000Z',
    status: 'completed',
    questionId: '17',
    actionId: null,
    totals: {
      targeted: 100,
      matched: 97,
      unmatched: 2,
      missing: 1,
      completed: 90,
      failed: 3,
      offline: 4,
      fallback: 7,
      updated: 12,
    },
    retries: 1,
    apiCalls: 14,
    apiErrors: 0,
    durationSeconds: 1200.5,
    errors: [],
    ...more,
  };
}

export function scanHistory(given: Given): void {
  describe('the history of scans', () => {
    it('is empty at first', async () => {
      expect(await given.store.scanRuns(10)).toEqual([]);
      expect(await given.store.unfinishedScanRuns()).toEqual([]);
    });

    it('#178 answers the newest first, each as it was put last', async () => {
      const running = aScanRun('b', { startedAt: '2026-03-02T10:00:00.000Z', endedAt: null, status: 'running' });
      const done = aScanRun('b', { startedAt: '2026-03-02T10:00:00.000Z', status: 'partial', errors: ['slow'] });
      await given.store.putScanRun(running);
      await given.store.putScanRun(aScanRun('a', { kind: 'device', group: null, questionId: null, actionId: '5' }));
      expect(await given.store.unfinishedScanRuns()).toEqual([running]);
      await given.store.putScanRun(done);
      expect(await given.store.unfinishedScanRuns()).toEqual([]);
      expect(await given.store.scanRuns(10)).toEqual([
        done,
        aScanRun('a', { kind: 'device', group: null, questionId: null, actionId: '5' }),
      ]);
      expect(await given.store.scanRuns(1)).toEqual([done]);
    });

    it('keeps groups and errors that a store might take for something else', async () => {
      const run = aScanRun(hostileText, { group: hostileText, errors: [...hostile, '\ud800'.repeat(256)] });
      await given.store.putScanRun(run);
      expect(await given.store.scanRuns(1)).toEqual([run]);
    });

    it('of another provider is another one', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      await given.store.putScanRun(aScanRun('a', { status: 'running', endedAt: null }));
      expect(await other.scanRuns(5)).toEqual([]);
      expect(await other.unfinishedScanRuns()).toEqual([]);
      await other.close();
    });
  });
}
