import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodedLength, maxParameterLength } from '../../src/endpoint/encode.ts';
import { isByNumberOnly, maxByName, maxByNumber } from '../../src/model/aim.ts';
import { type AccountRef, type Operation, stageOfOperation, stages } from '../../src/model/operation.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import type { Target } from '../../src/reconcile/actions.ts';
import { type Batch, batch, type Row } from '../../src/reconcile/batch.ts';
import { atomsOf, operationKey, sequenceOf } from '../../src/reconcile/stage.ts';
import { fewest, type Table } from './brute-force.ts';
import { computers, contractor, domainAdmins, helpdesk, inventory, member, membership, plan, user } from './world.ts';

const room = { encodedLength, maxEncodedLength: maxParameterLength };

function add(name: string): Operation {
  return { kind: 'group.add', group: ADMINISTRATORS, members: [{ localName: name }] };
}

function drop(name: string): Operation {
  return { kind: 'group.remove', group: ADMINISTRATORS, members: [{ localName: name }] };
}

interface Class {
  readonly needs: readonly Operation[];
  readonly devices?: number;
  /** So many of them share their names with other devices. */
  readonly shared?: number;
}

/** Computer IDs go on from one class to the next. */
function rowsOf(classes: readonly Class[]): Row<number>[] {
  let id = 0;
  return classes.map(({ needs, devices = 1, shared = 0 }, origin) => ({
    operations: sequenceOf(needs),
    origin,
    devices: Array.from({ length: devices }, (_, at) => {
      id += 1;
      return { computerId: String(id), label: at < shared ? `SRV#${id}` : `SRV-${id}` };
    }),
  }));
}

function keysOf(operations: readonly Operation[]): Set<string> {
  return new Set(atomsOf(operations).map(operationKey));
}

/** Computer ID → what it gets, one member each, in the order in which it gets it. */
function deliveries({ actions }: Batch<number>): Map<string, Operation[]> {
  const got = new Map<string, Operation[]>();
  for (const { operations, targets } of actions) {
    for (const { computerId } of targets) {
      got.set(computerId, [...(got.get(computerId) ?? []), ...atomsOf(operations)]);
    }
  }
  return got;
}

const taking = new Set<string>(['remove', 'disable', 'delete']);

/** Each device gets what it needs and nothing else, from one action at a time, and in an order that works. */
function expectWhole(rows: readonly Row<number>[], made: Batch<number>): void {
  const got = deliveries(made);
  for (const { operations, devices } of rows) {
    // Most devices of a class get the same.
    const ways = new Map(
      devices.map(({ computerId }) => {
        const atoms = got.get(computerId) ?? [];
        return [atoms.map(operationKey).join('\n'), atoms];
      }),
    );
    for (const atoms of ways.values()) {
      expect(new Set(atoms.map(operationKey))).toEqual(keysOf(operations));
      expectOrder(atoms);
    }
  }
  expect(got.size).toBe(rows.reduce((sum, { devices }) => sum + devices.length, 0));
  expectLevels(made);
}

/** All that gives before all that takes; no account before it is made, and nothing about one that is deleted. */
function expectOrder(atoms: readonly Operation[]): void {
  const firstTake = atoms.findIndex((atom) => taking.has(stageOfOperation(atom)));
  const late = firstTake === -1 ? [] : atoms.slice(firstTake);
  expect(late.filter((atom) => !taking.has(stageOfOperation(atom)))).toEqual([]);
  for (const [at, atom] of atoms.entries()) {
    if (atom.kind === 'account.create')
      expect(firstAbout(atoms, atom.name)).toBe(atoms.findIndex(isCreationOf(atom.name)));
    if (atom.kind === 'account.delete' && 'name' in atom.account) {
      const { name } = atom.account;
      const anew = atoms.slice(at).filter((other) => nameOf(other) === name && other.kind !== 'account.delete');
      const known = new Set(atoms.slice(0, at).map(operationKey));
      expect(anew.filter((other) => !known.has(operationKey(other)))).toEqual([]);
    }
  }
}

function firstAbout(atoms: readonly Operation[], name: string): number {
  return atoms.findIndex((atom) => nameOf(atom) === name);
}

function isCreationOf(name: string): (atom: Operation) => boolean {
  return (atom) => atom.kind === 'account.create' && atom.name === name;
}

function nameOf(atom: Operation): string | null {
  if (atom.kind === 'account.create') return atom.name;
  if (atom.kind === 'group.add' || atom.kind === 'group.remove') {
    const [one] = atom.members;
    return one !== undefined && 'localName' in one ? one.localName : null;
  }
  return 'name' in atom.account ? atom.account.name : null;
}

/** Of a level a device has one action at most, and each action names those that its devices had just before. */
function expectLevels({ actions }: Batch<number>): void {
  const before = new Map<string, { readonly key: string; readonly level: number }>();
  for (const { key, after, level, operations, targets } of actions) {
    const each = operations.map((operation) => stages.indexOf(stageOfOperation(operation)));
    expect(each).toEqual(each.toSorted((a, b) => a - b));
    const expected = new Set<string>();
    for (const { computerId } of targets) {
      const last = before.get(computerId);
      if (last !== undefined) {
        expect(last.level).toBeLessThan(level);
        expected.add(last.key);
      }
      before.set(computerId, { key, level });
    }
    expect(after).toEqual([...expected].toSorted());
  }
}

function tables(columns: number, rows: number, mayTake: boolean): fc.Arbitrary<Table> {
  const any = fc.integer({ min: 1, max: 2 ** columns - 1 });
  const sparse = fc.array(fc.nat(columns - 1), { minLength: 1, maxLength: 3 }).map(setOf);
  const unions = fc
    .array(any, { minLength: 1, maxLength: 4 })
    .chain((policies) => fc.array(fc.subarray(policies, { minLength: 1 }), { minLength: 1, maxLength: rows }))
    .map((classes) => classes.map((sets) => sets.reduce((a, b) => a | b, 0)));
  return fc.record({
    needs: fc.oneof(
      fc.array(any, { minLength: 1, maxLength: rows }),
      fc.array(sparse, { minLength: 1, maxLength: rows }),
      unions,
    ),
    takes: mayTake ? fc.nat(2 ** columns - 1) : fc.constant(0),
  });
}

function setOf(columns: readonly number[]): number {
  return columns.reduce((set, column) => set | (1 << column), 0);
}

function classesOf({ needs, takes }: Table): Class[] {
  const isIn = (set: number, column: number): boolean => ((set >>> column) & 1) === 1;
  return needs.map((need) => ({
    needs: [0, 1, 2, 3, 4, 5, 6, 7]
      .filter((column) => isIn(need, column))
      .map((column) => (isIn(takes, column) ? drop(`c${column}`) : add(`c${column}`))),
  }));
}

function expectFewest(table: Table, all: boolean): void {
  const rows = rowsOf(classesOf(table));
  const made = batch(rows, room);
  expectWhole(rows, made);
  const least = fewest(table, all);
  expect(made.actions).toHaveLength(least);
  expect(made.lowerBound).toBe(least);
}

describe('#187 the actions for some classes of devices', () => {
  it('are the fewest for any 10 classes and 8 operations, and known to be', () => {
    fc.assert(
      fc.property(tables(8, 10, false), (table) => expectFewest(table, false)),
      { numRuns: 500 },
    );
  });

  it('#188 are the fewest that give before they take', () => {
    fc.assert(
      fc.property(tables(8, 10, true), (table) => expectFewest(table, false)),
      { numRuns: 500 },
    );
  });

  it('are as few as any sets of operations whatever could make them', () => {
    fc.assert(
      fc.property(tables(4, 6, true), (table) => expectFewest(table, true)),
      { numRuns: 500 },
    );
  });
});

const account = (name: string): AccountRef => ({ name });
const pool: readonly Operation[] = ['x', 'y', 'z'].flatMap((name): Operation[] => [
  { kind: 'account.create', name },
  { kind: 'account.enable', account: account(name) },
  { kind: 'account.set', account: account(name), property: 'Description', value: 'd' },
  add(name),
  drop(name),
  { kind: 'account.disable', account: account(name) },
  { kind: 'account.delete', account: account(name) },
  { kind: 'group.add', group: ADMINISTRATORS, members: [{ sid: `S-1-5-21-1-2-3-${name.charCodeAt(0)}` }] },
]);

const fleets: fc.Arbitrary<Class[]> = fc.array(
  fc.record({
    needs: fc.subarray([...pool], { minLength: 1, maxLength: 12 }),
    devices: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) }, fc.integer({ min: 1, max: 3000 })),
    shared: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2000 })),
  }),
  { minLength: 1, maxLength: 25 },
);

describe('a batch', () => {
  it('is never more than an action for each need, nor one for each operation, and never below its bound', () => {
    fc.assert(
      fc.property(fleets, (classes) => {
        const rows = rowsOf(classes);
        const made = batch(rows, room);
        expectWhole(rows, made);
        const perNeed = actionsPer(classes, ({ needs }) => [JSON.stringify(sequenceOf(needs))]);
        const perOperation = actionsPer(classes, ({ needs }) => keysOf(needs));
        expect(made.actions.length).toBeLessThanOrEqual(Math.min(perNeed, perOperation));
        expect(made.actions.length).toBeGreaterThanOrEqual(made.lowerBound);
        expect(made.actions.filter(({ targets }) => !canBeNamed(targets))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('takes all devices whose names tell them apart into one action, and the others by their numbers', () => {
    const needs = [add('x')];
    const sizes = (one: Omit<Class, 'needs'>): number[] => {
      const rows = rowsOf([{ needs, ...one }]);
      const made = batch(rows, room);
      expectWhole(rows, made);
      expect(made.lowerBound).toBe(made.actions.length);
      expect(made.actions.filter(({ targets }) => !canBeNamed(targets))).toEqual([]);
      return made.actions.map(({ targets }) => targets.length).toSorted((a, b) => a - b);
    };
    expect(sizes({ devices: 10_000 })).toEqual([10_000]);
    expect(sizes({ devices: 900, shared: 450 })).toEqual([900]);
    expect(sizes({ devices: 901, shared: 1 })).toEqual([1, 900]);
    expect(sizes({ devices: 10_000, shared: 3 })).toEqual([3, 9997]);
    expect(sizes({ devices: 2000, shared: 2000 })).toEqual([200, 900, 900]);
    // Fifty of those whose names are their own go with the two: the group has no room for them.
    expect(sizes({ devices: maxByName + 52, shared: 2 })).toEqual([52, maxByName]);
  });

  it('is the same bytes in whatever order classes and devices come', () => {
    const shuffled = fleets.chain((classes) => {
      const rows = rowsOf(classes);
      const devices = fc.tuple(
        ...rows.map((row) => fc.shuffledSubarray([...row.devices], { minLength: row.devices.length })),
      );
      const order = fc.shuffledSubarray([...rows.keys()], { minLength: rows.length });
      return fc.record({ rows: fc.constant(rows), devices, order });
    });
    fc.assert(
      fc.property(shuffled, ({ rows, devices, order }) => {
        const anew = order.map((at) => ({ ...rows[at]!, devices: devices[at]! }));
        expect(textOf(batch(anew, room))).toBe(textOf(batch(rows, room)));
      }),
      { numRuns: 60 },
    );
  });

  it('hands each class back with the level at which each of its operations comes last', () => {
    const rows = rowsOf([{ needs: [add('x')] }, { needs: [drop('y')] }, { needs: [add('x'), drop('y')] }]);
    const { actions } = batch(rows, room);
    const arrivals = actions.flatMap(({ level, operations, arrivals: classes }) =>
      classes.map(({ origin, lastLevel }) => [
        origin,
        level,
        ...[...keysOf(operations)].map((key) => lastLevel.get(key)),
      ]),
    );
    expect(arrivals).toEqual([
      [0, 0, 0],
      [2, 0, 0],
      [1, 1, 1],
      [2, 1, 1],
    ]);
  });

  it('is counted only where hardly two classes are alike, and whole and in order all the same', () => {
    const apart = rowsOf(Array.from({ length: 5600 }, (_, at) => ({ needs: [add('all'), drop(`x${at}`)] })));
    const made = batch(apart, room);
    expectWhole(apart, made);
    expect([made.actions.length, made.lowerBound]).toEqual([5600, 5600]);
    const shared = rowsOf(
      Array.from({ length: 8000 }, (_, at) => ({ needs: [add('all'), drop(`x${at % 4000}`), drop(`y${at % 7}`)] })),
    );
    const few = batch(shared, room);
    expectWhole(shared, few);
    // One for what all need, one for each of the seven, which some 1,143 devices need, and one for each of the others.
    expect(few.actions).toHaveLength(4008);
    expect(few.lowerBound).toBeGreaterThanOrEqual(4000);
  });

  it('cuts a sequence that one action cannot carry, and has all of its parts come in order', () => {
    const short = {
      encodedLength: (operations: readonly Operation[]) => atomsOf(operations).length,
      maxEncodedLength: 5,
    };
    fc.assert(
      fc.property(fleets, (classes) => {
        const rows = rowsOf(classes);
        const made = batch(rows, short);
        expectWhole(rows, made);
        for (const { operations } of made.actions) expect(keysOf(operations).size).toBeLessThanOrEqual(5);
        expect(made.actions.length).toBeLessThanOrEqual(actionsPer(classes, ({ needs }) => keysOf(needs)));
      }),
      { numRuns: 60 },
    );
  });
});

function actionsPer(classes: readonly Class[], keys: (one: Class) => Iterable<string>): number {
  const loads = new Map<string, [number, number]>();
  for (const { devices = 1, shared = 0, ...one } of classes) {
    for (const key of keys(one)) {
      const [all, numbered] = loads.get(key) ?? [0, 0];
      loads.set(key, [all + devices, numbered + Math.min(devices, shared)]);
    }
  }
  return [...loads.values()].reduce((sum, load) => sum + fewestFor(...load), 0);
}

/** By trying: actions by number, from those that they are needed for on, and as many by name as the rest fills. */
function fewestFor(devices: number, numbered: number): number {
  const first = Math.ceil(numbered / maxByNumber);
  const ways = Array.from({ length: 30 }, (_, more) => first + more);
  return Math.min(...ways.map((some) => some + Math.max(0, Math.ceil((devices - some * maxByNumber) / maxByName))));
}

function canBeNamed(targets: readonly Target[]): boolean {
  if (targets.length <= maxByNumber) return true;
  return targets.length <= maxByName && !targets.some(({ label }) => isByNumberOnly(label));
}

function textOf({ actions, lowerBound }: Batch<number>): string {
  return JSON.stringify([lowerBound, ...actions.map(({ arrivals: _arrivals, ...action }) => action)]);
}

describe('a plan', () => {
  const members = [domainAdmins, helpdesk, contractor];
  const seen = Array.from({ length: 24 }, (_, index) => ({
    id: String(index + 1),
    state: inventory({
      users: [user(1005, `local-${index % 3}`)],
      admins: members.filter((__, at) => ((index >> at) & 1) === 1),
    }),
  }));
  const declared = {
    computers: [computers({ protect: 'JITA' as const })],
    memberships: [membership({ mode: 'exact' as const, members: [member(domainAdmins), member(helpdesk)] })],
  };

  it('is the same bytes in whatever order devices and texts come', () => {
    const first = plan({ desired: declared, seen });
    expect(first.actions.length).toBeGreaterThan(1);
    fc.assert(
      fc.property(fc.shuffledSubarray(seen, { minLength: seen.length }), (shuffled) => {
        expect(JSON.stringify(plan({ desired: declared, seen: shuffled }))).toBe(JSON.stringify(first));
      }),
      { numRuns: 30 },
    );
  });

  it('names each change in an action to each of its devices', () => {
    const { actions, changes, bounds } = plan({ desired: declared, seen });
    expect(bounds).toEqual({ actions: actions.length, lowerBound: actions.length, optimal: true });
    for (const { id, devices } of changes.filter(({ kind }) => kind.startsWith('group.'))) {
      const reached = new Set(actions.flatMap((action) => (action.changes.includes(id) ? action.devices : [])));
      expect(devices.filter((device) => !reached.has(device))).toEqual([]);
    }
  });
});
