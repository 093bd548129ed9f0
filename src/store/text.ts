/**
 * How text of an untrusted origin is kept. SQLite and BSON hold UTF-8, which has no lone surrogate: they would put
 * U+FFFD in its place without a word, and two different names would become one.
 */
import { createHash } from 'node:crypto';
import { TrueupError } from '../errors.ts';

const MARK = '\u0001';

/** The text itself, or where UTF-8 cannot hold it, its JSON form behind a mark. */
export function pack(text: string): string {
  return text.isWellFormed() && !text.startsWith(MARK) ? text : MARK + JSON.stringify(text);
}

export function unpack(stored: string): string {
  return stored.startsWith(MARK) ? (JSON.parse(stored.slice(MARK.length)) as string) : stored;
}

export function packOrNull(text: string | null): string | null {
  return text === null ? null : pack(text);
}

export function unpackOrNull(stored: string | null): string | null {
  return stored === null ? null : unpack(stored);
}

/** The order in which both stores keep packed texts: that of their bytes. */
export function compareAsKept(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

/** SHA-256 over the packed text. */
export function hashOf(packed: string): Buffer {
  return createHash('sha256').update(packed, 'utf8').digest();
}

/** Reads a record that this program wrote as JSON; `what` names it in the error. Raises TRUEUP_STORE_INVALID. */
export function parseRecord<T>(json: string, what: string): T {
  try {
    return JSON.parse(json) as T;
  } catch (error) {
    throw new TrueupError('TRUEUP_STORE_INVALID', `${what} in the store is not readable: it is no JSON.`, {
      origin: error,
    });
  }
}
