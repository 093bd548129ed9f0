import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodedLength, maxParameterLength } from '../../src/endpoint/encode.ts';
import { type Operation, stageOfOperation, stages } from '../../src/model/operation.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import { type Batch, batch, type Row } from '../../src/reconcile/batch.ts';
import { atomsOf, operationKey, sequenceOf } from '../../src/reconcile/stage.ts';
import { fewest, type Table } from './brute-force.ts';

const room = { encodedLength, maxEncodedLength: maxParameterLength };

function add(name: string): Operation {
  return { kind: 'group.add', group: ADMINISTRATORS, members: [{ localName: name }] };
}

function drop(name: string): Operation {
  return { kind: 'group.remove', group: ADMINISTRATORS, members: [{ localName: name }] };
}

/** Classes of devices; Computer IDs go on from one class to the next. */
function rowsOf(
  classes: readonly { readonly needs: readonly Operation[]; readonly devices?: number }[],
): Row<number>[] {
  let id = 0;
  return classes.map(({ needs, devices = 1 }, origin) => ({
    operations: sequenceOf(needs),
    origin,
    devices: Array.from({ length: devices }, () => {
      id += 1;
      return { computerId: String(id), label: `SRV-${id}` };
    }),
  }));
}

function keysOf(operations: readonly Operation[]): Set<string> {
  return new Set(atomsOf(operations).map(operationKey));
}

/** Computer ID → what it gets, in the order in which it gets it. */
function deliveries(made: Batch<number>): Map<string, string[][]> {
  const got = new Map<string, string[][]>();
  for (const { operations, targets } of made.actions) {
    for (const { computerId } of targets) {
      got.set(computerId, [...(got.get(computerId) ?? []), [...keysOf(operations)]]);
    }
  }
  return got;
}

function expectWhole(rows: readonly Row<number>[], made: Batch<number>): void {
  const got = deliveries(made);
  for (const { operations, devices } of rows) {
    for (const { computerId } of devices) {
      expect(new Set(got.get(computerId)?.flat()), computerId).toEqual(keysOf(operations));
    }
  }
  expect(got.size).toBe(rows.reduce((sum, { devices }) => sum + devices.length, 0));
  expectOrder(made);
}

/** Of each device, one action of a level at most, and all that gives before all that takes. */
function expectOrder({ actions }: Batch<number>): void {
  const before = new Map<string, { readonly key: string; readonly level: number; readonly stage: string }>();
  for (const { key, after, level, operations, targets } of actions) {
    const each = operations.map(stageOfOperation);
    expect(each).toEqual(each.toSorted((a, b) => stages.indexOf(a) - stages.indexOf(b)));
    const expected = new Set<string>();
    for (const { computerId } of targets) {
      const last = before.get(computerId);
      if (last !== undefined) {
        expect(last.level).toBeLessThan(level);
        expected.add(last.key);
        if (takes.has(last.stage)) expect(takes.has(each[0] ?? '')).toBe(true);
      }
      before.set(computerId, { key, level, stage: each.at(-1) ?? '' });
    }
    expect(after).toEqual([...expected].toSorted());
  }
}

const takes = new Set<string>(['remove', 'disable', 'delete']);

function tableOf(columns: number, rows: number, mayTake: boolean): fc.Arbitrary<Table> {
  return fc.record({
    needs: fc.oneof(
      fc.array(fc.integer({ min: 1, max: 2 ** columns - 1 }), { minLength: 1, maxLength: rows }),
      // Sparse rows, and unions of a few policies.
      fc.array(fc.array(fc.nat(columns - 1), { minLength: 1, maxLength: 3 }).map(union), {
        minLength: 1,
        maxLength: rows,
      }),
      policies(columns, rows),
    ),
    takes: mayTake ? fc.nat(2 ** columns - 1) : fc.constant(0),
  });
}

function union(columns: readonly number[]): number {
  return columns.reduce((set, column) => set | (1 << column), 0);
}

function policies(columns: number, rows: number): fc.Arbitrary<number[]> {
  return fc
    .array(fc.integer({ min: 1, max: 2 ** columns - 1 }), { minLength: 1, maxLength: 4 })
    .chain((some) =>
      fc
        .array(fc.subarray(some, { minLength: 1 }), { minLength: 1, maxLength: rows })
        .map((classes) => classes.map((sets) => sets.reduce((a, b) => a | b, 0))),
    );
}

function classesOf({ needs, takes: taking }: Table): { needs: Operation[] }[] {
  return needs.map((need) => ({
    needs: [0, 1, 2, 3, 4, 5, 6, 7]
      .filter((column) => (need >>> column) & 1)
      .map((column) => ((taking >>> column) & 1 ? drop(`c${column}`) : add(`c${column}`))),
  }));
}

function check(table: Table, all: boolean): void {
  const rows = rowsOf(classesOf(table));
  const made = batch(rows, room);
  expectWhole(rows, made);
  const least = fewest(table, all);
  expect(made.actions).toHaveLength(least);
  expect(made.lowerBound).toBe(least);
}

describe('a batch of actions', () => {
  it('#187 is the smallest there is, on any 10 classes and 8 operations', () => {
    fc.assert(
      fc.property(tableOf(8, 10, false), (table) => check(table, false)),
      { numRuns: 1500 },
    );
  });

  it('#187 #188 is the smallest there is that gives before it takes', () => {
    fc.assert(
      fc.property(tableOf(8, 10, true), (table) => check(table, false)),
      { numRuns: 1500 },
    );
  });

  it('is as small as any sets of operations at all can make it', () => {
    fc.assert(
      fc.property(tableOf(4, 6, true), (table) => check(table, true)),
      { numRuns: 1000 },
    );
  });
});
