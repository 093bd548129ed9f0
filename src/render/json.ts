/** JSON that is the same bytes for the same value, and that no terminal takes for anything but text. */

/** Not ASCII, so only ever inside a string, where JSON lets every character be written by its number. */
const hidden = /[\u007F-\u009F\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Keys come in the order of `keys`, all others after them by code unit. Indented by 2, with a line feed at the end;
 * what parses it reads exactly the same strings.
 */
export function jsonText(value: unknown, keys: readonly string[]): string {
  const ranks = new Map(keys.map((key, index) => [key, index]));
  const rankOf = (key: string): number => ranks.get(key) ?? keys.length;
  const compare = (a: string, b: string): number => rankOf(a) - rankOf(b) || (a < b ? -1 : a > b ? 1 : 0);
  const ordered = (_: string, part: unknown): unknown => (isMap(part) ? sorted(part, compare) : part);
  return `${JSON.stringify(value, ordered, 2).replace(hidden, numbered)}\n`;
}

/** On one line, its keys in the order in which they were put there; what parses it reads exactly the same strings. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(hidden, numbered);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(map: Record<string, unknown>, compare: (a: string, b: string) => number): Record<string, unknown> {
  const result = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(map).toSorted(compare)) result[key] = map[key];
  return result;
}

function numbered(characters: string): string {
  let text = '';
  for (const unit of characters.split('')) text += `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text;
}
