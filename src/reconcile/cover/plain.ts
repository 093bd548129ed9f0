/** Where hardly two classes are alike, their matrix would not fit into memory: rows and columns are counted only. */
import { actionsToName, type Capacity } from '../share-out.ts';
import { loadIn } from './matrix.ts';
import type { Component } from './reduce.ts';

/** Rows times columns that a matrix is made of at most. */
const maxPairs = 30_000_000;

export interface PlainBlock {
  /** Numbers of columns. */
  readonly columns: readonly number[];
  readonly rows: readonly number[];
}

export function isTooLarge({ rows, operations }: Component): boolean {
  return rows.length * operations.length > maxPairs;
}

/** A block for each row, or one for each column, whichever are fewer actions. `actionsFor` as in `Rules`. */
export function plainCover(
  { rows, operations }: Component,
  capacity: Capacity,
  actionsFor: (columns: readonly number[]) => number,
): { readonly blocks: readonly PlainBlock[]; readonly lowerBound: number } {
  const perRow = rows.map(({ need }, row): PlainBlock => ({ columns: need, rows: [row] }));
  const rowsOf: number[][] = operations.map(() => []);
  for (const [row, { need }] of rows.entries()) for (const column of need) rowsOf[column]?.push(row);
  const perColumn = rowsOf.map((some, column): PlainBlock => ({ columns: [column], rows: some }));
  const actionsOf = (some: Iterable<number>): number => actionsToName(loadIn({ rows }, some), capacity);
  const costOf = (blocks: readonly PlainBlock[]): number =>
    blocks.reduce((sum, one) => sum + actionsFor(one.columns) * actionsOf(one.rows), 0);
  const apart = foolingRows(rows, rowsOf).reduce((sum, row) => sum + actionsOf([row]), 0);
  return {
    blocks: costOf(perColumn) < costOf(perRow) ? perColumn : perRow,
    lowerBound: Math.max(apart, actionsOf(rows.keys())),
  };
}

/** A row for each of some columns, so that all of these pairs fool each other: rare columns first. */
function foolingRows(rows: Component['rows'], rowsOf: readonly (readonly number[])[]): number[] {
  const chosen = new Map<number, ReadonlySet<number>>();
  const found: number[] = [];
  const rarest = [...rowsOf.keys()].toSorted((a, b) => (rowsOf[a]?.length ?? 0) - (rowsOf[b]?.length ?? 0) || a - b);
  for (const column of rarest) {
    const row = rowsOf[column]?.find((one) => rows[one]?.need.every((other) => !chosen.get(other)?.has(column)));
    if (row === undefined) continue;
    chosen.set(column, new Set(rows[row]?.need));
    found.push(row);
  }
  return found;
}
