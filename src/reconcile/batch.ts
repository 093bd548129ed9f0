/**
 * From classes of devices to the fewest actions: every action is one sequence of operations for one set of devices, each
 * of which needs all of them (#187). A device may get what it needs from several actions, one after the other: what
 * creates before what needs it, all that gives before all that takes (#188).
 */
import { TrueupError } from '../errors.ts';
import { isByNumberOnly } from '../model/aim.ts';
import { type Operation, runsOnce } from '../model/operation.ts';
import { compareText } from '../model/sid.ts';
import { type BatchedAction, send, type Target } from './actions.ts';
import { type Bits, bitsKey, members } from './cover/bits.ts';
import { coverOf } from './cover/cover.ts';
import type { Block, Patience, Rules } from './cover/matrix.ts';
import { isTooLarge, plainCover } from './cover/plain.ts';
import { type Component, componentsOf, type Demand, matrixIn, type OperationFacts } from './cover/reduce.ts';
import { byComputerId } from './id-order.ts';
import { levelsOf, rankOfOperation, type Step, takesAccess } from './order.ts';
import { capacity } from './share-out.ts';
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
const patience: Readonly<Patience> = { ways: 30_000_000, looks: 4_000_000 };

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
    const byNumber = devices.reduce((sum, { target }) => sum + (isByNumberOnly(target.label) ? 1 : 0), 0);
    return { operations: operations.toSorted((a, b) => a - b), devices: devices.length, byNumber };
  });
  const left = { ...patience };
  const actions: BatchedAction<T>[] = [];
  let lowerBound = 0;
  for (const component of componentsOf(demands, facts)) {
    const parts = partsIn(component, table.operations, room);
    const found = isTooLarge(component) ? counted(component, parts) : searched(component, facts, parts, left);
    const devices = component.demands.map((at) => needs[at]?.devices ?? []);
    const levels = levelsOf(found.steps, devices.length);
    if (levels === null)
      throw new TrueupError('TRUEUP_INTERNAL', 'a cover was chosen that cannot be put into an order');
    for (const action of send(found.steps, levels, devices)) actions.push(action);
    lowerBound += found.lowerBound;
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
  return [...needs.values()]
    .map((need) => ({ ...need, devices: byComputerId(need.devices, ({ target }) => target.computerId) }))
    .toSorted((a, b) => compareText(a.key, b.key));
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

/** What some columns are to a device: a sequence, cut where one action cannot carry it. */
type PartsOf = (columns: readonly number[]) => readonly (readonly Operation[])[];

function partsIn({ operations }: Component, table: readonly Operation[], room: Room): PartsOf {
  return (columns) => {
    const numbers = columns.flatMap((column) => operations[column] ?? []);
    return partsOf(sequenceOf(numbers.flatMap((number) => table[number] ?? [])), room);
  };
}

interface Found {
  readonly steps: readonly Step[];
  readonly lowerBound: number;
}

function counted(component: Component, parts: PartsOf): Found {
  const { blocks, lowerBound } = plainCover(component, capacity, (columns) => parts(columns).length);
  return { steps: stepsOf(blocks.map(({ columns, rows }) => ({ rows, parts: parts(columns) }))), lowerBound };
}

function searched(component: Component, facts: readonly OperationFacts[], parts: PartsOf, left: Patience): Found {
  const known = new Map<string, readonly (readonly Operation[])[]>();
  const partsFor = (columns: Bits): readonly (readonly Operation[])[] => {
    const key = bitsKey(columns);
    const found = known.get(key) ?? parts(members(columns));
    known.set(key, found);
    return found;
  };
  const steps = (blocks: readonly Block[]): Step[] =>
    stepsOf(blocks.map(({ columns, rows }) => ({ rows, parts: partsFor(columns) })));
  const rules: Rules = {
    capacity,
    actionsFor: (columns) => partsFor(columns).length,
    depthOf: (blocks) => {
      const levels = levelsOf(steps(blocks), component.rows.length);
      return levels === null ? null : levels.reduce((deepest, level) => Math.max(deepest, level + 1), 0);
    },
  };
  const { blocks, lowerBound } = coverOf(matrixIn(component, facts), rules, left);
  return { steps: steps(blocks), lowerBound };
}

function stepsOf(
  blocks: readonly { readonly rows: readonly number[]; readonly parts: readonly (readonly Operation[])[] }[],
): Step[] {
  const steps: Step[] = [];
  for (const { rows, parts } of blocks) {
    for (const [index, operations] of parts.entries()) {
      steps.push({ operations, rows, previous: index === 0 ? null : steps.length - 1 });
    }
  }
  return steps;
}
