import type { Explanation } from '../model/explanation.ts';
import { sortedDrift, toldOf } from './drift-words.ts';
import { jsonText } from './json.ts';

const keys = [
  'device',
  'computerId',
  'name',
  'domain',
  'os',
  'standing',
  'config',
  'provider',
  'scan',
  'at',
  'ageSeconds',
  'record',
  'id',
  'machineSid',
  'insertedAt',
  'lastSeenAt',
  'lastScan',
  'success',
  'msg',
  'error',
  'duration',
  'scanTs',
  'pendingUntil',
  'selectedBy',
  'settings',
  'held',
  'facets',
  'lastAction',
  'plan',
  'drift',
  'about',
  'kind',
  'policy',
  'group',
  'member',
  'account',
  'field',
  'subject',
  'property',
  'value',
  'desired',
  'observed',
  'verdict',
  'rule',
  'source',
  'file',
  'line',
  'guard',
  'message',
  'release',
];

/** `schemas/explain.schema.json`; of drift, what only the store needs stays in the store. */
export function explainJson(told: Explanation): string {
  const drift = sortedDrift(told.drift).map(toldOf);
  return jsonText({ ...told, drift }, keys);
}
