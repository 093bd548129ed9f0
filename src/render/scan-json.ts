import type { ScanReport, ScanStatusReport } from '../model/scan-report.ts';
import { jsonText } from './json.ts';

const reportKeys = [
  'version',
  'run',
  'kind',
  'status',
  'provider',
  'group',
  'targeted',
  'answered',
  'matched',
  'unmatched',
  'missing',
  'completed',
  'failed',
  'skipped',
  'offline',
  'updated',
  'retried',
  'fallback',
  'apiCalls',
  'apiErrors',
  'seconds',
  'mismatch',
  'extra',
  'extraPercent',
  'level',
  'advice',
  'nobody',
  'notScanned',
  'devices',
  'device',
  'names',
  'source',
  'failure',
  'message',
  'administrators',
];

/** `schemas/scan.schema.json` */
export function scanJson(report: ScanReport): string {
  return jsonText(report, reportKeys);
}

const statusKeys = [
  'version',
  'provider',
  'monitor',
  'progress',
  'done',
  'of',
  'metrics',
  'metric',
  'value',
  'limit',
  'state',
  'action',
  'queue',
  'waiting',
  'inProgress',
  'oldest',
  'runs',
  'run',
  'kind',
  'status',
  'group',
  'startedAt',
  'endedAt',
  'durationSeconds',
  'totals',
  'targeted',
  'matched',
  'unmatched',
  'missing',
  'completed',
  'failed',
  'offline',
  'fallback',
  'updated',
  'retries',
  'apiCalls',
  'apiErrors',
  'errors',
  'questionId',
  'actionId',
];

/** `schemas/scan-status.schema.json` */
export function scanStatusJson(report: ScanStatusReport): string {
  return jsonText(report, statusKeys);
}
