import type { ApplyResult } from '../model/apply.ts';
import { jsonText } from './json.ts';

const keys = [
  'run',
  'plan',
  'actions',
  'key',
  'devices',
  'ok',
  'gates',
  'wave',
  'name',
  'healthy',
  'percent',
  'withinSeconds',
  'passed',
  'source',
  'file',
  'line',
  'converged',
  'failed',
  'device',
  'code',
  'message',
  'pending',
  'held',
  'stopped',
];

/** `schemas/apply.schema.json` */
export function applyJson(result: ApplyResult): string {
  return jsonText(result, keys);
}
