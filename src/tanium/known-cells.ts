/**
 * The cells that a result has shown already. A thousand devices in one state answer the same text: it is made a string
 * once, and found again by its bytes. What is found is always compared byte by byte, for devices choose what they say.
 */

/** The strings that a sensor printed on one device. */
export type Cell = readonly string[];

export interface KnownCells {
  /** The cell of one string of printable ASCII without quote and backslash, which the bytes are as they stand. */
  readonly short: (bytes: Buffer, from: number, to: number) => Cell;
  /** The cell of one string in JSON whose inner bytes these are; null: none that is known. */
  readonly long: (bytes: Buffer, from: number, to: number) => Cell | null;
  /** Keeps the cell of these inner bytes, as long as there is room. */
  readonly keep: (bytes: Buffer, from: number, to: number, cell: Cell) => void;
}

/** Operating systems and domains; a name or an id that takes the place of one costs a new string. */
const shortSlots = 1024;
/** Bytes of all long cells that are kept; some thousand states of devices are a few megabytes. */
const maxKept = 64 * 1024 * 1024;

interface Long {
  readonly bytes: Buffer;
  readonly cell: Cell;
  /** Another one of the same hash. */
  readonly next: Long | undefined;
}

export function knownCells(): KnownCells {
  const short: (Cell | undefined)[] = Array.from({ length: shortSlots }, () => undefined);
  const long = new Map<number, Long>();
  let kept = 0;
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
    long: (bytes, from, to) => {
      for (let one = long.get(hashOf(bytes, from, to)); one !== undefined; one = one.next) {
        if (one.bytes.length === to - from && one.bytes.compare(bytes, from, to) === 0) return one.cell;
      }
      return null;
    },
    keep: (bytes, from, to, cell) => {
      kept += to - from;
      if (kept > maxKept) return;
      const hash = hashOf(bytes, from, to);
      // A copy: the bytes are a view of all that came with them.
      long.set(hash, { bytes: Buffer.from(bytes.subarray(from, to)), cell, next: long.get(hash) });
    },
  };
}

function isText(text: string, bytes: Buffer, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let at = from; at < to; at += 1) if (text.charCodeAt(at - from) !== bytes[at]) return false;
  return true;
}

/** Sixteen bytes at a time, in four parts that do not wait for each other; equal hashes cost a comparison and no more. */
function hashOf(bytes: Buffer, from: number, to: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = to - 15;
  let [a, b, c, d] = [to - from, 1, 2, 3];
  let at = from;
  for (; at < whole; at += 16) {
    a = mixed(a, view.getInt32(at, true));
    b = mixed(b, view.getInt32(at + 4, true));
    c = mixed(c, view.getInt32(at + 8, true));
    d = mixed(d, view.getInt32(at + 12, true));
  }
  for (; at < to; at += 1) a = mixed(a, bytes[at] as number);
  return mixed(mixed(a, b), mixed(c, d));
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}
