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
  return fits(sequence) ? [sequence] : consecutiveParts(atomsOf(sequence), { joined, fits });
}

/** The last atom joins the operation before it where both are of one group; the order stays. */
function joined(operations: readonly Operation[]): Operation[] {
  return [...operations.slice(0, -2), ...sequenceOf(operations.slice(-2))];
}
