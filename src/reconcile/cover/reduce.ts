/** Makes the matrix small before anything is searched in it: what is equal is one, what is apart is searched apart. */
import type { Load } from '../share-out.ts';
import { addAll, type Bits, bitsKey, count, isWithin, noBits } from './bits.ts';
import { type Matrix, matrixOf } from './matrix.ts';

/** What one class needs: numbers of operations, ascending. No two demands are equal. */
export interface Demand extends Load {
  readonly operations: readonly number[];
}

export interface OperationFacts {
  /** Operations of two ranks are never one column: between them another may have to come. */
  readonly rank: number;
  readonly takes: boolean;
  readonly once: boolean;
}

/** Classes that share no operation with any class outside. */
export interface Component {
  /** Numbers of the demands, one for each row. */
  readonly demands: readonly number[];
  readonly rows: readonly ComponentRow[];
  /** Of each column, the numbers of its operations: the same classes need them. */
  readonly operations: readonly (readonly number[])[];
}

interface ComponentRow extends Load {
  /** Numbers of its columns. */
  readonly need: readonly number[];
}

/** In the order of the demands; equal columns are one. */
export function componentsOf(demands: readonly Demand[], facts: readonly OperationFacts[]): Component[] {
  const rowsOf: number[][] = facts.map(() => []);
  for (const [at, { operations }] of demands.entries()) for (const operation of operations) rowsOf[operation]?.push(at);
  const columnOf = new Map<string, number[]>();
  for (const [operation, { rank, once }] of facts.entries()) {
    const key = `${rank} ${once} ${rowsOf[operation]?.join(' ')}`;
    const equal = columnOf.get(key);
    if (equal) equal.push(operation);
    else columnOf.set(key, [operation]);
  }
  const groups = rootsOf(demands, rowsOf);
  const columnsBelow = new Map<number, number[][]>();
  for (const operations of columnOf.values()) {
    const row = rowsOf[operations[0] ?? 0]?.[0];
    if (row !== undefined) push(columnsBelow, groups[row] ?? row, operations);
  }
  const rowsBelow = new Map<number, number[]>();
  for (const [row, root] of groups.entries()) push(rowsBelow, root, row);
  return [...rowsBelow].map(([root, rows]) => component(demands, rows, columnsBelow.get(root) ?? []));
}

function component(
  demands: readonly Demand[],
  rows: readonly number[],
  operations: readonly (readonly number[])[],
): Component {
  const columnOf = new Map<number, number>();
  // The first operation of a column stands for it.
  for (const [column, [first]] of operations.entries()) if (first !== undefined) columnOf.set(first, column);
  return {
    demands: rows,
    rows: rows.map((row) => {
      const { operations: needed, devices, byNumber } = demands[row] ?? { operations: [], devices: 0, byNumber: 0 };
      return { devices, byNumber, need: needed.flatMap((operation) => columnOf.get(operation) ?? []) };
    }),
    operations,
  };
}

export function matrixIn({ rows, operations }: Component, facts: readonly OperationFacts[]): Matrix {
  return matrixOf(
    operations.map(([first]) => facts[first ?? 0] ?? { takes: false, once: false }),
    rows,
  );
}

/** Of each demand, the least one that is linked to it by operations that both need. */
function rootsOf(demands: readonly Demand[], rowsOf: readonly (readonly number[])[]): number[] {
  const parents = [...demands.keys()];
  const rootOf = (row: number): number => {
    let root = row;
    while (parents[root] !== root) root = parents[root] ?? root;
    for (let at = row; at !== root; ) {
      const next = parents[at] ?? root;
      parents[at] = root;
      at = next;
    }
    return root;
  };
  for (const rows of rowsOf) {
    const [first = 0] = rows;
    for (const row of rows) {
      const [a, b] = [rootOf(first), rootOf(row)];
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  }
  return parents.map((_, row) => rootOf(row));
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}

/**
 * A row that is the union of rows within it is *dominated*: whatever covers them covers it, wherever a device has room
 * for all of those blocks. Answers the others, ascending.
 */
export function undominated({ rows }: Matrix): number[] {
  const bySize = [...rows.keys()].toSorted((a, b) => sizeOf(rows, a) - sizeOf(rows, b) || a - b);
  const left: number[] = [];
  for (const row of bySize) {
    const need = rows[row]?.need ?? noBits(0);
    if (!isUnionOf(need, left, rows)) left.push(row);
  }
  return left.toSorted((a, b) => a - b);
}

/** A dominated row adds nothing to a union: the rows that dominate it are there. */
function isUnionOf(need: Bits, smaller: readonly number[], rows: Matrix['rows']): boolean {
  const covered = new Uint32Array(need.length);
  for (const row of smaller) {
    const other = rows[row]?.need;
    if (other === undefined || !isWithin(other, need)) continue;
    addAll(covered, other);
    if (isWithin(need, covered)) return true;
  }
  return false;
}

function sizeOf(rows: Matrix['rows'], row: number): number {
  return count(rows[row]?.need ?? noBits(0));
}

/** The same row, or the same columns, whatever it is called. */
export function distinct(sets: Iterable<Bits>): Bits[] {
  return [...new Map([...sets].map((bits) => [bitsKey(bits), bits])).values()];
}
