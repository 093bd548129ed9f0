/**
 * The posture text: what the second sensor answers, one line of JSON with a device's security settings, again without
 * host name and clock. Which items there are and where they come from is `posture/items.ts`.
 */
import type { DeviceKind, LapsMode } from '../model/inventory.ts';
import type { ObservedPosture, Posture, PostureValue } from '../model/posture.ts';
import { compareText } from '../model/sid.ts';
import { brief, check, type Fields, fieldsOf, Malformed } from './fields.ts';
import { asciiJson, isJsonObject, type JsonObject } from './json.ts';
import { failureOf, markerOf } from './marker.ts';
import type { Form, PostureItem, Reading } from './posture/item.ts';
import { postureItems } from './posture/items.ts';
import { parseWrappedJson } from './wrapped.ts';

/** What the readings of a device find: the raw values, in the places where Windows keeps them. */
export interface PostureReadings {
  readonly kind: DeviceKind;
  readonly device: {
    readonly build: string;
    readonly powershell: string;
    /** These three are not there on a domain controller, which has no accounts of its own. */
    readonly laps?: LapsMode;
    /** Whether the accounts with these RIDs are enabled. */
    readonly on500?: boolean;
    readonly on501?: boolean;
  };
  /** SAM's policy, by the names of `Get-SamPolicy`; null: could not be read. */
  readonly policy: Readonly<Record<string, number | null>>;
  /**
   * By `KEY|Name`, `HKLM:\SYSTEM\CurrentControlSet\Control\Lsa|RunAsPPL`, spelled as in the table of items; null: could
   * not be read, and then nothing stands in for a value that is missing.
   */
  readonly registry: Readonly<Record<string, unknown>> | null;
  /** By class. */
  readonly cim: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

export function postureOf(readings: PostureReadings): Posture {
  const found = postureItems.map((item): [string, PostureValue | undefined] => [item.path, valueOf(item, readings)]);
  const values = Object.fromEntries(found.filter((entry): entry is [string, PostureValue] => entry[1] !== undefined));
  return { kind: readings.kind, values };
}

/** What the first reading says that finds a value in its form; undefined: none does, and nothing stands in for it. */
function valueOf(item: PostureItem, readings: PostureReadings): PostureValue | undefined {
  for (const [index, reading] of item.readings.entries()) {
    const found = [rawOf(reading, readings) ?? []].flat();
    const isLast = index === item.readings.length - 1;
    const standIn = isLast && item.absent !== undefined && readings.registry !== null ? [item.absent] : [];
    const value = inForm(reading.form, found.length === 0 ? standIn : found);
    if (value !== undefined) return value;
  }
  return undefined;
}

function rawOf({ from, name }: Reading, { device, policy, registry, cim }: PostureReadings): unknown {
  switch (from.kind) {
    case 'device':
      return (device as Readonly<Record<string, unknown>>)[name];
    case 'policy':
      return policy[name];
    case 'registry':
      return registry?.[`${from.key}|${name}`];
    case 'cim':
      return cim[from.class]?.find((row) => from.ofSystemDrive !== true || row['DriveLetter'] === 'C:')?.[name];
  }
}

/** `raw`: one value, or several of a list. Undefined: not what the form demands. */
function inForm(form: Form, raw: readonly unknown[]): PostureValue | undefined {
  const values = raw.map((value) => String(typeof value === 'boolean' ? Number(value) : value));
  const [only] = values;
  if (only === undefined) return undefined;
  if (form === 'text') return only;
  if (form.startsWith('=')) return values.includes(form.slice(1));
  if (values.length > 1 || !/^-?\d{1,10}$/.test(only)) return undefined;
  if (form === 'integer') return Number(only);
  return (Number(only) !== 0) === (form === 'flag');
}

/** Groups in alphabetical order and so the items in them, ASCII. */
export function postureText({ kind, values }: Posture): string {
  const groups: Record<string, Record<string, PostureValue>> = {};
  for (const path of Object.keys(values).toSorted(compareText)) {
    const [group = '', name = ''] = path.split('.');
    groups[group] ??= {};
    groups[group][name] = values[path] ?? false;
  }
  return asciiJson({ v: 1, kind, ...groups });
}

const maxLength = 100_000;
const maxText = 256;
const maxItems = 1000;
const namePattern = /^[a-z][A-Za-z0-9]{0,63}$/;
const kinds = ['workstation', 'server', 'dc'] as const;

/** Sorts a sensor's answer into what it is; a posture is checked value by value. Never throws. */
export function parsePosture(text: string): ObservedPosture {
  const trimmed = text.trim();
  const marker = markerOf(trimmed);
  if (marker !== null) return { text, ...marker };
  if (trimmed.length > maxLength) return { text, kind: 'malformed', message: 'too long for a posture' };
  const json = parseWrappedJson(trimmed);
  if (json === undefined) return { text, kind: 'malformed', message: 'neither JSON nor a known marker; perhaps cut' };
  const failure = failureOf(json);
  if (failure !== null) return { text, ...failure };
  if (!isJsonObject(json) || json['v'] === undefined || json['kind'] === undefined) {
    return { text, kind: 'malformed', message: 'JSON, but not of this sensor' };
  }
  try {
    return { text, kind: 'posture', posture: postureFrom(fieldsOf(json, 'posture'), json) };
  } catch (error) {
    if (error instanceof Malformed) return { text, kind: 'malformed', message: error.message };
    throw error;
  }
}

/** Items that this version does not know are kept: a newer script may report more. */
function postureFrom(fields: Fields, json: JsonObject): Posture {
  check(fields.take('v') === 1, `version ${brief(fields.take('v'))} of the posture is not known`);
  const found: [string, PostureValue][] = [];
  for (const [group, items] of Object.entries(json)) {
    if (group === 'v' || group === 'kind') continue;
    check(namePattern.test(group), 'a group of the posture has no proper name');
    check(isJsonObject(items), `posture.${group} is not an object`);
    for (const [name, value] of Object.entries(items)) {
      check(namePattern.test(name), `an item of posture.${group} has no proper name`);
      found.push([`${group}.${name}`, checked(`${group}.${name}`, value)]);
    }
  }
  check(found.length <= maxItems, `posture has more than ${maxItems} items`);
  return {
    kind: fields.oneOf('kind', kinds),
    values: Object.fromEntries(found.toSorted(([a], [b]) => compareText(a, b))),
  };
}

type ValueType = 'boolean' | 'number' | 'string';
const typesByPath: ReadonlyMap<string, ValueType> = new Map(
  postureItems.map(({ path, readings }) => [path, typeOf(readings[0]?.form)]),
);

/** What kind of value the items of a form have. */
export function typeOf(form: Form | undefined): ValueType {
  if (form === 'text') return 'string';
  return form === 'integer' ? 'number' : 'boolean';
}

function checked(path: string, value: unknown): PostureValue {
  const type = typesByPath.get(path);
  const proper =
    typeof value === 'boolean' ||
    (typeof value === 'string' && value.length <= maxText) ||
    (Number.isSafeInteger(value) && !Object.is(value, -0));
  check(proper && (type === undefined || typeof value === type), `posture.${path} is not ${words[type ?? 'any']}`);
  return value as PostureValue;
}

const words = {
  boolean: 'true or false',
  number: 'a whole number',
  string: `a text of at most ${maxText} characters`,
  any: `true, false, a whole number or a text of at most ${maxText} characters`,
};
