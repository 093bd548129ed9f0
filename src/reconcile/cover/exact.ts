/**
 * The fewest sets of columns out of which every row can be put together, by branch and bound. Only a few rows are
 * looked at to begin with; where the answer does not fit another row, that one is looked at too. So what is found is the
 * fewest for all rows, and what is proven of some rows is a lower bound for all.
 *
 * No need to look at any other sets: a block with all columns that its rows share, or all of those that give, or all that
 * take, does what a smaller one does. Columns that may come once alone are left out or not, all ways are tried.
 */
import { isCovered, type Offer, offerOf } from './assign.ts';
import {
  type Bits,
  bitsKey,
  count,
  difference,
  has,
  intersection,
  isEmpty,
  isWithin,
  members,
  noBits,
} from './bits.ts';
import type { Matrix, Patience } from './matrix.ts';
import { distinct, undominated } from './reduce.ts';

/** Beyond these sizes of what is looked at nothing is searched, or the search gives up. */
const most = { rows: 40, columns: 32, sets: 1200, once: 3 } as const;

export interface Exact {
  /** No cover has fewer blocks. */
  readonly lowerBound: number;
  /** As many sets, for all rows; null: the search gave up, or all that it could find is as many as there are. */
  readonly sets: readonly Bits[] | null;
}

/** Looks for less than `fewest`, with no less than `lowerBound`. */
export function exactSets(matrix: Matrix, lowerBound: number, fewest: number, patience: Patience): Exact {
  let bound = lowerBound;
  if (matrix.columns.length > most.columns) return { lowerBound: bound, sets: null };
  const rows = new Set(undominated(matrix));
  for (;;) {
    const kernel = kernelOf(matrix, rows);
    if (kernel === null) return { lowerBound: bound, sets: null };
    let found: readonly Offer[] | null = null;
    while (bound < fewest && found === null) {
      found = search(kernel, bound, patience);
      if (patience.steps <= 0) return { lowerBound: bound, sets: null };
      if (found === null) bound += 1;
    }
    if (found === null) return { lowerBound: bound, sets: null };
    const sets = found;
    const unfit = matrix.rows.findIndex(
      ({ need }, row) =>
        !rows.has(row) &&
        !isCovered(
          matrix,
          need,
          sets.filter(({ columns }) => isWithin(columns, need)),
        ),
    );
    if (unfit === -1) return { lowerBound: bound, sets: sets.map(({ columns }) => columns) };
    rows.add(unfit);
  }
}

interface Kernel {
  readonly matrix: Matrix;
  readonly needs: readonly Bits[];
  /** Of each row, what it could take. */
  readonly offers: readonly (readonly Offer[])[];
}

function kernelOf(matrix: Matrix, rows: ReadonlySet<number>): Kernel | null {
  if (rows.size > most.rows || count(matrix.once) > most.once) return null;
  const needs = [...rows].toSorted((a, b) => a - b).map((row) => matrix.rows[row]?.need ?? noBits(0));
  const closed = intersectionsOf(needs);
  const sets = closed === null ? null : variantsOf(matrix, closed);
  if (sets === null || sets.length > most.sets) return null;
  const all = sets.map((columns) => offerOf(matrix, columns));
  return { matrix, needs, offers: needs.map((need) => all.filter(({ columns }) => isWithin(columns, need))) };
}

/** Every intersection of some of these; null: there are too many. */
function intersectionsOf(needs: readonly Bits[]): Bits[] | null {
  const found = new Map<string, Bits>();
  for (const need of needs) {
    for (const other of [need, ...[...found.values()].map((one) => intersection(one, need))]) {
      if (!isEmpty(other)) found.set(bitsKey(other), other);
    }
    if (found.size > most.sets) return null;
  }
  return [...found.values()];
}

function variantsOf({ gives, takes, once }: Matrix, closed: readonly Bits[]): Bits[] {
  const parts = closed.flatMap((columns) => [columns, intersection(columns, gives), intersection(columns, takes)]);
  let sets = distinct(parts);
  for (const column of members(once)) {
    const alone = noBits(gives.length * 32);
    alone[column >>> 5] = 1 << (column & 31);
    sets = distinct(sets.flatMap((columns) => [columns, difference(columns, alone)]));
  }
  return sets.filter((columns) => !isEmpty(columns));
}

/** At most so many sets out of which all rows of the kernel can be put together; null: there are none, or no patience. */
function search(kernel: Kernel, size: number, patience: Patience): readonly Offer[] | null {
  const { matrix, needs, offers } = kernel;

  function step(chosen: readonly Offer[], refused: ReadonlySet<Offer>): readonly Offer[] | null {
    patience.steps -= 1;
    if (patience.steps <= 0) return null;
    const open: OpenRow[] = [];
    for (const [row, need] of needs.entries()) {
      const mine = chosen.filter(({ columns }) => isWithin(columns, need));
      if (isCovered(matrix, need, mine)) continue;
      let left = need;
      for (const { columns } of mine) left = difference(left, columns);
      open.push({ row, need, left });
    }
    if (open.length === 0) return chosen;
    const room = size - chosen.length;
    if (room <= 0 || foolingPairs(open, room) > room) return null;
    const ways = fewestWays(kernel, open, chosen, refused);
    const closed = new Set(refused);
    for (const offer of ways) {
      const found = step([...chosen, offer], closed);
      if (found !== null) return found;
      closed.add(offer);
    }
    return null;
  }

  return offers.length === 0 ? [] : step([], new Set());
}

interface OpenRow {
  readonly row: number;
  readonly need: Bits;
  /** Columns that no chosen set brings it, whatever it has room for. */
  readonly left: Bits;
}

/** Pairs that are still to be covered and that all fool each other; found greedily, more than `enough` are not looked for. */
function foolingPairs(open: readonly OpenRow[], enough: number): number {
  const pairs: { need: Bits; column: number }[] = [];
  for (const { need, left } of open.toSorted((a, b) => count(a.need) - count(b.need))) {
    const column = members(left).find((one) => pairs.every((pair) => !has(pair.need, one) || !has(need, pair.column)));
    if (column === undefined) continue;
    pairs.push({ need, column });
    if (pairs.length > enough) break;
  }
  return pairs.length;
}

/** The sets of which one has to be among the chosen: those for the open pair, or row, that fewest would do for. */
function fewestWays(
  { offers, needs }: Kernel,
  open: readonly OpenRow[],
  chosen: readonly Offer[],
  refused: ReadonlySet<Offer>,
): readonly Offer[] {
  let best: readonly Offer[] | null = null;
  for (const { row, left } of open) {
    const free = (offers[row] ?? []).filter((offer) => !refused.has(offer) && !chosen.includes(offer));
    // Where all columns are there and the device has no room for their blocks, any other set may be the way out.
    for (const column of isEmpty(left) ? [-1] : members(left)) {
      const ways = column === -1 ? free : free.filter(({ columns }) => has(columns, column));
      if (best === null || ways.length < best.length) best = ways;
    }
  }
  const wanted = (offer: Offer): number =>
    open.reduce((sum, { row, left }) => {
      return isWithin(offer.columns, needs[row] ?? left) ? sum + count(intersection(offer.columns, left)) : sum;
    }, 0);
  return (best ?? [])
    .map((offer) => ({ offer, gain: wanted(offer) }))
    .toSorted((a, b) => b.gain - a.gain)
    .map(({ offer }) => offer);
}
