import type { DriftRecord } from '../model/drift.ts';
import { sortedDrift, toldOf } from './drift-words.ts';
import { jsonText } from './json.ts';

const keys = [
  'drift',
  'device',
  'policy',
  'kind',
  'subject',
  'group',
  'member',
  'name',
  'state',
  'cause',
  'actor',
  'at',
  'log',
  'firstSeen',
  'lastSeen',
  'count',
  'check',
];

/** `schemas/drift.schema.json`; what only the store needs stays in the store. */
export function driftJson(records: readonly DriftRecord[]): string {
  const drift = sortedDrift(records).map((record) => ({
    device: record.device,
    ...toldOf(record),
    ...(record.check !== undefined && { check: record.check }),
  }));
  return jsonText({ drift }, keys);
}
