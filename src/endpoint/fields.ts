/** Typed access to the fields of foreign JSON. */
import { isJsonObject, type JsonObject } from './json.ts';

/** Says which field is not what it must be; the offending value is not repeated, for it may be hostile and long. */
export class Malformed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Malformed';
  }
}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Malformed(message);
}

/** Each getter answers the field, or throws {@link Malformed} with its path. */
export interface Fields {
  readonly path: string;
  take(key: string): unknown;
  text(key: string): string;
  matching(key: string, pattern: RegExp): string;
  boolean(key: string): boolean;
  /** A UTC day, `2026-02-11`; null: never. */
  day(key: string): string | null;
  rid(key: string): number;
  sid(key: string, isSid: (text: string) => boolean): string;
  oneOf<T extends string | number>(key: string, values: readonly T[]): T;
  object(key: string): Fields;
  list(key: string): Fields[];
}

const maxText = 4096;
const dayPattern = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

export function fieldsOf(value: unknown, path: string): Fields {
  check(isJsonObject(value), `${path} is not an object`);
  const object: JsonObject = value;
  const take = (key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
  const demand = <T>(key: string, is: (found: unknown) => found is T, what: string): T => {
    const found = take(key);
    check(is(found), `${path}.${key} is not ${what}`);
    return found;
  };
  const isText = (found: unknown): found is string => typeof found === 'string' && found.length <= maxText;
  return {
    path,
    take,
    text: (key) => demand(key, isText, `a text of at most ${maxText} characters`),
    matching: (key, pattern) =>
      demand(key, (found): found is string => isText(found) && pattern.test(found), 'of its form'),
    boolean: (key) => demand(key, (found) => typeof found === 'boolean', 'true or false'),
    day: (key) =>
      demand(
        key,
        (found): found is string | null => found === null || (isText(found) && dayPattern.test(found)),
        'a day or null',
      ),
    rid: (key) => demand(key, isRid, 'a relative identifier'),
    sid: (key, isSid) => demand(key, (found): found is string => isText(found) && isSid(found), 'a SID'),
    oneOf: (key, values) => demand(key, (found) => isOneOf(found, values), `one of ${values.join(', ')}`),
    object: (key) => fieldsOf(take(key), `${path}.${key}`),
    list: (key) => {
      const found = take(key);
      check(Array.isArray(found), `${path}.${key} is not a list`);
      return found.map((item, index) => fieldsOf(item, `${path}.${key}[${index}]`));
    },
  };
}

/** For a message, where it may be anything: what is no scalar is not spelled out, however it would be. */
export function brief(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 20);
}

export function isOneOf<T extends string | number>(value: unknown, values: readonly T[]): value is T {
  return values.includes(value as T);
}

function isRid(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 0xffff_ffff;
}
