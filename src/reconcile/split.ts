import type { Operation } from '../model/operation.ts';
import { atomsOf, sequenceOf } from './stage.ts';

/** More than these the device refuses in one call (3-endpoint-contract.md). */
const maxCommands = 64;

export interface Room {
  /** Characters that these operations take as the package's parameter. */
  readonly encodedLength: (operations: readonly Operation[]) => number;
  readonly maxEncodedLength: number;
}

/**
 * A sequence in as few consecutive parts as its order allows, each of which one action can carry. An operation with
 * too many members is shared out; one member always fits, since names are short.
 */
export function partsOf(sequence: readonly Operation[], room: Room): readonly (readonly Operation[])[] {
  if (fits(sequence, room)) return [sequence];
  const parts: Operation[][] = [];
  let part: Operation[] = [];
  for (const atom of atomsOf(sequence)) {
    const longer = merged([...part, atom]);
    if (part.length > 0 && !fits(longer, room)) {
      parts.push(part);
      part = [atom];
    } else part = longer;
  }
  parts.push(part);
  return parts;
}

/** The last atom joins the operation before it where both are of one group; the order stays. */
function merged(operations: readonly Operation[]): Operation[] {
  return [...operations.slice(0, -2), ...sequenceOf(operations.slice(-2))];
}

function fits(operations: readonly Operation[], room: Room): boolean {
  return operations.length <= maxCommands && room.encodedLength(operations) <= room.maxEncodedLength;
}
