/** Scans in words: the same in every form. */
import type { ScanStatus } from '../model/scan.ts';
import type { MetricName, MonitorMetric, ReportedMismatch, ScanReport } from '../model/scan-report.ts';
import type { Style } from './paint.ts';
import { foreign, phraseText } from './phrase.ts';
import { counted, duration, grouped } from './words.ts';

/** `95.00 %`, cut and not rounded, so that what is below a limit never reads as the limit. */
export function percentText(value: number): string {
  return `${(Math.floor(value * 100 + 1e-9) / 100).toFixed(2)} %`;
}

export const statusWords: Readonly<Record<ScanReport['status'], string>> = {
  running: 'running',
  completed: 'completed',
  partial: 'some devices are left',
  timeout: 'out of time, some devices are left',
  failed: 'failed',
  interrupted: 'interrupted',
  queued: 'queued',
};

export const statusStyles: Readonly<Record<ScanStatus, Style>> = {
  running: 'change',
  completed: 'add',
  partial: 'change',
  timeout: 'error',
  failed: 'error',
  interrupted: 'error',
};

export const metricNames: Readonly<Record<MetricName, string>> = {
  'success-rate': 'Success Rate',
  'scan-duration': 'Scan Duration',
  'api-errors': 'API Errors',
  'fallback-count': 'Fallback Count',
};

export function metricValue({ metric, value }: Pick<MonitorMetric, 'metric' | 'value'>): string {
  if (value === null) return 'no data';
  if (metric !== 'scan-duration') return percentText(value);
  return duration(value * 1000);
}

/** As the seed's table has it. */
export function metricLimit({ metric, limit }: Pick<MonitorMetric, 'metric' | 'limit'>): string {
  if (metric === 'scan-duration') return `< ${limit / 60} minutes`;
  return metric === 'success-rate' ? `> ${limit} %` : `< ${limit} %`;
}

/** Null: there is nothing to say. */
export function mismatchText({ extra, extraPercent, level, missing }: ReportedMismatch): string | null {
  const parts: string[] = [];
  if (extraPercent !== null && extra > 0) {
    const share = level === 'warn' ? 'at or above the 5 % that are acceptable' : 'below 5 %, which is acceptable';
    parts.push(`${counted(extra, 'device')} in Tanium and not on record: ${percentText(extraPercent)}, ${share}`);
  }
  if (missing > 0) parts.push(`${counted(missing, 'device')} on record and not found in Tanium`);
  return parts.length === 0 ? null : parts.join('; ');
}

/** The last line. */
export function scanVerdict(report: ScanReport): string {
  const { status, completed, failed, skipped, offline, missing, kind, matched, device } = report;
  if (status === 'queued') return 'Queued: the process that works for the provider scans it in its next cycle.';
  if (device !== null && device.failure === null) return 'Scanned.';
  if (device !== null) {
    // A machine's own name may be in it.
    const why = foreign(device.message.replace(/^skipped: /, ''));
    return `Not scanned: ${phraseText([why], true)}.`;
  }
  if (matched === 0 && missing === 0) return 'No data: no computer is to be scanned.';
  const left = failed + offline + missing;
  if (left === 0) return `Scanned: ${counted(completed, 'device')}.`;
  const remains = [
    failed === skipped ? [] : `${counted(failed - skipped, 'device')} failed`,
    skipped === 0 ? [] : `${counted(skipped, 'device')} skipped`,
    offline === 0 ? [] : `${counted(offline, 'device')} ${offline === 1 ? 'does' : 'do'} not answer`,
    missing === 0 ? [] : `${counted(missing, 'device')} not found in Tanium`,
  ].flat();
  const next = kind === 'bulk' ? '; the next cycle, or `trueup scan`, scans them one by one' : '';
  return `Scanned: ${grouped(completed)} of ${counted(completed + left, 'device')}; ${remains.join(', ')}${next}.`;
}
