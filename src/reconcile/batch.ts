/**
 * From classes of devices to the fewest actions: every action is one sequence of operations for one set of devices, each
 * of which needs all of them (#187). A device may get what it needs from several actions, one after the other: what
 * creates before what needs it, all that gives before all that takes (#188).
 */
import { type Operation, runsOnce } from '../model/operation.ts';
import { compareText } from '../model/sid.ts';
import { type BatchedAction, maxTargets, send, type Target } from './actions.ts';
import { type Bits, bitsKey, members } from './cover/bits.ts';
import { coverOf } from './cover/cover.ts';
import type { Block, Patience, Rules } from './cover/matrix.ts';
import { type Component, componentsOf, type Demand } from './cover/reduce.ts';
import { compareIds } from './observe.ts';
import { levelsOf, rankOfOperation, type Step, takesAccess } from './order.ts';
import { partsOf, type Room } from './split.ts';
import { atomsOf, operationKey, sequenceOf } from './stage.ts';

/** A class of devices and the whole sequence that each of them needs. */
export interface Row<T> {
  readonly operations: readonly Operation[];
  readonly devices: readonly Target[];
  /** Handed back with the actions that carry the row. */
  readonly origin: T;
}

/** Of several, as of the waves of a plan, the sum of each figure counts. */
export interface Batch<T> {
  readonly actions: readonly BatchedAction<T>[];
  readonly lowerBound: number;
}

/** For all components together: some tenths of a second each. */
const patience: Readonly<Patience> = { steps: 20_000, looks: 4_000_000 };

export function batch<T>(rows: readonly Row<T>[], room: Room): Batch<T> {
  const needs = distinctNeeds(rows);
  const table = operationTable(needs);
  const facts = table.operations.map((operation) => ({
    rank: rankOfOperation(operation),
    takes: takesAccess(operation),
    once: runsOnce(operation),
  }));
  const demands = needs.map(({ atoms, devices }): Demand => {
    const operations = atoms.map((atom) => table.numberOf.get(operationKey(atom)) ?? 0);
    return { operations: operations.toSorted((a, b) => a - b), devices: devices.length };
  });
  const left = { ...patience };
  const actions: BatchedAction<T>[] = [];
  let lowerBound = 0;
  for (const component of componentsOf(demands, facts)) {
    const { steps, rules } = stepsIn(component, table.operations, room);
    const cover = coverOf(component.matrix, rules, left);
    const some = component.demands.map((at) => needs[at]?.devices ?? []);
    const final = steps(cover.blocks);
    actions.push(...send(final, levelsOf(final, some.length) ?? [], some));
    lowerBound += cover.lowerBound;
  }
  return { actions: inOrder(actions), lowerBound };
}

/** Level by level, and in each by what is done. */
function inOrder<T>(actions: readonly BatchedAction<T>[]): readonly BatchedAction<T>[] {
  return actions
    .map((action) => ({ action, text: JSON.stringify(action.operations) }))
    .toSorted((a, b) => a.action.level - b.action.level || compareText(a.text, b.text))
    .map(({ action }) => action);
}

/** What some classes need, all of them the same. */
interface DistinctNeed<T> {
  readonly key: string;
  /** One member each. */
  readonly atoms: readonly Operation[];
  /** By Computer ID. */
  readonly devices: { readonly target: Target; readonly origin: T }[];
}

function distinctNeeds<T>(rows: readonly Row<T>[]): DistinctNeed<T>[] {
  const needs = new Map<string, DistinctNeed<T>>();
  for (const { operations, devices, origin } of rows) {
    const key = JSON.stringify(operations);
    const need = needs.get(key) ?? { key, atoms: atomsOf(operations), devices: [] };
    needs.set(key, need);
    for (const target of devices) need.devices.push({ target, origin });
  }
  for (const { devices } of needs.values())
    devices.sort((a, b) => compareIds(a.target.computerId, b.target.computerId));
  return [...needs.values()].toSorted((a, b) => compareText(a.key, b.key));
}

interface OperationTable {
  /** In the order of their keys, each once. */
  readonly operations: readonly Operation[];
  readonly numberOf: ReadonlyMap<string, number>;
}

function operationTable(needs: readonly Pick<DistinctNeed<unknown>, 'atoms'>[]): OperationTable {
  const known = new Map<string, Operation>();
  for (const { atoms } of needs) for (const atom of atoms) known.set(operationKey(atom), atom);
  const sorted = [...known].toSorted(([a], [b]) => compareText(a, b));
  return {
    operations: sorted.map(([, operation]) => operation),
    numberOf: new Map(sorted.map(([key], index) => [key, index])),
  };
}

/** How blocks become steps: each set of columns a sequence, cut where one action cannot carry it. */
function stepsIn(
  { matrix, operations }: Component,
  table: readonly Operation[],
  room: Room,
): { readonly steps: (blocks: readonly Block[]) => Step[]; readonly rules: Rules } {
  const known = new Map<string, readonly (readonly Operation[])[]>();
  const partsFor = (columns: Bits): readonly (readonly Operation[])[] => {
    const key = bitsKey(columns);
    let parts = known.get(key);
    if (parts === undefined) {
      const numbers = members(columns).flatMap((column) => operations[column] ?? []);
      known.set(key, (parts = partsOf(sequenceOf(numbers.flatMap((number) => table[number] ?? [])), room)));
    }
    return parts;
  };
  const steps = (blocks: readonly Block[]): Step[] => {
    const all: Step[] = [];
    for (const { columns, rows } of blocks) {
      for (const [index, part] of partsFor(columns).entries()) {
        all.push({ operations: part, rows, previous: index === 0 ? null : all.length - 1 });
      }
    }
    return all;
  };
  const rules: Rules = {
    maxTargets,
    actionsFor: (columns) => partsFor(columns).length,
    depthOf: (blocks) => {
      const levels = levelsOf(steps(blocks), matrix.rows.length);
      return levels === null ? null : levels.reduce((deepest, level) => Math.max(deepest, level + 1), 0);
    },
  };
  return { steps, rules };
}
