/**
 * A long secret as a stream, sealed to a recipient: nothing of it is trusted before it is checked, and an end that was cut
 * off shows.
 *
 * One line of JSON says to whom, and holds the key of this stream in a box. Then come parts: 4 bytes of length (big-endian)
 * and so many bytes of AES-256-GCM with the tag at the end. A part's nonce is its number (11 bytes) and whether it is the last
 * (1 byte); the line is its associated data. So no part can be left out, moved, repeated or put into another stream (the
 * STREAM construction, https://eprint.iacr.org/2015/189).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Recipient } from '../credential-ports.ts';
import { TrueupError } from '../errors.ts';
import type { Opener } from './recipient.ts';

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const tagBytes = 16;
const partBytes = 256 * 1024;
const lineFeed = 0x0a;
const mostHeadBytes = 64 * 1024;

export interface StreamHead {
  /** ISO time. */
  readonly madeAt: string;
  /** Fingerprint of whom it is sealed to. */
  readonly recipient: string;
  readonly box: string;
}

function bindingOf({ madeAt }: Pick<StreamHead, 'madeAt'>): readonly string[] {
  return ['trueup stream', madeAt];
}

/** Part by part; what is given may come in pieces of any length. */
export async function* sealStream(
  plain: AsyncIterable<Buffer>,
  recipient: Recipient,
  madeAt: string,
): AsyncGenerator<Buffer> {
  const key = randomBytes(keyBytes);
  const head: StreamHead = {
    madeAt,
    recipient: recipient.fingerprint,
    box: recipient.seal(key, bindingOf({ madeAt })),
  };
  const line = Buffer.from(`${JSON.stringify({ trueup: 'sealed stream', version: 1, ...head })}\n`, 'utf8');
  yield line;
  let number = 0;
  let waiting: Buffer = Buffer.alloc(0);
  for await (const piece of plain) {
    waiting = Buffer.concat([waiting, piece]);
    // One part is always held back: the last one is told from the others.
    while (waiting.length > partBytes) {
      yield sealedPart(waiting.subarray(0, partBytes), key, line, number, false);
      waiting = waiting.subarray(partBytes);
      number += 1;
    }
  }
  yield sealedPart(waiting, key, line, number, true);
  key.fill(0);
}

function sealedPart(plain: Buffer, key: Buffer, line: Buffer, number: number, isLast: boolean): Buffer {
  const cipher = createCipheriv(algorithm, key, nonceOf(number, isLast)).setAAD(line);
  const body = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 7);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

/** Throws TRUEUP_BACKUP_INVALID where it was altered or cut off, TRUEUP_BOX_CLOSED where it is sealed to somebody else. */
export async function* openStream(sealed: AsyncIterable<Buffer>, opener: Opener): AsyncGenerator<Buffer> {
  const source = piecesOf(sealed);
  const line = await source.upTo(lineFeed, mostHeadBytes);
  const key = opener.open(...boxIn(line));
  try {
    for (let number = 0; ; number += 1) {
      const length = (await source.exactly(4)).readUInt32BE();
      if (length < tagBytes || length > partBytes + tagBytes) throw altered('holds a part that cannot be');
      const body = await source.exactly(length);
      const isLast = await source.isOver();
      yield openedPart(body, key, line, number, isLast);
      if (isLast) return;
    }
  } finally {
    key.fill(0);
  }
}

function boxIn(line: Buffer): [box: string, binding: readonly string[]] {
  let head: Partial<Record<'trueup' | 'version' | keyof StreamHead, unknown>>;
  try {
    head = JSON.parse(line.toString('utf8')) as typeof head;
  } catch {
    throw altered('is none of ours');
  }
  const { trueup, version, madeAt, box } = head;
  if (trueup !== 'sealed stream' || version !== 1 || typeof madeAt !== 'string' || typeof box !== 'string') {
    throw altered('is none of ours, or of a newer version');
  }
  return [box, bindingOf({ madeAt })];
}

function openedPart(body: Buffer, key: Buffer, line: Buffer, number: number, isLast: boolean): Buffer {
  const decipher = createDecipheriv(algorithm, key, nonceOf(number, isLast), { authTagLength: tagBytes })
    .setAAD(line)
    .setAuthTag(body.subarray(-tagBytes));
  const plain = decipher.update(body.subarray(0, -tagBytes));
  try {
    decipher.final();
    return plain;
  } catch {
    plain.fill(0);
    throw altered('was altered, or its end is missing');
  }
}

interface Pieces {
  /** With the byte at its end. */
  upTo(byte: number, most: number): Promise<Buffer>;
  exactly(length: number): Promise<Buffer>;
  isOver(): Promise<boolean>;
}

/** Reads a stream by lengths. Throws TRUEUP_BACKUP_INVALID where it ends before. */
export function piecesOf(stream: AsyncIterable<Buffer>): Pieces {
  const iterator = stream[Symbol.asyncIterator]();
  let waiting: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const next = await iterator.next();
    if (next.done === true) return false;
    waiting = waiting.length === 0 ? next.value : Buffer.concat([waiting, next.value]);
    return true;
  }

  function take(length: number): Buffer {
    const taken = waiting.subarray(0, length);
    waiting = waiting.subarray(length);
    return taken;
  }

  return {
    async upTo(byte, most) {
      for (;;) {
        const at = waiting.indexOf(byte);
        if (at !== -1) return take(at + 1);
        if (waiting.length > most || !(await more())) throw altered('is none of ours');
      }
    },
    async exactly(length) {
      while (waiting.length < length) if (!(await more())) throw altered('is cut off');
      return take(length);
    },
    async isOver() {
      while (waiting.length === 0) if (!(await more())) return true;
      return false;
    },
  };
}

function altered(how: string): TrueupError {
  return new TrueupError('TRUEUP_BACKUP_INVALID', `The backup ${how}.`);
}
