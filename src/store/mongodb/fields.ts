/** Values at dotted paths of NPS-D's documents, each checked before it is believed. */
import { TrueupError } from '../../errors.ts';
import type { ProviderFields } from '../../model/provider-fields.ts';

export type Document = Readonly<Record<string, unknown>>;

/** Refuses a field map that would have us read or write the wrong thing. Raises TRUEUP_CONFIG_INVALID. */
export function assertFields(fields: ProviderFields): void {
  for (const [key, name] of Object.entries(fields.collections)) {
    if (name === '' || name.startsWith('trueup_') || name.startsWith('system.') || /[$\0]/.test(name))
      refuse(`fields.collections.${key}: ${JSON.stringify(name)} cannot be a collection of NPS-D`);
  }
  for (const group of ['provider', 'computer'] as const) {
    const paths = Object.entries(fields[group]);
    for (const [key, path] of paths) {
      if (path.split('.').some((part) => !isPlainKey(part)))
        refuse(`fields.${group}.${key}: ${JSON.stringify(path)} is not a dotted path`);
      // Reading a whole object in which another field lies would bring its neighbours, the API key among them, along.
      const inner = paths.find(([, other]) => other.startsWith(`${path}.`));
      if (inner) refuse(`fields.${group}.${key}: ${path} contains fields.${group}.${inner[0]}`);
    }
  }
}

function refuse(message: string): never {
  throw new TrueupError('TRUEUP_CONFIG_INVALID', `EdrProvider.spec.${message}.`, {
    cause: 'The map of NPS-D records does not fit.',
    remedy: 'Name each field by its own dotted path, such as config.integration.name.',
  });
}

/** Whether `key` can be a part of a dotted path: MongoDB would take another for a path, or an operator. */
export function isPlainKey(key: string): boolean {
  return key !== '' && key.isWellFormed() && !key.startsWith('$') && !/[.\0]/.test(key);
}

/** Undefined: the path does not exist. */
export function valueAt(document: Document, path: string): unknown {
  let value: unknown = document;
  for (const part of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

export function isObject(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `record` names the document in the error. Null: missing or null. Raises TRUEUP_STORE_INVALID. */
export function textAt(document: Document, path: string, record: string): string | null {
  const value = valueAt(document, path);
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : invalid(record, path, 'text', value);
}

export function booleanAt(document: Document, path: string, record: string): boolean | null {
  const value = valueAt(document, path);
  if (value === undefined || value === null) return null;
  return typeof value === 'boolean' ? value : invalid(record, path, 'true or false', value);
}

/** A date, or text that is one; as ISO time. */
export function timeAt(document: Document, path: string, record: string): string | null {
  const value = valueAt(document, path);
  if (value === undefined || value === null) return null;
  const time = value instanceof Date ? value : new Date(typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(time.getTime()) ? invalid(record, path, 'a date', value) : time.toISOString();
}

/** The value itself is not repeated: where the map is wrong, it may be a secret. */
export function invalid(record: string, path: string, expected: string, value: unknown): never {
  throw new TrueupError(
    'TRUEUP_STORE_INVALID',
    `${record}: ${path} should be ${expected} but is ${typeName(value)}. Nothing was written.`,
    { cause: 'The record has another shape than Trueup knows, or the map in EdrProvider.spec.fields does not fit it.' },
  );
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') {
    const bson = (value as { _bsontype?: unknown })._bsontype;
    return value instanceof Date ? 'a date' : typeof bson === 'string' ? `a BSON ${bson}` : 'an object';
  }
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a number that is not whole';
  return typeof value === 'string' ? 'text' : typeof value;
}
