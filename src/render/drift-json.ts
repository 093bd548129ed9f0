import type { DriftRecord } from '../model/drift.ts';
import { sortedDrift } from './drift-words.ts';
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
  const drift = sortedDrift(records).map(
    ({
      device,
      policy,
      kind,
      subject,
      state,
      cause,
      actor,
      at = null,
      log = null,
      firstSeen,
      lastSeen,
      count,
      check,
    }) => ({
      device,
      policy,
      kind,
      subject,
      state,
      cause,
      actor,
      at,
      log,
      firstSeen,
      lastSeen,
      count,
      ...(check !== undefined && { check }),
    }),
  );
  return jsonText({ drift }, keys);
}
