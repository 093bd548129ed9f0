/**
 * Two pairs (row, column) *fool* each other when one of the rows does not need the other's column: a block with both
 * would reach a device that does not need it. So pairs that all fool each other need a block each. No two pairs of one
 * column do, nor two of one row: a set of such pairs is a choice of a row for each column, or for some.
 */
import { add, type Bits, count, intersection, members, noBits, remove } from './bits.ts';
import type { Matrix } from './matrix.ts';

/** Changes of the choice that are tried for each column. */
const stepsPerColumn = 60;
/** Words of bits that are looked at in the search at most. */
const maxWork = 60_000_000;

export interface Choice {
  /** Of each column, the row of its pair; -1: it has none. */
  readonly rowOf: number[];
  /** Of each column, the columns whose chosen rows need it. */
  readonly neededBy: readonly Bits[];
}

export function emptyChoice({ columns }: Matrix): Choice {
  return { rowOf: columns.map(() => -1), neededBy: columns.map(() => noBits(columns.length)) };
}

/** A choice whose rows weigh much together; the largest is as hard to find as the fewest blocks. */
export function foolingChoice(matrix: Matrix, weights: readonly number[]): Choice {
  const search = searchIn(matrix, weights);
  return choiceOf(matrix, improved(search, greedy(search)));
}

interface Search {
  readonly matrix: Matrix;
  readonly weights: readonly number[];
  /** Of each column its rows, heavy ones first, then those that need little else. */
  readonly candidates: readonly (readonly number[])[];
  /** Words looked at. */
  work: number;
}

function searchIn(matrix: Matrix, weights: readonly number[]): Search {
  const sizes = matrix.rows.map(({ need }) => count(need));
  const candidates = matrix.columns.map(({ rows }) =>
    members(rows).toSorted((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || (sizes[a] ?? 0) - (sizes[b] ?? 0)),
  );
  return { matrix, weights, candidates, work: 0 };
}

/** Rare columns first, each with the first row whose pair fools all that are there. */
function greedy(search: Search): Choice {
  const choice = emptyChoice(search.matrix);
  const rarest = [...search.candidates.keys()].toSorted((a, b) => sizeOf(search, a) - sizeOf(search, b) || a - b);
  for (const column of rarest) {
    const row = search.candidates[column]?.find((one) => lossBy(search, choice, one, column) === 0);
    if (row !== undefined) choose(search.matrix, choice, column, row);
  }
  return choice;
}

function sizeOf({ candidates }: Search, column: number): number {
  return candidates[column]?.length ?? 0;
}

/**
 * Local search: a column without a row takes that which costs the others least, and they look for another one; a column
 * that has just lost its row waits for a while, so that it does not go round in circles. Answers the best rows seen.
 */
function improved(search: Search, choice: Choice): readonly number[] {
  const { matrix, weights } = search;
  const waiting = choice.rowOf.map(() => 0);
  let weight = weightOf(choice.rowOf, weights);
  let best = { rows: [...choice.rowOf], weight };
  for (let step = 1; step <= choice.rowOf.length * stepsPerColumn && search.work < maxWork; step += 1) {
    if (!choice.rowOf.includes(-1)) break;
    const next = cheapest(search, choice, (column) => (waiting[column] ?? 0) <= step);
    if (next === null) continue;
    for (const other of against(matrix, choice, next.row, next.column)) {
      choose(matrix, choice, other, -1);
      waiting[other] = step + 3 + ((step * 7 + other) % 5);
    }
    choose(matrix, choice, next.column, next.row);
    weight += next.gain;
    if (weight > best.weight) best = { rows: [...choice.rowOf], weight };
  }
  return best.rows;
}

interface Change {
  readonly column: number;
  readonly row: number;
  readonly gain: number;
}

function cheapest(search: Search, choice: Choice, isOpen: (column: number) => boolean): Change | null {
  let best: Change | null = null;
  for (const [column, rows] of search.candidates.entries()) {
    if (choice.rowOf[column] !== -1 || !isOpen(column)) continue;
    for (const row of rows) {
      const loss = lossBy(search, choice, row, column);
      const gain = (search.weights[row] ?? 0) - loss;
      if (best === null || gain > best.gain) best = { column, row, gain };
      if (loss === 0) break;
    }
  }
  return best;
}

/** What the pairs weigh that do not fool (row, column). */
function lossBy(search: Search, choice: Choice, row: number, column: number): number {
  const need = search.matrix.rows[row]?.need ?? noBits(0);
  const others = choice.neededBy[column] ?? need;
  search.work += need.length;
  let loss = 0;
  for (let at = 0; at < need.length; at += 1) {
    for (let word = (need[at] ?? 0) & (others[at] ?? 0); word !== 0; word &= word - 1) {
      const other = at * 32 + 31 - Math.clz32(word & -word);
      if (other !== column) loss += search.weights[choice.rowOf[other] ?? -1] ?? 0;
    }
  }
  return loss;
}

/** The columns whose pairs do not fool (row, column). */
function against({ rows }: Matrix, { neededBy }: Choice, row: number, column: number): number[] {
  const need = rows[row]?.need ?? noBits(0);
  const others = neededBy[column] ?? need;
  return members(intersection(need, others)).filter((other) => other !== column);
}

function choose({ rows }: Matrix, choice: Choice, column: number, row: number): void {
  const mark = (of: number, change: typeof add): void => {
    for (const other of members(rows[of]?.need ?? noBits(0))) change(choice.neededBy[other] ?? noBits(0), column);
  };
  const before = choice.rowOf[column] ?? -1;
  if (before !== -1) mark(before, remove);
  choice.rowOf[column] = row;
  if (row !== -1) mark(row, add);
}

function choiceOf(matrix: Matrix, rows: readonly number[]): Choice {
  const choice = emptyChoice(matrix);
  for (const [column, row] of rows.entries()) if (row !== -1) choose(matrix, choice, column, row);
  return choice;
}

function weightOf(rows: readonly number[], weights: readonly number[]): number {
  return rows.reduce((sum, row) => sum + (weights[row] ?? 0), 0);
}
