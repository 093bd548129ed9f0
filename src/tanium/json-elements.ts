/**
 * Cuts the elements out of one array of a JSON document while its bytes stream by. A result of a million rows is
 * longer than the longest string that JavaScript has; so each element is parsed by itself, and only the rest of the
 * document, in which that array is empty, is held.
 */
import { TruncatedBody } from './failure.ts';

export interface JsonElements<T> {
  /** Takes the next bytes, cut anywhere; adds the elements that end in them to `found`, and answers that. */
  readonly push: (chunk: Uint8Array, found?: T[]) => readonly T[];
  /**
   * The document without the elements.
   * @throws TruncatedBody when it has not ended, SyntaxError when it is not JSON
   */
  readonly end: () => unknown;
}

/** How elements are read. */
export interface ElementReader<T> {
  /** Adds to `found` what the bytes of one JSON value say. */
  whole(bytes: Buffer, found: T[]): void;
  /**
   * Where one begins at `at`, may read it there: adds it to `found` and answers where it ends. Answers `at` where the
   * bytes have to be taken one by one, since it is not all there or not as expected.
   */
  shortcut(bytes: Buffer, at: number, found: T[]): number;
}

/** Leaves each element as the bytes of its JSON. */
export const asBytes: ElementReader<Buffer> = { whole: (bytes, found) => found.push(bytes), shortcut: (_, at) => at };

/** Of one element, and of the document without its elements. */
const maxBytes = 32 * 1024 * 1024;
/** A longer key is none of ours. */
const maxKey = 64;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** `path`: the keys from the root to the array; arrays on the way are entered. */
export function jsonElements<T>(path: readonly string[], reader: ElementReader<T>): JsonElements<T> {
  const skeleton = collector();
  const element = collector();
  let found: T[] = [];
  let mode: 'document' | 'between' | 'element' = 'document';
  let inString = false;
  let escaped = false;

  /** The keys under which the open containers of the document stand; null: in an array, or the root. */
  const open: (string | null)[] = [];
  let key: string | null = null;
  const word: number[] = [];

  let expects: 'any' | 'element' | 'comma' = 'any';
  let depth = 0;
  let scalar = false;

  function push(chunk: Uint8Array, into: T[] = []): readonly T[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    found = into;
    let at = 0;
    while (at < bytes.length) {
      if (mode === 'document') at = inDocument(bytes, at);
      else if (mode === 'between') at = betweenElements(bytes, at);
      else at = inElement(bytes, at);
    }
    return found;
  }

  /** Up to and with the bracket that opens the array. */
  function inDocument(bytes: Buffer, from: number): number {
    let at = from;
    for (; at < bytes.length && mode === 'document'; at += 1) {
      const byte = bytes[at] as number;
      if (inString) {
        if (!readString(byte) && word.length < maxKey) word.push(byte);
      } else if (byte === quote) {
        inString = true;
        word.length = 0;
      } else if (byte === colon) key = String.fromCharCode(...word);
      else if (byte === comma) key = null;
      else if (byte === openBrace || byte === openBracket) {
        open.push(key);
        key = null;
        if (byte === openBracket && isTarget()) {
          mode = 'between';
          expects = 'any';
        }
      } else if (byte === closeBrace || byte === closeBracket) open.pop();
    }
    skeleton.add(bytes.subarray(from, at));
    return at;
  }

  function isTarget(): boolean {
    const keys = open.filter((name) => name !== null);
    return open.at(-1) !== null && keys.length === path.length && keys.every((name, index) => name === path[index]);
  }

  function betweenElements(bytes: Buffer, at: number): number {
    const byte = bytes[at] as number;
    if (isSpace(byte)) return at + 1;
    if (byte === closeBracket && expects !== 'element') {
      mode = 'document';
      return at;
    }
    if (byte === comma && expects === 'comma') {
      expects = 'element';
      return at + 1;
    }
    if (byte === comma || byte === closeBracket || expects === 'comma') throw new SyntaxError('misplaced comma');
    const end = reader.shortcut(bytes, at, found);
    if (end > at) {
      expects = 'comma';
      return end;
    }
    mode = 'element';
    depth = 0;
    scalar = byte !== openBrace && byte !== openBracket && byte !== quote;
    return at;
  }

  /** The hot loop: nearly all bytes of a result stand in strings, and a byte of one costs two comparisons. */
  function inElement(bytes: Buffer, from: number): number {
    const length = bytes.length;
    let at = from;
    while (at < length) {
      if (inString) {
        if (!escaped) at = endOfString(bytes, at);
        if (at === length) break;
        if (readString(bytes[at] as number) && depth === 0) return finish(bytes, from, at + 1);
        at += 1;
        continue;
      }
      const byte = bytes[at] as number;
      if (byte === quote) inString = true;
      else if (byte === openBrace || byte === openBracket) depth += 1;
      else if (depth > 0 && (byte === closeBrace || byte === closeBracket)) {
        depth -= 1;
        if (depth === 0) return finish(bytes, from, at + 1);
      } else if (scalar && (byte === comma || byte === closeBracket || isSpace(byte))) return finish(bytes, from, at);
      at += 1;
    }
    element.add(bytes.subarray(from));
    return length;
  }

  /** Takes a byte of a string; answers whether it ended it. */
  function readString(byte: number): boolean {
    if (escaped) escaped = false;
    else if (byte === backslash) escaped = true;
    else if (byte === quote) inString = false;
    return !inString;
  }

  function finish(bytes: Buffer, from: number, to: number): number {
    element.add(bytes.subarray(from, to));
    reader.whole(element.take(), found);
    mode = 'between';
    expects = 'comma';
    return to;
  }

  function end(): unknown {
    const text = skeleton.take().toString('utf8');
    if (mode !== 'document' || inString || open.length > 0 || text.trim() === '') {
      throw new TruncatedBody('the JSON document ends early');
    }
    return JSON.parse(text);
  }

  return { push, end };
}

/** Where a string ends that began before `from`, or the backslash that `bytes` end with, or their end. */
export function endOfString(bytes: Buffer, from: number): number {
  const length = bytes.length;
  let at = from;
  for (; at < length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) break;
    if (byte !== backslash) continue;
    if (at + 1 === length) break;
    at += 1;
  }
  return at;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

interface Collector {
  readonly add: (bytes: Buffer) => void;
  readonly take: () => Buffer;
}

function collector(): Collector {
  let parts: Buffer[] = [];
  let length = 0;
  return {
    add(bytes) {
      length += bytes.length;
      if (length > maxBytes) throw new SyntaxError(`longer than ${maxBytes} bytes`);
      parts.push(bytes);
    },
    take() {
      const whole = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      parts = [];
      length = 0;
      return whole;
    },
  };
}
