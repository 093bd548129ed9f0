import type { OptionName } from './options.ts';

export interface OptionRange {
  readonly option: OptionName;
  readonly from: number;
  readonly to: number;
  readonly unit: string;
  /** What one trades for what (#105–#108). */
  readonly trade: string;
}

/** What is recommended, by the seed's table "Performance tuning" (#104). */
export const optionRanges: readonly OptionRange[] = [
  {
    option: 'sensor_max_age_seconds',
    from: 300,
    to: 1800,
    unit: ' s',
    trade: 'freshness against API load: a low age asks devices more often, a high one shows older states',
  },
  {
    option: 'action_timeout_seconds',
    from: 600,
    to: 3600,
    unit: ' s',
    trade: 'reliability against speed: a short limit gives up on slow devices, a long one makes a run wait for them',
  },
  {
    option: 'bulk_scan_batch_size',
    from: 50,
    to: 500,
    unit: '',
    trade: 'memory against efficiency: small batches write more often, large ones hold more in memory',
  },
  {
    option: 'action_check_interval_seconds',
    from: 1,
    to: 5,
    unit: ' s',
    trade: 'responsiveness against API calls: a short interval asks more often, a long one notices the end later',
  },
];
