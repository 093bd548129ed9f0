/** Large blocks first: sets of columns that together cover all of some rows, found one after the other. */
import { actionsToName, type Capacity } from '../share-out.ts';
import { add, type Bits, has, intersection, isEmpty, isWithin, keepAll, members, noBits, removeAll } from './bits.ts';
import { loadIn, type Matrix } from './matrix.ts';

/** So many pairs are looked at in one search, and what is left over is left over: the same on every machine. */
const maxWork = 60_000_000;

/**
 * Each set has all columns that its rows share. `rows`: those that are to be covered; where all devices fit into one
 * action, a class counts as one, else by its devices.
 */
export function greedySets(matrix: Matrix, rows: Bits, capacity: Capacity): Bits[] {
  const load = loadIn(matrix, matrix.rows.keys());
  const few = actionsToName(load, capacity) <= 1;
  // Whichever are more: what the sets are worth is counted in the end.
  const maxTargets = load.byNumber * 2 > load.devices ? capacity.byNumber : capacity.byName;
  const search: Search = {
    matrix,
    maxTargets,
    weights: matrix.rows.map(({ devices }) => (few ? 1 : devices)),
    needs: matrix.rows.map(({ need }) => members(need)),
    open: matrix.columns.map((column) => intersection(column.rows, rows)),
    work: 0,
  };
  const queue = search.open.map((bits, column) => ({ column, most: isEmpty(bits) ? 0 : Number.POSITIVE_INFINITY }));
  const sets: Bits[] = [];
  while (search.work < maxWork) {
    const next = bestSeed(search, queue);
    if (next === null) break;
    const columns = closure(matrix, next.rows);
    sets.push(columns);
    const covered = rowsWith(matrix, rows, columns);
    for (const [column, bits] of search.open.entries()) if (has(columns, column)) removeAll(bits, covered);
  }
  return sets;
}

interface Search {
  readonly matrix: Matrix;
  readonly maxTargets: number;
  readonly weights: readonly number[];
  readonly needs: readonly (readonly number[])[];
  /** Of each column, the rows in which it is not covered yet. */
  readonly open: readonly Bits[];
  /** Pairs looked at. */
  work: number;
}

interface Grown {
  readonly rows: Bits;
  /** What it would cover that nothing covers yet, devices times columns, by the action. */
  readonly gain: number;
}

interface Seed {
  readonly column: number;
  /** What it gained when it was last tried: rarely less than what it would gain now. */
  most: number;
}

function bestSeed(search: Search, queue: readonly Seed[]): Grown | null {
  let best: Grown | null = null;
  const tried = new Set<Seed>();
  for (;;) {
    let next: Seed | null = null;
    for (const seed of queue) {
      if (!tried.has(seed) && seed.most > (next?.most ?? best?.gain ?? 0)) next = seed;
    }
    if (next === null) return best;
    tried.add(next);
    const grown = grow(search, next.column);
    next.most = grown.gain;
    if (grown.gain > (best?.gain ?? 0)) best = grown;
  }
}

/** From one column on, the column that most of the rows share joins, as long as anything can be gained by it. */
function grow(search: Search, seed: number): Grown {
  const { matrix, open } = search;
  const rows = open[seed]?.slice() ?? noBits(0);
  const columns = [seed];
  let best: Grown = { rows: rows.slice(), gain: 0 };
  for (;;) {
    const { gain, next, shared } = look(search, rows, columns);
    if (gain > best.gain) best = { rows: rows.slice(), gain };
    if (next === -1 || Math.min(shared, search.maxTargets) * matrix.columns.length <= best.gain) return best;
    columns.push(next);
    keepAll(rows, matrix.columns[next]?.rows ?? rows);
  }
}

/** What a block of these would gain, and which other column most of its devices need. */
function look(
  search: Search,
  rows: Bits,
  columns: readonly number[],
): { readonly gain: number; readonly next: number; readonly shared: number } {
  const { weights, needs, open, maxTargets } = search;
  const shared = new Float64Array(needs.length === 0 ? 0 : search.matrix.columns.length);
  let [gain, devices] = [0, 0];
  for (const row of members(rows)) {
    const weight = weights[row] ?? 0;
    devices += weight;
    for (const column of columns) if (has(open[column] ?? rows, row)) gain += weight;
    const need = needs[row] ?? [];
    for (const column of need) shared[column] = (shared[column] ?? 0) + weight;
    search.work += need.length + columns.length;
  }
  for (const column of columns) shared[column] = 0;
  let next = -1;
  for (const [column, weight] of shared.entries()) if (weight > (shared[next] ?? 0)) next = column;
  return { gain: gain / Math.ceil(devices / maxTargets), next, shared: shared[next] ?? 0 };
}

/** The columns that all of these rows need. */
function closure({ columns: all }: Matrix, rows: Bits): Bits {
  const columns = noBits(all.length);
  for (const [at, column] of all.entries()) if (isWithin(rows, column.rows)) add(columns, at);
  return columns;
}

/** Those of these rows that need all of the columns. */
function rowsWith({ columns: all }: Matrix, among: Bits, columns: Bits): Bits {
  const rows = among.slice();
  for (const [at, column] of all.entries()) if (has(columns, at)) keepAll(rows, column.rows);
  return rows;
}
