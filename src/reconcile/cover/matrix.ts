/**
 * What is to be covered, without a word of accounts: rows are classes of devices, columns are operations, and a *block*
 * is one sequence of operations for some classes, each of which needs all of them (a biclique). Fewest actions are
 * fewest blocks that leave nothing out, and that is NP-hard.
 */
import { actionsToName, type Capacity, type Load } from '../share-out.ts';
import { add, type Bits, bitsOf, meet, noBits } from './bits.ts';

export interface MatrixRow extends Load {
  /** Its columns. */
  readonly need: Bits;
}

export interface MatrixColumn {
  /** Its rows. */
  readonly rows: Bits;
  /** It takes access; all others come before it on a device (#188). */
  readonly takes: boolean;
  /** A device may get it from one block only. */
  readonly once: boolean;
}

export interface Matrix {
  readonly rows: readonly MatrixRow[];
  readonly columns: readonly MatrixColumn[];
  /** The columns that give, those that take, and those that may come only once. */
  readonly gives: Bits;
  readonly takes: Bits;
  readonly once: Bits;
}

export interface Block {
  readonly columns: Bits;
  /** Each of them needs all of the columns. Ascending. */
  readonly rows: readonly number[];
}

/** What a block costs, and what may stand beside another. */
export interface Rules {
  readonly capacity: Capacity;
  /** How many actions, one after the other, carry these columns. */
  readonly actionsFor: (columns: Bits) => number;
  /** How many actions a device waits for at most; null: the blocks cannot be put into an order. */
  readonly depthOf: (blocks: readonly Block[]) => number | null;
}

/** What may still be tried; counted down, across components, so that each plan ends in time and is always the same. */
export interface Patience {
  /** Rows and sets looked at by the exact search. */
  ways: number;
  /** Blocks looked at for a row, to save others. */
  looks: number;
}

export function matrixOf(
  columns: readonly Omit<MatrixColumn, 'rows'>[],
  rows: readonly (Load & { readonly need: readonly number[] })[],
): Matrix {
  const rowsOf = columns.map(() => noBits(rows.length));
  for (const [at, { need }] of rows.entries()) {
    for (const column of need) add(rowsOf[column] ?? noBits(0), at);
  }
  const where = (test: (column: Omit<MatrixColumn, 'rows'>) => boolean): Bits =>
    bitsOf(
      columns.length,
      [...columns.keys()].filter((at) => test(columns[at] ?? { takes: false, once: false })),
    );
  return {
    rows: rows.map(({ need, devices, byNumber }) => ({ need: bitsOf(columns.length, need), devices, byNumber })),
    columns: columns.map(({ takes, once }, at) => ({ takes, once, rows: rowsOf[at] ?? noBits(rows.length) })),
    gives: where(({ takes }) => !takes),
    takes: where(({ takes }) => takes),
    once: where(({ once }) => once),
  };
}

/**
 * It gives and takes. All that gives comes before all that takes, so a device has room for one such block: of two, the
 * one that came second would give after the first has taken.
 */
export function isMixed({ gives, takes }: Matrix, columns: Bits): boolean {
  return meet(columns, gives) && meet(columns, takes);
}

export function loadIn({ rows }: { readonly rows: readonly Load[] }, some: Iterable<number>): Load {
  let [devices, byNumber] = [0, 0];
  for (const at of some) {
    const row = rows[at];
    devices += row?.devices ?? 0;
    byNumber += row?.byNumber ?? 0;
  }
  return { devices, byNumber };
}

export function costOf(matrix: Matrix, rules: Rules, blocks: readonly Block[]): number {
  let cost = 0;
  for (const { columns, rows } of blocks) {
    cost += rules.actionsFor(columns) * actionsToName(loadIn(matrix, rows), rules.capacity);
  }
  return cost;
}
