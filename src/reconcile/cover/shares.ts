/**
 * A lower bound where classes are too large for one action. Let each action share itself out among its columns, evenly:
 * the shares of all columns are the actions. Of a block that has a column and some others, a column gets the smaller a
 * share the more there are, and so many devices need them all together that it is covered by only so much; so each column
 * costs at least the cheapest set of such shares with room for all of its devices.
 */
import { members } from './bits.ts';
import type { Matrix } from './matrix.ts';

/** Beyond so many steps for one column its shares are not counted in whole actions. */
const maxSteps = 1_000_000;

/** Any columns are a bound, be it that others are left out. */
export function shareBound(matrix: Matrix, maxTargets: number): number {
  let sum = 0;
  for (const column of matrix.columns.keys()) {
    const { devices, rooms } = roomsOf(matrix, column, maxTargets);
    sum += leastShares(devices, rooms);
  }
  // What 1/3 and its like lose in the sum must not become an action.
  return Math.ceil(sum - 1e-6);
}

/** How many devices need the column, and as how many of them one action can reach with n columns more, n from 0 on. */
function roomsOf(
  matrix: Matrix,
  column: number,
  maxTargets: number,
): { readonly devices: number; readonly rooms: readonly number[] } {
  const shared = new Float64Array(matrix.columns.length);
  const bySize = new Float64Array(matrix.columns.length + 1);
  let devices = 0;
  for (const row of members(matrix.columns[column]?.rows ?? new Uint32Array(0))) {
    const { need, devices: count } = matrix.rows[row] ?? { need: new Uint32Array(0), devices: 0 };
    const others = members(need);
    for (const other of others) shared[other] = (shared[other] ?? 0) + count;
    bySize[others.length] = (bySize[others.length] ?? 0) + count;
    devices += count;
  }
  shared[column] = 0;
  // With n others a block has at most the devices of its n-th most frequent companion.
  const companions = [devices, ...[...shared].toSorted((a, b) => b - a)];
  const rooms: number[] = [];
  let large = devices;
  for (const [others, most] of companions.entries()) {
    large -= bySize[others] ?? 0;
    if (most === 0) break;
    rooms.push(Math.min(maxTargets, most, large));
  }
  return { devices, rooms: rooms.filter((room) => room > 0) };
}

/** Fewest shares with room for so many devices. */
function leastShares(devices: number, rooms: readonly number[]): number {
  if (devices * rooms.length > maxSteps) {
    return devices * Math.min(...rooms.map((room, others) => 1 / ((others + 1) * room)));
  }
  const least = new Float64Array(devices + 1);
  for (let covered = 1; covered <= devices; covered += 1) {
    let best = Number.POSITIVE_INFINITY;
    for (const [others, room] of rooms.entries()) {
      best = Math.min(best, 1 / (others + 1) + (least[Math.max(0, covered - room)] ?? 0));
    }
    least[covered] = best;
  }
  return least[devices] ?? 0;
}
