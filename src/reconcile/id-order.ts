/** The order of Computer IDs: by number, those without one last. */
import { idNumber } from '../model/id-places.ts';
import { compareText } from '../model/sid.ts';

/** Computer IDs are digits of any length: by number, without losing one. */
export function compareIds(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a.length - b.length || compareText(a, b);
}

/** More items than this, and a number could not say which one it is of. */
const mostItems = 2 ** 20;
/** Behind all that there are. */
const noId = 2 ** 32;

/**
 * Ordered by ID, and those of one ID as `compareRest` says; without it they stay as they came. A number of 33 bits and a place of 20 fit into one that is
 * exact: a million of those are sorted in a third of the time that it takes to compare as many texts.
 */
export function byComputerId<T>(
  items: readonly T[],
  idOf: (item: T) => string | null,
  compareRest: (a: T, b: T) => number = () => 0,
): T[] {
  const keys = keysOf(items, idOf);
  if (keys === null) return items.toSorted((a, b) => compareIds(idOf(a), idOf(b)) || compareRest(a, b));
  keys.sort();
  const sorted: T[] = [];
  let start = 0;
  let last = -1;
  for (const key of keys) {
    const item = items[key % mostItems] as T;
    const id = Math.floor(key / mostItems);
    if (id !== last) {
      orderRun(sorted, start, compareRest);
      start = sorted.length;
      last = id;
    }
    sorted.push(item);
  }
  orderRun(sorted, start, compareRest);
  return sorted;
}

/** Those from `start` on are of one ID. */
function orderRun<T>(sorted: T[], start: number, compareRest: (a: T, b: T) => number): void {
  if (sorted.length - start < 2) return;
  const run = sorted.splice(start).toSorted(compareRest);
  for (const item of run) sorted.push(item);
}

/** Null: there are too many items, or an ID is no plain number of 32 bits. */
function keysOf<T>(items: readonly T[], idOf: (item: T) => string | null): Float64Array | null {
  if (items.length > mostItems) return null;
  const keys = new Float64Array(items.length);
  for (let at = 0; at < items.length; at += 1) {
    const id = idOf(items[at] as T);
    const number = id === null ? noId : idNumber(id);
    if (number === null) return null;
    keys[at] = number * mostItems + at;
  }
  return keys;
}
