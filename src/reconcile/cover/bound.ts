/**
 * Fewer actions than this cannot do it. Pairs that all fool each other need a block each; and where each pair of one set
 * fools each pair of the others, each set needs as many actions as its devices fill (arXiv 0708.1174 has more of it).
 */
import { actionsToName, type Capacity, type Load, plus } from '../share-out.ts';
import { add, intersection, isEmpty, meet, members, noBits, remove } from './bits.ts';
import { type Choice, emptyChoice, foolingChoice } from './fooling.ts';
import { loadIn, type Matrix } from './matrix.ts';
import { shareBound } from './shares.ts';

export interface LowerBound {
  readonly blocks: number;
  readonly actions: number;
}

export function lowerBoundOf(matrix: Matrix, capacity: Capacity): LowerBound {
  const actionsOf = (load: Load): number => actionsToName(load, capacity);
  const choice = foolingChoice(
    matrix,
    matrix.rows.map((row) => actionsOf(row)),
  );
  const blocks = choice.rowOf.filter((row) => row !== -1).length;
  const load = loadIn(matrix, matrix.rows.keys());
  if (actionsOf(load) <= 1) return { blocks, actions: blocks };
  const filled = [choice, emptyChoice(matrix)].map((from) => filledActions(matrix, from, actionsOf));
  return { blocks, actions: Math.max(actionsOf(load), sharesIn(matrix, load, capacity), ...filled) };
}

/** What all devices cost if each were known by its name, or those alone that are not. */
function sharesIn(matrix: Matrix, load: Load, { byName, byNumber }: Capacity): number {
  const all = load.devices > byName ? shareBound(matrix, byName) : 0;
  if (load.byNumber <= byNumber) return all;
  const rows = matrix.rows.map((row) => ({ ...row, devices: row.byNumber }));
  return Math.max(all, shareBound({ ...matrix, rows }, byNumber));
}

interface Fill {
  readonly column: number;
  rows: readonly number[];
  /** Actions that these rows would add; it never grows. */
  gain: number;
}

/**
 * More rows for each pair that is chosen, and for columns that have none: the column goes first that has most to win,
 * and takes all of its rows whose pair with it fools all that there is in other columns.
 */
function filledActions(matrix: Matrix, choice: Choice, actionsOf: (load: Load) => number): number {
  const needed = choice.neededBy.map((bits) => bits.slice());
  const sets = choice.rowOf.map((row) => (row === -1 ? [] : [row]));
  const look = (column: number): Fill => {
    const have = sets[column] ?? [];
    const rows = members(matrix.columns[column]?.rows ?? noBits(0)).filter(
      (row) => !have.includes(row) && isFree(row, column),
    );
    const before = loadIn(matrix, have);
    return { column, rows, gain: actionsOf(plus(before, loadIn(matrix, rows))) - actionsOf(before) };
  };
  const isFree = (row: number, column: number): boolean => {
    const need = matrix.rows[row]?.need ?? noBits(0);
    const others = needed[column];
    if (others === undefined || !meet(need, others)) return true;
    const both = intersection(need, others);
    remove(both, column);
    return isEmpty(both);
  };
  const open = new Map([...matrix.columns.keys()].map((column) => [column, look(column)]));
  while (open.size > 0) {
    let first: Fill | null = null;
    for (const fill of open.values()) if (first === null || fill.gain > first.gain) first = fill;
    if (first === null) break;
    const now = look(first.column);
    if (now.gain < first.gain) {
      open.set(now.column, now);
      continue;
    }
    open.delete(now.column);
    for (const row of now.rows) {
      sets[now.column]?.push(row);
      for (const other of members(matrix.rows[row]?.need ?? noBits(0))) add(needed[other] ?? noBits(0), now.column);
    }
  }
  return sets.reduce((sum, rows) => sum + actionsOf(loadIn(matrix, rows)), 0);
}
