/** What of a result or a list a request wants to see: filters, order, pages (tanium-api.md 2, options). */
import type { Cloud } from '../cloud.ts';
import type { Call } from '../http/call.ts';
import { flagIn, isRecord, listIn, numberIn, textIn, type Wire } from '../http/fields.ts';
import type { Cache } from './caches.ts';

export interface View<T> {
  /** After filters and order. */
  readonly items: readonly T[];
  readonly page: readonly T[];
  /** Index of the page's first item. */
  readonly start: number;
  /** Null: nothing is kept for a next page. */
  readonly cache: Cache | null;
}

/** `make` is called where no cache of the request's `cache_id` is there (any more). */
export function viewOf<T>(cloud: Cloud, call: Call, make: () => readonly T[]): View<T> {
  const { options } = call;
  const now = cloud.timeline.now();
  const userId = call.session.user.id;
  const seconds = numberIn(options, 'cache_expiration');
  const cacheId = numberIn(options, 'cache_id');
  const kept = cacheId === null ? undefined : cloud.caches.use(cacheId, userId, seconds, now);
  const items = (kept?.items as readonly T[] | undefined) ?? make();
  const cache = kept ?? (seconds === null || seconds === 0 ? null : cloud.caches.open(userId, items, seconds, now));
  const count = numberIn(options, 'row_count');
  const start = count === null ? 0 : (numberIn(options, 'row_start') ?? 0);
  return { items, page: count === null ? items : items.slice(start, start + count), start, cache };
}

/** `cache_filters` over objects: all must hold; `field` may be a path, `package_spec/name`. */
export function filtered(items: readonly Wire[], options: Wire): readonly Wire[] {
  const filters = filtersIn(options);
  return filters.length === 0
    ? items
    : items.filter((item) => filters.every((filter) => holds(filter, fieldOf(item, filter))));
}

/** Also as the JSON text that a query string has. */
export function filtersIn(options: Wire): readonly Wire[] {
  const text = textIn(options, 'cache_filters');
  if (text === null) return listIn(options, 'cache_filters').filter(isRecord);
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isRecord);
  } catch {
    return []; // Options that cannot be read are none to the server.
  }
}

/** `cache_sort_fields`: `a,-b`, with dots for fields of fields. */
export function sorted(items: readonly Wire[], options: Wire): readonly Wire[] {
  const fields = (textIn(options, 'cache_sort_fields') ?? '').split(',').filter((field) => field !== '');
  if (fields.length === 0) return items;
  return items.toSorted((a, b) => {
    for (const field of fields) {
      const path = field.replace(/^-/, '').replaceAll('.', '/');
      const order = compare(fieldOf(a, { field: path }), fieldOf(b, { field: path }));
      if (order !== 0) return field.startsWith('-') ? -order : order;
    }
    return 0;
  });
}

function fieldOf(item: Wire, filter: Wire): unknown {
  let value: unknown = item;
  for (const step of (textIn(filter, 'field') ?? '').split('/')) value = isRecord(value) ? value[step] : undefined;
  return value;
}

/** One `{field, value, operator, type, not_flag}` against a field's value. */
export function holds(filter: Wire, value: unknown): boolean {
  const wanted = filter['value'];
  const text = typeof value === 'object' || value === undefined ? '' : String(value);
  const operator = textIn(filter, 'operator') ?? 'Equal';
  const found =
    operator === 'RegexMatch' ? isMatch(String(wanted), text) : relation(filter, operator, text, String(wanted));
  return found !== (flagIn(filter, 'not_flag') ?? false);
}

function relation(filter: Wire, operator: string, text: string, wanted: string): boolean {
  const key = keyOf(textIn(filter, 'type') ?? 'String');
  const order = compare(key(text), key(wanted));
  switch (operator) {
    case 'Less':
      return order < 0;
    case 'LessEqual':
      return order <= 0;
    case 'Greater':
      return order > 0;
    case 'GreaterEqual':
      return order >= 0;
    default:
      return order === 0;
  }
}

function keyOf(type: string): (text: string) => number | string {
  switch (type) {
    case 'Numeric':
    case 'NumericInteger':
    case 'DataSize':
      return Number.parseFloat;
    case 'Date':
      return Date.parse;
    case 'Version':
    case 'IPAddress':
      return (text) => text.replaceAll(/\d+/g, (digits) => digits.padStart(10, '0'));
    default:
      return (text) => text.toLowerCase();
  }
}

export function isMatch(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'is').test(text);
  } catch {
    return false; // What is no expression matches nothing.
  }
}

export function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [String(a ?? '').toLowerCase(), String(b ?? '').toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}
