/**
 * The fewest sets of columns out of which every row can be put together. Only a few rows are looked at to begin with;
 * where the answer does not fit another row, that one is looked at too. So what is found is the fewest for all rows, and
 * what is proven of some rows is a lower bound for all.
 *
 * No need to look at any other sets: a block with all columns that its rows share, or all of those that give, or all that
 * take, does what a smaller one does. Columns that may come once alone are left out or not, all ways are tried.
 */
import { isCovered, offerOf } from './assign.ts';
import {
  type Bits,
  bitsKey,
  bitsOf,
  count,
  difference,
  intersection,
  isEmpty,
  isWithin,
  members,
  noBits,
} from './bits.ts';
import { type Kernel, setsOf } from './branch.ts';
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
  while (bound < fewest) {
    const kernel = kernelOf(matrix, rows);
    if (kernel === null) break;
    const found = setsOf(kernel, bound, patience);
    if (patience.ways <= 0) break;
    if (found === null) {
      bound += 1;
      continue;
    }
    const sets = found.map((set) => Uint32Array.of(set));
    const unfit = matrix.rows.findIndex(({ need }) => !isPutTogether(matrix, need, sets));
    if (unfit === -1) return { lowerBound: bound, sets };
    rows.add(unfit);
  }
  return { lowerBound: bound, sets: null };
}

function isPutTogether(matrix: Matrix, need: Bits, sets: readonly Bits[]): boolean {
  const offers = sets.filter((columns) => isWithin(columns, need)).map((columns) => offerOf(matrix, columns));
  return isCovered(matrix, need, offers);
}

/** Null: it is too large. */
function kernelOf(matrix: Matrix, rows: ReadonlySet<number>): Kernel | null {
  if (rows.size > most.rows || count(matrix.once) > most.once) return null;
  const needs = [...rows].toSorted((a, b) => a - b).map((row) => matrix.rows[row]?.need ?? noBits(0));
  needs.sort((a, b) => count(a) - count(b));
  const closed = intersectionsOf(needs);
  const sets = closed === null ? [] : variantsOf(matrix, closed);
  if (closed === null || sets.length > most.sets) return null;
  return {
    needs: needs.map(wordOf),
    sets: sets.map(wordOf),
    offers: needs.map((need) => [...sets.keys()].filter((at) => isWithin(sets[at] ?? need, need))),
    takes: wordOf(matrix.takes),
    once: wordOf(matrix.once),
  };
}

function wordOf(bits: Bits): number {
  return bits[0] ?? 0;
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

function variantsOf({ columns: all, gives, takes, once }: Matrix, closed: readonly Bits[]): Bits[] {
  let sets = distinct(
    closed.flatMap((columns) => [columns, intersection(columns, gives), intersection(columns, takes)]),
  );
  for (const column of members(once)) {
    const alone = bitsOf(all.length, [column]);
    sets = distinct(sets.flatMap((columns) => [columns, difference(columns, alone)]));
  }
  return sets.filter((columns) => !isEmpty(columns));
}
