import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, has, members } from '../../src/reconcile/cover/bits.ts';
import { type Cover, coverOf } from '../../src/reconcile/cover/cover.ts';
import { type Matrix, matrixOf, type Rules } from '../../src/reconcile/cover/matrix.ts';
import { componentsOf, undominated } from '../../src/reconcile/cover/reduce.ts';
import { fewest, type Table } from './brute-force.ts';

const rules: Rules = { capacity: { byNumber: 900, byName: 900 }, actionsFor: () => 1, depthOf: () => 1 };

function matrixFrom({ needs, takes, once = 0 }: Table, columns: number): Matrix {
  const numbers = Array.from({ length: columns }, (_, at) => at);
  const isIn = (set: number, at: number): boolean => ((set >>> at) & 1) === 1;
  return matrixOf(
    numbers.map((at) => ({ takes: isIn(takes, at), once: isIn(once, at) })),
    [...new Set(needs)].map((need) => ({ need: numbers.filter((at) => isIn(need, at)), devices: 1, byNumber: 0 })),
  );
}

function cover(matrix: Matrix): Cover {
  return coverOf(matrix, rules, { ways: 30_000_000, looks: 1_000_000 });
}

/** How often each row gets each column. */
function timesIn(matrix: Matrix, { blocks }: Cover): number[][] {
  return matrix.rows.map((_, row) => {
    const mine = blocks.filter(({ rows }) => rows.includes(row));
    return [...matrix.columns.keys()].map((column) => mine.filter(({ columns }) => has(columns, column)).length);
  });
}

describe('what does again what it has done', () => {
  const tables = fc.record({
    needs: fc.array(fc.integer({ min: 1, max: 63 }), { minLength: 1, maxLength: 8 }),
    takes: fc.nat(63),
    once: fc.constantFrom(1, 2, 3, 5, 9, 33),
  });

  it('comes to a device exactly once, and in the fewest actions that can do so', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const matrix = matrixFrom(table, 6);
        const found = cover(matrix);
        for (const [row, times] of timesIn(matrix, found).entries()) {
          const needed = new Set(members(matrix.rows[row]?.need ?? bitsOf(6, [])));
          for (const [column, count] of times.entries()) {
            if (!needed.has(column)) expect(count).toBe(0);
            else if (matrix.columns[column]?.once) expect(count).toBe(1);
            else expect(count).toBeGreaterThan(0);
          }
        }
        expect(found.actions).toBe(fewest(table, false));
        expect(found.lowerBound).toBe(found.actions);
      }),
      { numRuns: 500 },
    );
  });

  it('is not shared as what may come twice is', () => {
    const needs = [0b011, 0b110, 0b111];
    expect(cover(matrixFrom({ needs, takes: 0 }, 3)).actions).toBe(2);
    expect(cover(matrixFrom({ needs, takes: 0, once: 0b010 }, 3)).actions).toBe(3);
  });
});

describe('before anything is searched', () => {
  const fact = { rank: 2, takes: false, once: false };

  it('operations that the same classes need are one column, unless another may have to come between', () => {
    const demands = [
      { operations: [0, 1, 2], devices: 1, byNumber: 0 },
      { operations: [0, 1, 2, 3], devices: 1, byNumber: 0 },
    ];
    const facts = [fact, fact, { ...fact, rank: 3, takes: true }, fact];
    expect(componentsOf(demands, facts).map(({ operations }) => operations)).toEqual([[[0, 1], [2], [3]]]);
  });

  it('classes that share no operation, be it by others, are searched apart', () => {
    const demands = [[0], [1], [0, 2], [3, 4], [2, 5]].map((operations) => ({ operations, devices: 1, byNumber: 0 }));
    const facts = [fact, fact, fact, fact, fact, fact];
    expect(componentsOf(demands, facts).map((one) => one.demands)).toEqual([[0, 2, 4], [1], [3]]);
  });

  it('a class that others make up is left out', () => {
    expect(undominated(matrixFrom({ needs: [0b111, 0b011, 0b110, 0b1001, 0b1000], takes: 0 }, 4))).toEqual([
      1, 2, 3, 4,
    ]);
  });
});

describe('the lower bound', () => {
  it('counts the devices that an action cannot name', () => {
    const one = { takes: false, once: false };
    const matrix = matrixOf(
      [one, one],
      [
        { need: [0], devices: 1000, byNumber: 0 },
        { need: [1], devices: 10, byNumber: 0 },
        { need: [0, 1], devices: 890, byNumber: 0 },
      ],
    );
    // 1,890 devices need the first column: three actions. Only the second row's ten keep it from being the second's too.
    expect(cover(matrix)).toMatchObject({ actions: 4, lowerBound: 4 });
  });

  it('counts what two large classes share as half an action each', () => {
    const one = { takes: false, once: false };
    const matrix = matrixOf(
      [one, one],
      [
        { need: [0], devices: 900, byNumber: 0 },
        { need: [1], devices: 900, byNumber: 0 },
        { need: [0, 1], devices: 100, byNumber: 0 },
      ],
    );
    expect(cover(matrix)).toMatchObject({ actions: 3, lowerBound: 3 });
  });
});
