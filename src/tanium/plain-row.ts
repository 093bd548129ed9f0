/**
 * Reads a row of a result where it stands, if it is written as Tanium writes them: `{"id":1,"cid":2,"ref_id":3,
 * "data":[[{"text":"…"}],…]}`, without a blank and with one string in each cell. A text that is known is neither scanned
 * nor decoded. Every other row is left to the parser of JSON, and what is read here is what that would have read.
 */
import { isUtf8 } from 'node:buffer';
import { endOfString } from './json-elements.ts';
import type { Cell, KnownCells } from './known-cells.ts';
import type { Row } from './result.ts';

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const firstPrintable = 0x20;
const lastPrintable = 0x7e;
const zero = 0x30;
const nine = 0x39;

const beforeId = Buffer.from('{"id":');
const beforeCid = Buffer.from(',"cid":');
const beforeReference = Buffer.from(',"ref_id":');
const beforeData = Buffer.from(',"data":[');
const beforeText = Buffer.from('[{"text":"');
const afterText = Buffer.from('"}]');
const afterData = Buffer.from(']}');

/** Computer ID and Computer Name come first in every question; what follows is the same on many devices. */
const identityCells = 2;
/** A longer number is no id, and JavaScript might not keep its digits. */
const maxDigits = 15;
/** What has not ended by then is worth being known. */
const maxShort = 64;

/** Adds the row that begins at `start`, and answers where it ends; `start`: it is not plain, or not whole in these bytes. */
export type PlainRows = (bytes: Buffer, start: number, found: Row[]) => number;

export function plainRows(known: KnownCells): PlainRows {
  let at = 0;
  /** Never emptied: it would lose its room, and get new room for every row. */
  const cells: Cell[] = [];
  let count = 0;
  /** Long cells of this row that are not known yet; they are kept with its tail, in which they are. */
  const fresh: { readonly cell: Cell; readonly from: number; readonly to: number }[] = [];

  function read(bytes: Buffer, start: number, found: Row[]): number {
    at = start;
    if (!take(bytes, beforeId) || !takeNumber(bytes) || !take(bytes, beforeCid)) return start;
    const cidAt = at;
    if (!takeNumber(bytes)) return start;
    const [cid = ''] = known.short(bytes, cidAt, at);
    if (take(bytes, beforeReference) && !takeNumber(bytes)) return start;
    if (!take(bytes, beforeData)) return start;
    count = 0;
    fresh.length = 0;
    if (!takeCells(bytes)) return start;
    // Exactly as long as it is: what grows has room for seventeen.
    found.push({ cid, cells: cells.slice(0, count) });
    return at;
  }

  /** All cells, and what ends the row. */
  function takeCells(bytes: Buffer): boolean {
    let tailAt = -1;
    do {
      if (count === identityCells) {
        if (takeTail(bytes)) return true;
        tailAt = at;
      }
      const cell = take(bytes, beforeText) ? takeCell(bytes) : null;
      if (cell === null || !take(bytes, afterText)) return false;
      add(cell);
    } while (takeComma(bytes));
    if (!take(bytes, afterData)) return false;
    if (tailAt !== -1) keep(bytes, tailAt);
    return true;
  }

  function keep(bytes: Buffer, tailAt: number): void {
    const tail = known.tails.keep(bytes, tailAt, at, cells.slice(identityCells, count));
    for (const { cell, from, to } of fresh) {
      const own = from < tailAt ? undefined : tail.subarray(from - tailAt, to - tailAt);
      known.long.keep(bytes, from, to, cell, own);
    }
  }

  function takeTail(bytes: Buffer): boolean {
    const tail = known.tails.find(bytes, at);
    if (tail === null) return false;
    at += tail.bytes.length;
    const { value } = tail;
    for (let index = 0; index < value.length; index += 1) add(value[index] as Cell);
    return true;
  }

  function add(cell: Cell): void {
    cells[count] = cell;
    count += 1;
  }

  function take(bytes: Buffer, expected: Buffer): boolean {
    for (let index = 0; index < expected.length; index += 1) {
      if (bytes[at + index] !== expected[index]) return false;
    }
    at += expected.length;
    return true;
  }

  function takeComma(bytes: Buffer): boolean {
    if (bytes[at] !== comma) return false;
    at += 1;
    return true;
  }

  function takeNumber(bytes: Buffer): boolean {
    const from = at;
    while (isDigit(bytes[at])) at += 1;
    const digits = at - from;
    return digits === 1 || (digits > 1 && digits <= maxDigits && bytes[from] !== zero);
  }

  /** Up to the quote that ends it. */
  function takeCell(bytes: Buffer): Cell | null {
    const from = at;
    const end = endOfShort(bytes, from);
    if (end === -1) return takeLong(bytes);
    at = end;
    return known.short(bytes, from, end);
  }

  function takeLong(bytes: Buffer): Cell | null {
    const from = at;
    const there = known.long.find(bytes, from);
    if (there !== null) {
      at = from + there.bytes.length - 1;
      return there.value;
    }
    const end = endOfString(bytes, from);
    if (bytes[end] !== quote) return null;
    const text = decoded(bytes, from, end);
    if (text === null) return null;
    at = end;
    const cell: Cell = [text];
    fresh.push({ cell, from, to: end + 1 });
    return cell;
  }

  return read;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

/** The quote that ends a short text of bytes that stand for themselves; -1: it is another text. */
function endOfShort(bytes: Buffer, from: number): number {
  const limit = Math.min(from + maxShort, bytes.length);
  for (let at = from; at < limit; at += 1) {
    const byte = bytes[at] as number;
    if (byte === quote) return at;
    if (byte === backslash || byte < firstPrintable || byte > lastPrintable) return -1;
  }
  return -1;
}

/** As JSON has it: with escapes, in UTF-8. */
function decoded(bytes: Buffer, from: number, to: number): string | null {
  const literal = bytes.subarray(from - 1, to + 1);
  if (!isUtf8(literal)) return null;
  try {
    return JSON.parse(literal.toString('utf8')) as string;
  } catch {
    return null;
  }
}
