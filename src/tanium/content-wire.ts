/** Tanium's sensors, packages, groups and tokens as the API has them (tanium-api.md 1, 6, 7), read into ours. */
import type {
  ObservedActionGroup,
  ObservedFile,
  ObservedGroup,
  ObservedPackage,
  ObservedParameter,
  ObservedPersona,
  ObservedPrivilege,
  ObservedSensor,
  ObservedToken,
} from '../model/content.ts';
import { figure } from './result.ts';
import { isRecord } from './results-json.ts';

export type Wire = Readonly<Record<string, unknown>>;

export function sensorFrom(wire: Wire): ObservedSensor {
  return {
    id: figure(wire['id']),
    name: textIn(wire, 'name'),
    contentSet: nameIn(wire, 'content_set'),
    category: textIn(wire, 'category'),
    valueType: textIn(wire, 'value_type'),
    maxAgeSeconds: figure(wire['max_age_seconds']),
    maxStringAgeMinutes: figure(wire['max_string_age_minutes']),
    maxStrings: figure(wire['max_strings']),
    ignoreCase: isSet(wire['ignore_case_flag']),
    hidden: isSet(wire['hidden_flag']),
    columns: recordsIn(wire, 'subcolumns').map((column) => textIn(column, 'name')),
    parameters: parametersFrom(wire['parameter_definition']).map(({ key }) => key),
    queries: recordsIn(wire, 'queries').map((query) => ({
      platform: textIn(query, 'platform'),
      scriptType: textIn(query, 'script_type'),
      script: textIn(query, 'script'),
    })),
  };
}

/** The texts of its files are not part of it. */
export function packageFrom(wire: Wire): ObservedPackage {
  return {
    id: figure(wire['id']),
    name: textIn(wire, 'name'),
    displayName: textIn(wire, 'display_name'),
    contentSet: nameIn(wire, 'content_set'),
    command: textIn(wire, 'command'),
    commandTimeoutSeconds: figure(wire['command_timeout']),
    expireSeconds: figure(wire['expire_seconds']),
    skipLock: isSet(wire['skip_lock_flag']),
    processGroup: isSet(wire['process_group_flag']),
    parameters: parametersFrom(wire['parameter_definition']),
    files: recordsIn(wire, 'files').map(fileFrom),
  };
}

function fileFrom(wire: Wire): ObservedFile {
  return {
    name: textIn(wire, 'name'),
    hash: textIn(wire, 'hash').toLowerCase(),
    size: figure(wire['size']),
    cacheStatus: textIn(wire, 'cache_status'),
    text: null,
  };
}

/** `parameter_definition` is a JSON text; one that is none, or of another shape, defines no parameters. */
function parametersFrom(value: unknown): readonly ObservedParameter[] {
  let definition: unknown = value;
  if (typeof value === 'string') {
    try {
      definition = JSON.parse(value === '' ? '{}' : value);
    } catch {
      return []; // Tanium takes any text here: whoever compares finds that the parameter is missing.
    }
  }
  if (!isRecord(definition)) return [];
  return recordsIn(definition, 'parameters').map((parameter) => ({
    key: textIn(parameter, 'key'),
    label: textIn(parameter, 'label'),
    type: textIn(parameter, 'parameterType').split('::').at(-1) ?? '',
  }));
}

export function groupFrom(wire: Wire): ObservedGroup {
  return { id: figure(wire['id']), name: textIn(wire, 'name'), text: textIn(wire, 'text').trim() };
}

export function actionGroupFrom(wire: Wire): ObservedActionGroup {
  return {
    id: figure(wire['id']),
    name: textIn(wire, 'name'),
    groups: recordsIn(wire, 'groups').map((group) => textIn(group, 'name')),
  };
}

export function tokenFrom(wire: Wire): ObservedToken {
  return {
    id: figure(wire['id']),
    name: textIn(wire, 'name'),
    notes: textIn(wire, 'notes'),
    personaId: idIn(wire, 'persona'),
    userId: idIn(wire, 'user'),
    expiresAt: timeIn(wire, 'expiration'),
    lastUsedAt: timeIn(wire, 'last_used_on'),
    expireInDays: figure(wire['expire_in_days']),
    trusted: textIn(wire, 'trusted_ip_addresses'),
  };
}

/** Null: the server does not tell what the user may do. */
export function personaFrom(wire: Wire): ObservedPersona | null {
  if (!Array.isArray(wire['effective_content_set_privileges'])) return null;
  const sets = new Map<string, Set<string>>();
  for (const item of recordsIn(wire, 'effective_content_set_privileges')) {
    // SOAP's shape, which some servers pass on: `{effective_content_set_privilege: {…}}`.
    const one = recordIn(item, 'effective_content_set_privilege') ?? item;
    const set = nameIn(one, 'content_set');
    for (const privilege of recordsIn(one, 'content_set_privilege_list')) {
      const name = textIn(privilege, 'name') || nameIn(privilege, 'content_set_privilege');
      if (name === '') continue;
      const known = sets.get(name) ?? new Set<string>();
      sets.set(name, known);
      if (set !== '') known.add(set);
    }
  }
  const privileges: ObservedPrivilege[] = [...sets].map(([name, found]) => ({
    name,
    contentSets: [...found].toSorted(),
  }));
  return { userId: figure(wire['id']), user: textIn(wire, 'name'), privileges };
}

export function isDeleted(wire: Wire): boolean {
  return isSet(wire['deleted_flag']);
}

/** `*_flag` are truth values or 0 and 1 (tanium-api.md 2). */
function isSet(value: unknown): boolean {
  return value === true || value === 1 || value === '1';
}

export function textIn(wire: Wire, key: string): string {
  const value = wire[key];
  return typeof value === 'string' ? value : '';
}

function timeIn(wire: Wire, key: string): string | null {
  const text = textIn(wire, key);
  return Number.isNaN(Date.parse(text)) ? null : text;
}

function recordIn(wire: Wire, key: string): Wire | null {
  const value = wire[key];
  return isRecord(value) ? value : null;
}

function recordsIn(wire: Wire, key: string): readonly Wire[] {
  const value = wire[key];
  return Array.isArray(value) ? (value as unknown[]).filter(isRecord) : [];
}

function nameIn(wire: Wire, key: string): string {
  return textIn(recordIn(wire, key) ?? {}, 'name');
}

function idIn(wire: Wire, key: string): number {
  return figure((recordIn(wire, key) ?? {})['id']);
}
