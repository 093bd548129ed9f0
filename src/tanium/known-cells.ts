/**
 * The cells that a result has shown already. A thousand devices in one state answer the same text: it is made a string
 * once, and found again by its bytes. What is found is always compared byte by byte, for devices choose what they say.
 */
import { type KnownBytes, knownBytes } from './known-bytes.ts';

/** The strings that a sensor printed on one device. */
export type Cell = readonly string[];

export interface KnownCells {
  /** The cell of one string of printable ASCII without quote and backslash, which the bytes are as they stand. */
  readonly short: (bytes: Buffer, from: number, to: number) => Cell;
  /** By the inner bytes of one string in JSON and the quote that ends it. */
  readonly long: KnownBytes<Cell>;
  /** By the bytes from the cell behind those that say who a device is, to the end of the row. */
  readonly tails: KnownBytes<readonly Cell[]>;
}

/** Operating systems and domains; a name or an id that takes the place of one costs a new string. */
const shortSlots = 1024;

export function knownCells(): KnownCells {
  const short: (Cell | undefined)[] = Array.from({ length: shortSlots }, () => undefined);
  return {
    short: (bytes, from, to) => {
      let mix = to - from;
      for (let at = from; at < to; at += 1) mix = Math.imul(mix, 31) + (bytes[at] as number);
      const slot = (mix ^ (mix >>> 10)) & (shortSlots - 1);
      const known = short[slot];
      if (known !== undefined && isText(known[0] as string, bytes, from, to)) return known;
      const cell: Cell = [bytes.toString('latin1', from, to)];
      short[slot] = cell;
      return cell;
    },
    long: knownBytes(),
    tails: knownBytes(),
  };
}

function isText(text: string, bytes: Buffer, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let at = from; at < to; at += 1) if (text.charCodeAt(at - from) !== bytes[at]) return false;
  return true;
}
