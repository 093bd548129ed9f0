/** JSON that is the same bytes for the same value, and that no terminal takes for anything but text. */
import { visibleJson } from '../model/visible-json.ts';

/**
 * Keys come in the order of `keys`, all others after them by code unit. Indented by 2, with a line feed at the end;
 * what parses it reads exactly the same strings.
 */
export function jsonText(value: unknown, keys: readonly string[]): string {
  const ranks = new Map(keys.map((key, index) => [key, index]));
  const rankOf = (key: string): number => ranks.get(key) ?? keys.length;
  const compare = (a: string, b: string): number => rankOf(a) - rankOf(b) || (a < b ? -1 : a > b ? 1 : 0);
  const ordered = (_: string, part: unknown): unknown => (isMap(part) ? sorted(part, compare) : part);
  return `${visibleJson(JSON.stringify(value, ordered, 2))}\n`;
}

/** On one line, its keys in the order in which they were put there; what parses it reads exactly the same strings. */
export function jsonLine(value: unknown): string {
  return visibleJson(JSON.stringify(value));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(map: Record<string, unknown>, compare: (a: string, b: string) => number): Record<string, unknown> {
  const result = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(map).toSorted(compare)) result[key] = map[key];
  return result;
}
