/**
 * The integration options of the provider row, `config.integration.options.*`, in NPS-D's own spelling
 * (npsd-domain.md 2.9, items 88–99), since operators grep for them.
 */
export interface IntegrationOptions {
  readonly sensor_name: string;
  readonly sensor_max_age_seconds: number;
  readonly package_name: string;
  readonly package_param_offset: 0 | 1;
  readonly action_group_name: string;
  readonly action_timeout_seconds: number;
  readonly action_check_interval_seconds: number;
  readonly bulk_scan_enabled: boolean;
  readonly bulk_scan_group: string;
  readonly bulk_scan_batch_size: number;
  readonly bulk_scan_timeout_seconds: number;
  readonly bulk_scan_retry_attempts: number;
}

export type OptionName = keyof IntegrationOptions;
export type OptionValue = string | number | boolean;

export const defaultOptions: IntegrationOptions = {
  sensor_name: 'NPS Admin Members',
  sensor_max_age_seconds: 600,
  package_name: 'NPSD Management',
  package_param_offset: 0,
  action_group_name: 'Default - All Computers',
  action_timeout_seconds: 1200,
  action_check_interval_seconds: 1,
  bulk_scan_enabled: false,
  bulk_scan_group: 'All Windows Computers',
  bulk_scan_batch_size: 100,
  bulk_scan_timeout_seconds: 3600,
  bulk_scan_retry_attempts: 2,
};
