/**
 * A lower bound where classes are too large for one action. Let each action share itself out among its columns, evenly:
 * the shares of all columns are the actions. Of an action with n other columns a column gets 1/(n+1), and no more of its
 * devices are covered by it than need n others all together; so each column costs at least the cheapest set of such
 * shares with room for all of its devices.
 */
import { bitsOf, has, intersection, members, ones } from './bits.ts';
import type { Matrix } from './matrix.ts';

/** Beyond so many steps for one column its shares are not counted in whole actions. */
const maxSteps = 1_000_000;
/** Up to so many columns, the devices that need them are counted for each set of columns. */
const maxCounted = 16;

export function shareBound(matrix: Matrix, maxTargets: number): number {
  const columns = unlike(matrix);
  const rooms = columns.length <= maxCounted ? roomsIn(matrix, columns) : roomsBeside(matrix, columns);
  let sum = 0;
  for (const mine of rooms) {
    const capped = mine.map((room) => Math.min(room, maxTargets));
    sum += leastShares(mine[0] ?? 0, capped);
  }
  // What 1/3 and its like lose in the sum must not become an action.
  return Math.ceil(sum - 1e-6);
}

/** What some columns cost, all of them cost: of those that the same rows need one is enough, and the shares are larger. */
function unlike({ columns }: Matrix): number[] {
  return [...new Map([...columns.keys()].map((at) => [columns[at]?.rows.join(' '), at])).values()];
}

/** Of each column, the most devices that need it and n others, n from 0 on. */
function roomsIn(matrix: Matrix, columns: readonly number[]): number[][] {
  const devices = devicesBySet(matrix, columns);
  const rooms = columns.map(() => columns.map(() => 0));
  for (let set = 1; set < devices.length; set += 1) {
    const some = devices[set] ?? 0;
    if (some === 0) continue;
    const others = ones(set) - 1;
    for (let left = set; left !== 0; left &= left - 1) {
      const mine = rooms[31 - Math.clz32(left & -left)];
      if (mine !== undefined && some > (mine[others] ?? 0)) mine[others] = some;
    }
  }
  return rooms;
}

/** For each set of these columns, a bit each, how many devices need all of them. */
function devicesBySet({ rows }: Matrix, columns: readonly number[]): Float64Array {
  const devices = new Float64Array(2 ** columns.length);
  for (const { need, devices: some } of rows) {
    let set = 0;
    for (const [at, column] of columns.entries()) if (has(need, column)) set |= 1 << at;
    devices[set] = (devices[set] ?? 0) + some;
  }
  for (let bit = 1; bit < devices.length; bit *= 2) {
    for (let set = 0; set < devices.length; set += 1) {
      if ((set & bit) === 0) devices[set] = (devices[set] ?? 0) + (devices[set | bit] ?? 0);
    }
  }
  return devices;
}

/** No fewer than those: with n others, no more devices than those of its n-th most frequent companion. */
function roomsBeside(matrix: Matrix, columns: readonly number[]): number[][] {
  const among = bitsOf(matrix.columns.length, columns);
  const needs = matrix.rows.map(({ need }) => members(intersection(need, among)));
  return columns.map((column) => {
    const shared = new Map<number, number>();
    const bySize = new Map<number, number>();
    let left = 0;
    for (const row of members(matrix.columns[column]?.rows ?? among)) {
      const devices = matrix.rows[row]?.devices ?? 0;
      const need = needs[row] ?? [];
      for (const other of need) shared.set(other, (shared.get(other) ?? 0) + devices);
      bySize.set(need.length, (bySize.get(need.length) ?? 0) + devices);
      left += devices;
    }
    // It is its own most frequent companion.
    return [...shared.values()]
      .toSorted((a, b) => b - a)
      .map((companion, others) => {
        left -= bySize.get(others) ?? 0;
        return Math.min(companion, left);
      });
  });
}

/** Fewest shares with room for so many devices; `rooms`: of the n-th, that of a share of 1/(n+1). */
function leastShares(devices: number, rooms: readonly number[]): number {
  const useful = rooms.flatMap((room, others) => (room > 0 ? [{ room, share: 1 / (others + 1) }] : []));
  if (devices * useful.length > maxSteps) return devices * Math.min(...useful.map(({ room, share }) => share / room));
  const least = new Float64Array(devices + 1);
  for (let covered = 1; covered <= devices; covered += 1) {
    let best = Number.POSITIVE_INFINITY;
    for (const { room, share } of useful) best = Math.min(best, share + (least[Math.max(0, covered - room)] ?? 0));
    least[covered] = best;
  }
  return least[devices] ?? 0;
}
