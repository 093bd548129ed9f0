/** From steps to actions: targets shared out, each with its key, and with those of the actions it waits for. */
import { type Operation, type Stage, stageOfOperation, stages } from '../model/operation.ts';
import type { PlannedAction } from '../model/plan.ts';
import { compareText } from '../model/sid.ts';
import { sha256 } from './hash.ts';
import { byComputerId } from './id-order.ts';
import type { Step } from './order.ts';
import { sharedOut } from './share-out.ts';
import { isOfOneDevice } from './split.ts';
import { atomsOf, operationKey } from './stage.ts';

export interface Target {
  readonly computerId: string;
  readonly label: string;
}

export interface BatchedAction<T> {
  readonly key: string;
  /** Keys of the actions that each of its devices has just before it, sorted. */
  readonly after: readonly string[];
  /** Actions of one level go out together; of each device, one at most. */
  readonly level: number;
  readonly operations: readonly Operation[];
  readonly stages: readonly Stage[];
  readonly targets: readonly Target[];
  readonly arrivals: readonly Arrival<T>[];
}

/** A class that an action is for. */
export interface Arrival<T> {
  readonly origin: T;
  /** Level at which each of its operations comes for the last time; by their keys, one member each. */
  readonly lastLevel: ReadonlyMap<string, number>;
}

interface Device<T> {
  readonly target: Target;
  readonly origin: T;
}

/** Level by level. `rows`: the devices of each, sorted. */
export function send<T>(
  steps: readonly Step[],
  levels: readonly number[],
  rows: readonly (readonly Device<T>[])[],
): BatchedAction<T>[] {
  const lastLevels = lastLevelsOf(steps, levels, rows.length);
  const order = [...steps.keys()].toSorted((a, b) => (levels[a] ?? 0) - (levels[b] ?? 0));
  const latest = new Map<string, string>();
  const actions: BatchedAction<T>[] = [];
  for (const at of order) {
    const { operations, rows: mine } = steps[at] ?? { operations: [], rows: [] };
    const devices = byComputerId(
      mine.flatMap((row) => (rows[row] ?? []).map(({ target, origin }) => ({ target, origin, row }))),
      ({ target }) => target.computerId,
    );
    for (const some of sharedOut(devices, ({ target }) => target.label)) {
      const key = sha256(JSON.stringify([operations, some.map(({ target }) => target.computerId)])).slice(0, 12);
      const after = new Set<string>();
      for (const { target } of some) {
        const previous = latest.get(target.computerId);
        if (previous !== undefined) after.add(previous);
        latest.set(target.computerId, key);
      }
      actions.push({
        key,
        after: [...after].toSorted(compareText),
        level: levels[at] ?? 0,
        operations,
        stages: stages.filter((stage) => operations.some((operation) => stageOfOperation(operation) === stage)),
        targets: some.map(({ target }) => target),
        arrivals: arrivalsOf(some, lastLevels),
      });
    }
  }
  return actions;
}

function arrivalsOf<T>(
  devices: readonly (Device<T> & { readonly row: number })[],
  lastLevels: readonly ReadonlyMap<string, number>[],
): Arrival<T>[] {
  const arrivals = new Map<T, Arrival<T>>();
  for (const { origin, row } of devices) {
    if (!arrivals.has(origin)) arrivals.set(origin, { origin, lastLevel: lastLevels[row] ?? new Map() });
  }
  return [...arrivals.values()];
}

function lastLevelsOf(steps: readonly Step[], levels: readonly number[], rows: number): ReadonlyMap<string, number>[] {
  const found = Array.from({ length: rows }, () => new Map<string, number>());
  for (const [at, step] of steps.entries()) {
    const level = levels[at] ?? 0;
    for (const key of atomsOf(step.operations).map(operationKey)) {
      for (const row of step.rows) {
        const known = found[row]?.get(key) ?? -1;
        if (level > known) found[row]?.set(key, level);
      }
    }
  }
  return found;
}

/** What the count of actions does not tell: a password that is made here goes to its device alone. */
export function messageWarnings(actions: readonly Pick<PlannedAction, 'operations' | 'targets'>[]): string[] {
  const sealed = actions.filter(({ operations }) => operations.some(isOfOneDevice));
  const messages = sealed.reduce((sum, { targets }) => sum + targets.length, 0);
  if (messages === 0) return [];
  const them =
    messages === 1
      ? '1 password is made here, and takes one'
      : `${messages} passwords are made here, and take ${messages}`;
  return [`${them} more action${messages === 1 ? '' : 's'}: each is sealed to its device.`];
}
