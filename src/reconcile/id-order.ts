/** The order of Computer IDs: by number, those without one last. */
import { idNumber } from '../model/id-places.ts';
import { compareText } from '../model/sid.ts';

/** Computer IDs are digits of any length: by number, without losing one. */
export function compareIds(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a.length - b.length || compareText(a, b);
}

/** Fewer items than this are compared before room for their numbers is made. */
const fewItems = 64;
/** More items than this, and a number could not say which one it is of. */
const mostItems = 2 ** 20;
/** Behind all that there are. */
const noId = 2 ** 32;

/** Ordered by ID; those of one ID stay as they came. */
export function byComputerId<T>(items: readonly T[], idOf: (item: T) => string | null): T[] {
  if (items.length < fewItems) return items.toSorted((a, b) => compareIds(idOf(a), idOf(b)));
  return Array.from(
    placesById(items.length, (at) => idOf(items[at] as T)),
    (at) => items[at] as T,
  );
}

/**
 * The places of some things in the order of their IDs, and of those of one ID as `compareRest` says; without it they stay as
 * they came. A number of 33 bits and a place of 20 fit into one that is exact: a million of those are sorted in a third of the
 * time that it takes to compare as many texts.
 */
export function placesById(
  count: number,
  idAt: (at: number) => string | null,
  compareRest: (a: number, b: number) => number = () => 0,
): Iterable<number> & ArrayLike<number> {
  const keys = keysOf(count, idAt);
  if (keys === null) {
    const places = Array.from({ length: count }, (_, at) => at);
    return places.toSorted((a, b) => compareIds(idAt(a), idAt(b)) || compareRest(a, b));
  }
  keys.sort();
  const places = new Int32Array(count);
  let start = 0;
  let last = -1;
  for (let at = 0; at < count; at += 1) {
    const key = keys[at] as number;
    const id = Math.floor(key / mostItems);
    if (id !== last) {
      if (at - start > 1) places.subarray(start, at).sort(compareRest);
      start = at;
      last = id;
    }
    places[at] = key % mostItems;
  }
  places.subarray(start).sort(compareRest);
  return places;
}

/** Null: there are too many items, or an ID is no plain number of 32 bits. */
function keysOf(count: number, idAt: (at: number) => string | null): Float64Array | null {
  if (count > mostItems) return null;
  const keys = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    const id = idAt(at);
    const number = id === null ? noId : idNumber(id);
    if (number === null) return null;
    keys[at] = number * mostItems + at;
  }
  return keys;
}
