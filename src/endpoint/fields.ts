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
  return new ObjectFields(value, null, path);
}

/** A class, since an inventory has some dozen objects: functions of its own and a path for each cost more than their JSON. */
class ObjectFields implements Fields {
  readonly #object: JsonObject;
  readonly #parent: ObjectFields | null;
  readonly #step: string;
  /** In the list that the step leads to; null: to no list. */
  readonly #place: number | null;

  constructor(value: unknown, parent: ObjectFields | null, step: string, place: number | null = null) {
    this.#parent = parent;
    this.#step = step;
    this.#place = place;
    if (!isJsonObject(value)) throw new Malformed(`${this.path} is not an object`);
    this.#object = value;
  }

  get path(): string {
    const above = this.#parent === null ? '' : `${this.#parent.path}.`;
    return `${above}${this.#step}${this.#place === null ? '' : `[${this.#place}]`}`;
  }

  take(key: string): unknown {
    return Object.hasOwn(this.#object, key) ? this.#object[key] : undefined;
  }

  text(key: string): string {
    const found = this.take(key);
    return isText(found) ? found : this.#refuse(key, `a text of at most ${maxText} characters`);
  }

  matching(key: string, pattern: RegExp): string {
    const found = this.take(key);
    return isText(found) && pattern.test(found) ? found : this.#refuse(key, 'of its form');
  }

  boolean(key: string): boolean {
    const found = this.take(key);
    return typeof found === 'boolean' ? found : this.#refuse(key, 'true or false');
  }

  day(key: string): string | null {
    const found = this.take(key);
    if (found === null || (isText(found) && dayPattern.test(found))) return found;
    return this.#refuse(key, 'a day or null');
  }

  rid(key: string): number {
    const found = this.take(key);
    return isRid(found) ? found : this.#refuse(key, 'a relative identifier');
  }

  sid(key: string, isSid: (text: string) => boolean): string {
    const found = this.take(key);
    return isText(found) && isSid(found) ? found : this.#refuse(key, 'a SID');
  }

  oneOf<T extends string | number>(key: string, values: readonly T[]): T {
    const found = this.take(key);
    return isOneOf(found, values) ? found : this.#refuse(key, `one of ${values.join(', ')}`);
  }

  object(key: string): Fields {
    return new ObjectFields(this.take(key), this, key);
  }

  list(key: string): Fields[] {
    const found = this.take(key);
    if (!Array.isArray(found)) return this.#refuse(key, 'a list');
    return found.map((item, place) => new ObjectFields(item, this, key, place));
  }

  #refuse(key: string, what: string): never {
    throw new Malformed(`${this.path}.${key} is not ${what}`);
  }
}

function isText(found: unknown): found is string {
  return typeof found === 'string' && found.length <= maxText;
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
