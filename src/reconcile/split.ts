import type { Operation } from '../model/operation.ts';
import { consecutiveParts } from '../model/parts.ts';
import { atomsOf, sequenceOf } from './stage.ts';

export interface Room {
  /** Characters that these operations take as the package's parameter; infinite for more than it can carry. */
  readonly encodedLength: (operations: readonly Operation[]) => number;
  readonly maxEncodedLength: number;
}

/**
 * A sequence in as few consecutive parts as its order allows, each of which one action can carry. An operation with
 * too many members is shared out; one member always fits, since names are short.
 */
export function partsOf(sequence: readonly Operation[], room: Room): readonly (readonly Operation[])[] {
  const fits = (operations: readonly Operation[]): boolean => room.encodedLength(operations) <= room.maxEncodedLength;
  return runsIn(sequence).flatMap((run) => {
    const isWhole = run.some(isOfOneDevice) || fits(run);
    return isWhole ? [run] : consecutiveParts(atomsOf(run), { joined, fits });
  });
}

/** What is sent to each device in its own words goes by itself, and always fits. */
function runsIn(sequence: readonly Operation[]): readonly (readonly Operation[])[] {
  if (!sequence.some(isOfOneDevice)) return [sequence];
  const runs: Operation[][] = [];
  for (const [at, operation] of sequence.entries()) {
    const previous = sequence[at - 1];
    const joins = previous !== undefined && !isOfOneDevice(operation) && !isOfOneDevice(previous);
    if (joins) runs.at(-1)?.push(operation);
    else runs.push([operation]);
  }
  return runs;
}

/** A password that is made here is sealed to the key of one device (#194). */
export function isOfOneDevice(operation: Operation): boolean {
  return operation.kind === 'password.rotate' && operation.generator === 'controller';
}

/** The last atom joins the operation before it where both are of one group; the order stays. */
function joined(operations: readonly Operation[]): Operation[] {
  return [...operations.slice(0, -2), ...sequenceOf(operations.slice(-2))];
}
