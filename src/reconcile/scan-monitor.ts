/** The figures of the Bulk Scan Monitor, judged as the seed's table has them (npsd-domain.md items 134–139). */
import type { QueuedScan, ScanRun } from '../model/scan.ts';
import type { MetricName, MonitorMetric, ScanMonitor, ScanStatusReport } from '../model/scan-report.ts';

const limits = {
  'success-rate': { limit: 95, action: 'Check Tanium agent health' },
  'scan-duration': { limit: 30 * 60, action: 'Adjust batch size or timeout' },
  'api-errors': { limit: 1, action: 'Check API token and network' },
  'fallback-count': { limit: 5, action: 'Investigate device issues' },
} as const satisfies Record<MetricName, { readonly limit: number; readonly action: string }>;

/** What the figures are reckoned from; success and fallback are of the devices that are in Tanium and in NPS-D. */
export type Measured = Pick<ScanRun, 'totals' | 'apiCalls' | 'apiErrors' | 'durationSeconds'>;

/**
 * In the order of the seed's table. A run that was of no device says nothing of any, also by its duration. `tried`: the
 * devices that success is a share of; all, unless the run still goes on.
 */
export function metricsOf(
  { totals, apiCalls, apiErrors, durationSeconds }: Measured,
  tried: number = totals.matched,
): readonly MonitorMetric[] {
  const { matched, completed, fallback } = totals;
  return [
    share('success-rate', completed, tried, 'above'),
    judged('scan-duration', matched === 0 ? null : durationSeconds, durationSeconds < limits['scan-duration'].limit),
    share('api-errors', apiErrors, apiCalls, 'below'),
    share('fallback-count', fallback, matched, 'below'),
  ];
}

/** By whole numbers, so that 95.00 % is the limit and not a rounding of something beyond it. */
function share(metric: MetricName, part: number, whole: number, expected: 'above' | 'below'): MonitorMetric {
  if (whole === 0) return judged(metric, null, true);
  const [has, needs] = [part * 100, limits[metric].limit * whole];
  return judged(metric, has / whole, expected === 'above' ? has > needs : has < needs);
}

function judged(metric: MetricName, value: number | null, isExpected: boolean): MonitorMetric {
  const { limit, action } = limits[metric];
  if (value === null) return { metric, value, limit, state: 'no-data', action: null };
  return { metric, value, limit, state: isExpected ? 'ok' : 'abnormal', action: isExpected ? null : action };
}

/** As the next scan will find it where nobody works for the provider any more: what runs by its record has ended. */
export function leftBehind(
  runs: readonly ScanRun[],
  queued: readonly QueuedScan[],
): { readonly runs: readonly ScanRun[]; readonly queued: readonly QueuedScan[] } {
  return {
    runs: runs.map((run) => (run.status === 'running' ? { ...run, status: 'interrupted' } : run)),
    queued: queued.map((request) => ({ ...request, inProgress: null })),
  };
}

/** `runs`: newest first · `queued`: oldest first. */
export function scanStatusOf(
  provider: string,
  runs: readonly ScanRun[],
  queued: readonly QueuedScan[],
  now: string,
): ScanStatusReport {
  const newest = runs.find(({ kind }) => kind === 'bulk');
  const waiting = queued.filter(({ inProgress }) => inProgress === null);
  return {
    version: 1,
    provider,
    runs: runs.map(({ id, answering: _, ...run }) => ({ run: id, ...run })),
    monitor: newest === undefined ? null : monitorOf(newest, now),
    queue: {
      waiting: waiting.length,
      inProgress: queued.length - waiting.length,
      oldest: waiting[0]?.requestedAt ?? null,
    },
  };
}

function monitorOf(run: ScanRun, now: string): ScanMonitor {
  const { id, status, totals, startedAt, answering = null } = run;
  const done = totals.completed + totals.failed + totals.offline;
  const isRunning = status === 'running';
  const so = isRunning ? Math.max(0, Date.parse(now) - Date.parse(startedAt)) / 1000 : run.durationSeconds;
  // Who has not had a turn yet is no failure.
  const tried = isRunning ? done : totals.matched;
  return {
    run: id,
    status,
    // The answers are read once they are there: until then they are what progresses.
    progress:
      isRunning && answering !== null ? { done: answering.answered, of: answering.of } : { done, of: totals.matched },
    metrics: metricsOf({ ...run, durationSeconds: so }, tried),
  };
}
