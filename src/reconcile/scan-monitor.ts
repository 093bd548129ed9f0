/** The figures of the Bulk Scan Monitor, judged as the seed's table has them (npsd-domain.md items 134–139). */
import type { ScanRun } from '../model/scan.ts';

export type MetricName = 'success-rate' | 'scan-duration' | 'api-errors' | 'fallback-count';

export interface Metric {
  readonly metric: MetricName;
  /** Percent, or seconds of `scan-duration`; null: there is nothing to reckon it from. */
  readonly value: number | null;
  /** Strictly beyond this is as expected; the limit itself is not. */
  readonly limit: number;
  readonly state: 'ok' | 'abnormal' | 'no-data';
  /** What to do; null: nothing. */
  readonly action: string | null;
}

const limits = {
  'success-rate': { limit: 95, action: 'Check Tanium agent health' },
  'scan-duration': { limit: 30 * 60, action: 'Adjust batch size or timeout' },
  'api-errors': { limit: 1, action: 'Check API token and network' },
  'fallback-count': { limit: 5, action: 'Investigate device issues' },
} as const satisfies Record<MetricName, { readonly limit: number; readonly action: string }>;

/** What the figures are reckoned from; success and fallback are of the devices that are in Tanium and in NPS-D. */
export type Measured = Pick<ScanRun, 'totals' | 'apiCalls' | 'apiErrors' | 'durationSeconds'>;

/** In the order of the seed's table. A run that was of no device says nothing of any, also by its duration. */
export function metricsOf({ totals, apiCalls, apiErrors, durationSeconds }: Measured): readonly Metric[] {
  const { matched, completed, fallback } = totals;
  return [
    share('success-rate', completed, matched, 'above'),
    judged('scan-duration', matched === 0 ? null : durationSeconds, durationSeconds < limits['scan-duration'].limit),
    share('api-errors', apiErrors, apiCalls, 'below'),
    share('fallback-count', fallback, matched, 'below'),
  ];
}

/** By whole numbers, so that 95.00 % is the limit and not a rounding of something beyond it. */
function share(metric: MetricName, part: number, whole: number, expected: 'above' | 'below'): Metric {
  if (whole === 0) return judged(metric, null, true);
  const [has, needs] = [part * 100, limits[metric].limit * whole];
  return judged(metric, has / whole, expected === 'above' ? has > needs : has < needs);
}

function judged(metric: MetricName, value: number | null, isExpected: boolean): Metric {
  const { limit, action } = limits[metric];
  if (value === null) return { metric, value, limit, state: 'no-data', action: null };
  return { metric, value, limit, state: isExpected ? 'ok' : 'abnormal', action: isExpected ? null : action };
}
