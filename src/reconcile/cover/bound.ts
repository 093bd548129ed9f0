/**
 * Fewer actions than this cannot do it. Two pairs (row, column) *fool* each other when one of the rows does not need the
 * other's column: a block with both would reach a device that does not need it. So pairs that all fool each other need
 * a block each, and where all pairs of one set fool all pairs of the others, each set needs as many actions as its
 * devices fill. Any such sets are a bound (arXiv 0708.1174); the largest are as hard to find as the fewest blocks.
 *
 * No two pairs of one column fool each other, nor two of one row, so a set is a choice of a row for each column.
 */
import { add, type Bits, count, has, intersection, members, noBits, remove } from './bits.ts';
import { devicesOf, type Matrix } from './matrix.ts';
import { shareBound } from './shares.ts';

/** Changes of the choice that are tried for each column. */
const stepsPerColumn = 60;
/** Words of bits that are looked at in the search at most. */
const maxWork = 60_000_000;

export interface LowerBound {
  readonly blocks: number;
  readonly actions: number;
}

export function lowerBoundOf(matrix: Matrix, maxTargets: number): LowerBound {
  const actionsOf = (devices: number): number => Math.ceil(devices / maxTargets);
  const weights = matrix.rows.map(({ devices }) => actionsOf(devices));
  const choice = choiceFor(matrix, weights);
  const blocks = choice.rowOf.filter((row) => row !== -1).length;
  const devices = devicesOf(matrix, matrix.rows.keys());
  if (devices <= maxTargets) return { blocks, actions: blocks };
  const filled = [choice, emptyChoice(matrix)].map((from) => filledActions(matrix, from, actionsOf));
  return { blocks, actions: Math.max(actionsOf(devices), shareBound(matrix, maxTargets), ...filled) };
}

interface Choice {
  /** Of each column, the row of its pair; -1: it has none. */
  readonly rowOf: readonly number[];
  /** Of each column, the columns whose chosen rows need it. */
  readonly neededBy: readonly Bits[];
}

interface Draft extends Choice {
  readonly rowOf: number[];
}

function emptyChoice({ columns }: Matrix): Draft {
  return { rowOf: columns.map(() => -1), neededBy: columns.map(() => noBits(columns.length)) };
}

/** The columns whose pairs do not fool (row, column). */
function against({ rows }: Matrix, { neededBy }: Choice, row: number, column: number): Bits {
  const need = rows[row]?.need ?? noBits(0);
  const found = intersection(need, neededBy[column] ?? need);
  remove(found, column);
  return found;
}

function set({ rows }: Matrix, choice: Draft, column: number, row: number): void {
  const before = choice.rowOf[column] ?? -1;
  if (before !== -1) for (const other of members(rows[before]?.need ?? noBits(0))) drop(choice, other, column);
  choice.rowOf[column] = row;
  if (row !== -1) for (const other of members(rows[row]?.need ?? noBits(0))) note(choice, other, column);
}

function note({ neededBy }: Choice, column: number, by: number): void {
  const bits = neededBy[column];
  if (bits !== undefined) add(bits, by);
}

function drop({ neededBy }: Choice, column: number, by: number): void {
  const bits = neededBy[column];
  if (bits !== undefined) remove(bits, by);
}

function sumOf(rows: readonly number[], weights: readonly number[]): number {
  return rows.reduce((sum, row) => sum + (weights[row] ?? 0), 0);
}

/**
 * Local search: a column takes the row that costs the others least, and they look for another one; a column that has
 * just changed is left alone for a while, so that it does not go round in circles.
 */
function choiceFor(matrix: Matrix, weights: readonly number[]): Choice {
  const { columns, rows } = matrix;
  const choice = emptyChoice(matrix);
  const sizes = rows.map(({ need }) => count(need));
  const candidates = columns.map(({ rows: bits }) =>
    members(bits).toSorted((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || (sizes[a] ?? 0) - (sizes[b] ?? 0)),
  );
  const waiting = columns.map(() => 0);
  const words = noBits(columns.length).length;
  let best = [...choice.rowOf];
  let work = 0;
  for (let step = 1; step <= columns.length * stepsPerColumn && work < maxWork; step += 1) {
    let [gain, column, row]: [number, number, number] = [Number.NEGATIVE_INFINITY, -1, -1];
    for (const [at, some] of candidates.entries()) {
      if ((waiting[at] ?? 0) > step || (choice.rowOf[at] ?? -1) !== -1) continue;
      for (const candidate of some) {
        work += words;
        const lost = sumOf(
          members(against(matrix, choice, candidate, at)).map((other) => choice.rowOf[other] ?? -1),
          weights,
        );
        const gained = (weights[candidate] ?? 0) - lost;
        if (gained > gain) [gain, column, row] = [gained, at, candidate];
        if (gained === weights[some[0] ?? -1]) break;
      }
    }
    if (column === -1) continue;
    for (const other of members(against(matrix, choice, row, column))) {
      set(matrix, choice, other, -1);
      waiting[other] = step + 3 + ((step * 7 + other) % 5);
    }
    set(matrix, choice, column, row);
    if (sumOf(choice.rowOf, weights) > sumOf(best, weights)) best = [...choice.rowOf];
    if (choice.rowOf.every((one) => one !== -1)) break;
  }
  const kept = emptyChoice(matrix);
  for (const [column, row] of best.entries()) if (row !== -1) set(matrix, kept, column, row);
  return kept;
}

/**
 * More rows for the pairs that are chosen, column by column, the one first that has most to win: all of its rows whose
 * pair with it fools all that there is in other columns.
 */
function filledActions(matrix: Matrix, { rowOf, neededBy }: Choice, actionsOf: (devices: number) => number): number {
  const blocked = neededBy.map((bits) => bits.slice());
  const sets = rowOf.map((row) => new Set(row === -1 ? [] : [row]));
  const open = new Set(matrix.columns.keys());
  const isFree = (row: number, column: number): boolean => {
    const need = matrix.rows[row]?.need ?? noBits(0);
    const others = intersection(need, blocked[column] ?? need);
    remove(others, column);
    return count(others) === 0 && !members(need).some((other) => other !== column && sets[other]?.has(row));
  };
  while (open.size > 0) {
    let [most, found, added]: [number, number, readonly number[]] = [-1, -1, []];
    for (const column of open) {
      const have = sets[column] ?? new Set();
      const rows = members(matrix.columns[column]?.rows ?? noBits(0)).filter(
        (row) => !have.has(row) && isFree(row, column),
      );
      const before = devicesOf(matrix, have);
      const gain = actionsOf(before + devicesOf(matrix, rows)) - actionsOf(before);
      if (gain > most) [most, found, added] = [gain, column, rows];
    }
    open.delete(found);
    for (const row of added) {
      sets[found]?.add(row);
      for (const other of members(matrix.rows[row]?.need ?? noBits(0))) {
        const bits = blocked[other];
        if (bits !== undefined && !has(bits, found)) add(bits, found);
      }
    }
  }
  return sets.reduce((sum, rows) => sum + actionsOf(devicesOf(matrix, rows)), 0);
}
