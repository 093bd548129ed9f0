import type { Compliance } from '../model/compliance.ts';
import { jsonText } from './json.ts';

const keys = [
  'version',
  'config',
  'provider',
  'only',
  'baseline',
  'check',
  'path',
  'op',
  'value',
  'severity',
  'source',
  'file',
  'line',
  'outcome',
  'score',
  'counts',
  'passed',
  'failed',
  'scan',
  'sensor',
  'at',
  'ageSeconds',
  'maxAgeSeconds',
  'origin',
  'missing',
  'found',
  'why',
  'selected',
  'observed',
  'leftOut',
  'device',
  'devices',
  'baselines',
  'checks',
  'failing',
  'unknown',
  'warnings',
];

/** `schemas/compliance.schema.json` */
export function complianceJson(report: Compliance): string {
  return jsonText(report, keys);
}
