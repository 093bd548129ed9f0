/** Numbers, times, places and values in words: the same everywhere. */
import type { Source } from '../model/desired.ts';
import type { PlanValue } from '../model/plan.ts';
import { compareText } from '../model/sid.ts';

/** `9,812` */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 device`, `9,812 devices` */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** How many there are of each key, most first. */
export function tally<T>(items: readonly T[], keyOf: (item: T) => string): [key: string, count: number][] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return [...counts].toSorted(([keyA, a], [keyB, b]) => b - a || compareText(keyA, keyB));
}

/** `2026-03-02 09:14Z` of an ISO time in UTC. */
export function minute(time: string): string {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z$/.test(time);
  return isTime ? `${time.slice(0, 10)} ${time.slice(11, 16)}Z` : 'unknown time';
}

/** Whole minutes at least: two looks one after the other are to read the same. */
export function age(seconds: number): string {
  if (seconds < 60) return 'under 1 min old';
  if (seconds < 60 * 60) return `${Math.floor(seconds / 60)} min old`;
  if (seconds < 48 * 60 * 60) return `${Math.floor(seconds / 3600)} h old`;
  return `${Math.floor(seconds / 86_400)} days old`;
}

/** `1 min 20 s`; never less than a second. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function place({ file, line }: Source): string {
  return `${file}:${line}`;
}

/** Reads as one word; anything else stands in quotes, so that nobody takes its blanks and arrows for ours. */
const oneWord = /^[\p{L}\p{N}._:/@\\+-]+$/u;
/** What a text in the place of another value would be taken for. */
const looksLikeValue = /^(?:on|off|-?\d+(?:\.\d+)?)$/;
/** What a plan says in place of a value that may be a secret. */
const notShown = '(not shown)';

/** A value as a line shows it; not escaped yet. */
export function valueText(value: PlanValue): string {
  if (value === null) return '(none)';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (isList(value)) return `[${value.map(valueText).join(', ')}]`;
  return `{${entriesOf(value)
    .map(([key, part]) => `${key} ${valueText(part)}`)
    .join(', ')}}`;
}

function quoted(text: string): string {
  const bare = text === notShown || (oneWord.test(text) && !looksLikeValue.test(text));
  return bare ? text : `"${text.replaceAll('"', '\\"')}"`;
}

function isList(value: PlanValue): value is readonly PlanValue[] {
  return Array.isArray(value);
}

export function isMap(value: PlanValue): value is { readonly [key: string]: PlanValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function entriesOf(map: { readonly [key: string]: PlanValue }): [string, PlanValue][] {
  return Object.entries(map).toSorted(([a], [b]) => compareText(a, b));
}
