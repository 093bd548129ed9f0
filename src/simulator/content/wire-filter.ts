/** Filters as JSON objects, `{filters, sub_groups, and_flag, not_flag}`, and back (tanium-api.md 3, 7). */
import type { Cloud } from '../cloud.ts';
import { flagIn, isRecord, listIn, numberIn, recordIn, textIn, type Wire } from '../http/fields.ts';
import { noTime } from '../http/times.ts';
import type { Operator } from '../language/syntax.ts';
import { UnknownName } from './bind.ts';
import type { Filter, ValueTest } from './filter.ts';
import { parametersIn } from './parameter-definition.ts';
import type { SensorTerm } from './sensor.ts';

/** The part of a group object that says which machines it is about. */
export function filterToWire(cloud: Cloud, filter: Filter | null): Wire {
  if (filter === null) return { and_flag: false, not_flag: false, filters: [], sub_groups: [] };
  if (filter.kind === 'sensor') {
    return { and_flag: false, not_flag: false, filters: [sensorFilterToWire(cloud, filter)], sub_groups: [] };
  }
  if (filter.kind === 'group') {
    return { and_flag: false, not_flag: filter.negated, filters: [], sub_groups: [reference(filter.group)] };
  }
  const filters: Wire[] = [];
  const groups: Wire[] = [];
  for (const part of filter.parts) {
    if (part.kind === 'sensor') filters.push(sensorFilterToWire(cloud, part));
    else if (part.kind === 'group' && !part.negated) groups.push(reference(part.group));
    else groups.push({ id: 0, name: '', ...filterToWire(cloud, part) });
  }
  return { and_flag: filter.kind === 'and', not_flag: filter.negated, filters, sub_groups: groups };
}

function reference({ id, name }: { readonly id: number; readonly name: string }): Wire {
  return { id, name };
}

type SensorFilter = Extract<Filter, { readonly kind: 'sensor' }>;

function sensorFilterToWire(cloud: Cloud, { term, all, test }: SensorFilter): Wire {
  const { id, hash, name } = cloud.sensors.identity(term);
  return {
    sensor: { id, hash, name },
    ...testToWire(test),
    all_values_flag: all,
    max_age_seconds: term.maxAgeSeconds ?? 0,
  };
}

/** `contains X` is kept as the expression `.*X.*`. */
export function testToWire(test: ValueTest): Wire {
  const { operator, value } = expression(test);
  return {
    operator,
    value,
    value_type: 'String',
    not_flag: test.negated,
    ignore_case_flag: test.ignoreCase,
    aggregation: 'Sum',
    all_times_flag: false,
    substring_flag: false,
    substring_start: 0,
    substring_length: 0,
    delimiter: '',
    delimiter_index: 0,
    utf8_flag: false,
    start_time: noTime,
    end_time: noTime,
  };
}

function expression({ operator, value }: ValueTest): { readonly operator: string; readonly value: string } {
  switch (operator) {
    case 'contains':
      return { operator: 'RegexMatch', value: `.*${escaped(value)}.*` };
    case 'starts with':
      return { operator: 'RegexMatch', value: `${escaped(value)}.*` };
    case 'ends with':
      return { operator: 'RegexMatch', value: `.*${escaped(value)}` };
    case 'matches':
      return { operator: 'RegexMatch', value };
    default:
      return { operator: wireOperators[operator], value };
  }
}

const wireOperators: Readonly<Record<Exclude<Operator, 'contains' | 'starts with' | 'ends with' | 'matches'>, string>> =
  { equals: 'Equal', '<': 'Less', '<=': 'LessEqual', '>': 'Greater', '>=': 'GreaterEqual' };

const special = /[\\^$.|?*+()[\]{}]/g;

function escaped(text: string): string {
  return text.replaceAll(special, '\\$&');
}

/** The text that an expression stands for literally; null: it is more than that. */
function literal(source: string): string | null {
  const text = source.replaceAll(/\\([\\^$.|?*+()[\]{}])/g, '$1');
  return escaped(text) === source ? text : null;
}

/**
 * The machines of a group object: its text where it has one and nothing else, its filters and sub-groups otherwise.
 * @throws UnknownName
 */
export function filterFromWire(cloud: Cloud, group: Wire): Filter | null {
  const parts: Filter[] = [];
  for (const filter of listIn(group, 'filters').filter(isRecord)) parts.push(sensorFilterFromWire(cloud, filter));
  for (const inner of listIn(group, 'sub_groups').filter(isRecord)) {
    const found = cloud.groups.reference(inner);
    if (found) parts.push({ kind: 'group', negated: false, group: found });
    else {
      const filter = filterFromWire(cloud, inner);
      if (filter !== null) parts.push(filter);
    }
  }
  const negated = flagIn(group, 'not_flag') ?? false;
  const [only] = parts;
  if (only === undefined) return null;
  if (parts.length === 1 && !negated) return only;
  return { kind: flagIn(group, 'and_flag') ? 'and' : 'or', negated, parts };
}

function sensorFilterFromWire(cloud: Cloud, filter: Wire): Filter {
  const term = termFromWire(cloud, recordIn(filter, 'sensor') ?? {});
  return { kind: 'sensor', term, all: flagIn(filter, 'all_values_flag') ?? false, test: testFromWire(filter) };
}

export function testFromWire(filter: Wire): ValueTest {
  const value = textIn(filter, 'value') ?? String(numberIn(filter, 'value') ?? '');
  const negated = flagIn(filter, 'not_flag') ?? false;
  const ignoreCase = flagIn(filter, 'ignore_case_flag') ?? true;
  return { negated, ignoreCase, ...readExpression(textIn(filter, 'operator') ?? 'Equal', value) };
}

function readExpression(operator: string, value: string): { readonly operator: Operator; readonly value: string } {
  switch (operator) {
    case 'RegexMatch': {
      const parts = /^(\.\*)?(.*?)(\.\*)?$/s.exec(value);
      const text = literal(parts?.[2] ?? value);
      const [open, close] = [parts?.[1] !== undefined, parts?.[3] !== undefined];
      if (text === null || text === '' || (!open && !close)) return { operator: 'matches', value };
      return { operator: open ? (close ? 'contains' : 'ends with') : 'starts with', value: text };
    }
    case 'Less':
      return { operator: '<', value };
    case 'LessEqual':
      return { operator: '<=', value };
    case 'Greater':
      return { operator: '>', value };
    case 'GreaterEqual':
      return { operator: '>=', value };
    default:
      return { operator: 'equals', value };
  }
}

/** `{hash | id | name}`, or with parameters `{source_hash | source_id | source_name, parameters}`. @throws UnknownName */
export function termFromWire(cloud: Cloud, wire: Wire): SensorTerm {
  const id = numberIn(wire, 'source_id') ?? numberIn(wire, 'id');
  const hash = numberIn(wire, 'source_hash') ?? numberIn(wire, 'hash');
  const name = textIn(wire, 'source_name') ?? textIn(wire, 'name');
  const { sensors } = cloud;
  const sensor =
    (id === null ? undefined : sensors.byId(id)) ??
    (hash === null ? undefined : sensors.byHash(hash)) ??
    (name === null ? undefined : sensors.byName(name));
  const temporary = sensor ? undefined : sensors.temporary(id, hash);
  if (temporary) return temporary;
  if (!sensor) throw new UnknownName(name ?? String(hash ?? id ?? ''));
  const given = listIn(wire, 'parameters').filter(isRecord);
  const defined = parametersIn(sensor.wire.parameter_definition);
  const ordered = defined.map(({ key }) => valueOf(given, key) ?? '');
  return { sensor, parameters: given.length === 0 ? [] : ordered, maxAgeSeconds: null };
}

/** Keys are written with or without the bars of the script, `||file||`. */
function valueOf(given: readonly Wire[], key: string): string | null {
  const bare = (text: string): string => text.replaceAll('||', '');
  const found = given.find((parameter) => bare(textIn(parameter, 'key') ?? '') === bare(key));
  return found ? (textIn(found, 'value') ?? String(numberIn(found, 'value') ?? '')) : null;
}
