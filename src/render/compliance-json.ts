import type { Compliance } from '../model/compliance.ts';
import { jsonText } from './json.ts';

const keys = [
  'version',
  'config',
  'provider',
  'only',
  'outcome',
  'score',
  'counts',
  'passed',
  'failed',
  'unknown',
  'scan',
  'sensor',
  'at',
  'ageSeconds',
  'maxAgeSeconds',
  'origin',
  'missing',
  'check',
  'path',
  'op',
  'value',
  'severity',
  'source',
  'file',
  'line',
  'found',
  'why',
  'selected',
  'observed',
  'leftOut',
  'baseline',
  'device',
  'devices',
  'baselines',
  'checks',
  'failing',
  'warnings',
];

/** `schemas/compliance.schema.json` */
export function complianceJson(report: Compliance): string {
  return jsonText(report, keys);
}
