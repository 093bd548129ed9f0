/** Branch and bound over sets of up to 32 columns, each a number with a bit for each column. */
import { ones } from './bits.ts';
import type { Patience } from './matrix.ts';

export interface Kernel {
  /** What each row needs, small ones first. */
  readonly needs: readonly number[];
  readonly sets: readonly number[];
  /** Of each row, the numbers of the sets that it could take. */
  readonly offers: readonly (readonly number[])[];
  readonly takes: number;
  readonly once: number;
}

interface Search {
  readonly kernel: Kernel;
  readonly size: number;
  readonly patience: Patience;
  readonly chosen: number[];
  /** Of each set, how often it was chosen or refused on the way here. */
  readonly closed: Uint8Array;
}

/** At most `size` sets out of which all rows can be put together; null: there are none, or no patience is left. */
export function setsOf(kernel: Kernel, size: number, patience: Patience): readonly number[] | null {
  const search = { kernel, size, patience, chosen: [], closed: new Uint8Array(kernel.sets.length) };
  return isFound(search) ? search.chosen : null;
}

/** Leaves what it found in `chosen`. */
function isFound(search: Search): boolean {
  const { kernel, size, patience, chosen, closed } = search;
  const open = openRows(kernel, chosen);
  patience.ways -= kernel.needs.length * (chosen.length + 1);
  if (open.length === 0) return true;
  const room = size - chosen.length;
  if (room <= 0 || patience.ways <= 0 || foolingPairs(kernel, open) > room) return false;
  const ways = fewestWays(search, open);
  let found = false;
  let tried = 0;
  for (const at of ways) {
    chosen.push(kernel.sets[at] ?? 0);
    // Whatever has this set is searched now, and need not be again.
    closed[at] = (closed[at] ?? 0) + 1;
    tried += 1;
    found = isFound(search);
    if (found) break;
    chosen.pop();
  }
  for (const at of ways.slice(0, tried)) closed[at] = (closed[at] ?? 0) - 1;
  return found;
}

interface OpenRow {
  readonly row: number;
  readonly need: number;
  /** Columns that no chosen set brings it, whatever it has room for. */
  readonly left: number;
}

function openRows({ needs, takes, once }: Kernel, chosen: readonly number[]): OpenRow[] {
  const open: OpenRow[] = [];
  for (const [row, need] of needs.entries()) {
    const within = chosen.filter((set) => (set & ~need) === 0);
    if (isMet(need, takes, once, within)) continue;
    open.push({ row, need, left: within.reduce((left, set) => left & ~set, need) });
  }
  return open;
}

/** Of the sets a device has room for one that gives and takes, and for one with each of those that come once. */
function isMet(need: number, takes: number, once: number, within: readonly number[]): boolean {
  const together = (at: number, got: number, mixed: boolean): boolean => {
    if (got === need) return true;
    const set = within[at];
    if (set === undefined) return false;
    const isMixed = (set & takes) !== 0 && (set & ~takes) !== 0;
    if (!isMixed && (set & once) === 0) return together(at + 1, got | set, mixed);
    const fits = !(mixed && isMixed) && (set & got & once) === 0;
    return (fits && together(at + 1, got | set, mixed || isMixed)) || together(at + 1, got, mixed);
  };
  return together(0, 0, false);
}

/** So many sets are still wanted, at least: pairs that are to be covered and that all fool each other. */
function foolingPairs({ needs }: Kernel, open: readonly OpenRow[]): number {
  const rows: number[] = [];
  const columns: number[] = [];
  for (const { row, need, left } of open) {
    for (let rest = left; rest !== 0; rest &= rest - 1) {
      const column = rest & -rest;
      if (rows.some((other, at) => ((needs[other] ?? 0) & column) !== 0 && (need & (columns[at] ?? 0)) !== 0)) continue;
      rows.push(row);
      columns.push(column);
      break;
    }
  }
  return Math.max(1, rows.length);
}

/** The sets of which one has to be among the chosen: those for the open pair, or row, that fewest would do for. */
function fewestWays({ kernel, patience, closed }: Search, open: readonly OpenRow[]): readonly number[] {
  let best: readonly number[] | null = null;
  for (const { row, left } of open) {
    const free = (kernel.offers[row] ?? []).filter((at) => closed[at] === 0);
    patience.ways -= free.length;
    // Where all columns are there and the device has no room for their sets, any other set may be the way out.
    if (left === 0 && (best === null || free.length < best.length)) best = free;
    for (let rest = left; rest !== 0; rest &= rest - 1) {
      const column = rest & -rest;
      const ways = free.filter((at) => ((kernel.sets[at] ?? 0) & column) !== 0);
      if (best === null || ways.length < best.length) best = ways;
    }
  }
  const gains = new Map((best ?? []).map((at) => [at, gainOf(kernel.sets[at] ?? 0, open)]));
  return (best ?? []).toSorted((a, b) => (gains.get(b) ?? 0) - (gains.get(a) ?? 0));
}

/** Pairs that the set would cover. */
function gainOf(set: number, open: readonly OpenRow[]): number {
  let gain = 0;
  for (const { need, left } of open) if ((set & ~need) === 0) gain += ones(set & left);
  return gain;
}
