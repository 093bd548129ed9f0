/**
 * From classes of devices to actions: every action is one sequence of operations for one set of devices, each of which
 * needs all of them. Devices of whatever class that need the same share one (#187).
 */
import { type Operation, type Stage, stageOfOperation, stages } from '../model/operation.ts';
import { compareText } from '../model/sid.ts';
import { sha256 } from './hash.ts';
import { lowerBound, type Need } from './lower-bound.ts';
import { compareIds } from './observe.ts';
import { partsOf, type Room } from './split.ts';
import { atomsOf, operationKey } from './stage.ts';

/** As many Computer IDs as the text of one anonymous group may name. */
export const maxTargets = 900;

export interface Target {
  readonly computerId: string;
  readonly label: string;
}

/** A class of devices and the whole sequence that each of them needs. */
export interface Row<T> {
  readonly operations: readonly Operation[];
  readonly devices: readonly Target[];
  /** Handed back with the actions that carry the row. */
  readonly origin: T;
}

export interface BatchedAction<T> {
  readonly key: string;
  readonly after: string | null;
  readonly operations: readonly Operation[];
  readonly stages: readonly Stage[];
  readonly targets: readonly Target[];
  readonly origins: readonly T[];
  /** Keys of its operations, one member each. */
  readonly carries: ReadonlySet<string>;
  /** Keys of those that actions after it bring to the same devices. */
  readonly leaves: ReadonlySet<string>;
}

export interface Batch<T> {
  readonly actions: readonly BatchedAction<T>[];
  readonly lowerBound: number;
}

export function batch<T>(rows: readonly Row<T>[], room: Room): Batch<T> {
  const bySequence = new Map<string, Row<T>[]>();
  for (const row of rows) {
    const key = JSON.stringify(row.operations);
    const known = bySequence.get(key);
    if (known) known.push(row);
    else bySequence.set(key, [row]);
  }
  const actions: BatchedAction<T>[] = [];
  const needs: Need[] = [];
  for (const [, equal] of [...bySequence].toSorted(([a], [b]) => compareText(a, b))) {
    const operations = equal[0]?.operations ?? [];
    const devices = equal.flatMap((row) => row.devices.map((target) => ({ target, origin: row.origin })));
    devices.sort((a, b) => compareIds(a.target.computerId, b.target.computerId));
    needs.push({ operations: keysOf(operations), devices: devices.length });
    const parts = partsOf(operations, room);
    for (let start = 0; start < devices.length; start += maxTargets) {
      const some = devices.slice(start, start + maxTargets);
      actions.push(
        ...chain(
          parts,
          some.map(({ target }) => target),
          [...new Set(some.map(({ origin }) => origin))],
        ),
      );
    }
  }
  return { actions, lowerBound: lowerBound(needs, maxTargets) };
}

/** The parts of one sequence, one after the other. */
function chain<T>(
  parts: readonly (readonly Operation[])[],
  targets: readonly Target[],
  origins: readonly T[],
): BatchedAction<T>[] {
  const ids = targets.map((target) => target.computerId);
  const actions: BatchedAction<T>[] = [];
  for (const [index, operations] of parts.entries()) {
    const key = sha256(JSON.stringify([index, operations, ids])).slice(0, 12);
    actions.push({
      key,
      after: actions.at(-1)?.key ?? null,
      operations,
      stages: stages.filter((stage) => operations.some((operation) => stageOfOperation(operation) === stage)),
      targets,
      origins,
      carries: keysOf(operations),
      leaves: keysOf(parts.slice(index + 1).flat()),
    });
  }
  return actions;
}

function keysOf(operations: readonly Operation[]): ReadonlySet<string> {
  return new Set(atomsOf(operations).map(operationKey));
}
