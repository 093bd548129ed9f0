/** How passwords travel, with Node's own cryptography: many boxes are opened on all cores at once. */
import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Boxes } from '../credential-ports.ts';
import { openBytes, publicKeyText, readPublicKey, sealBytes } from '../endpoint/envelope.ts';

const generate = promisify(generateKeyPair);

export const boxes: Boxes = {
  async makePair() {
    const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
    return { publicKey: publicKeyText(publicKey), privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }) };
  },
  open: (privateKey, sealed) =>
    sealed.length < fewest ? Promise.resolve(openedHere(privateKey, sealed)) : openedElsewhere(privateKey, sealed),
  seal(plain, publicKey) {
    const key = readPublicKey(publicKey);
    return key === null ? null : sealBytes(plain, key);
  },
};

/** One takes about a millisecond, and a thread some thirty to begin. */
const fewest = 64;
/** So many go to a thread at a time: none is idle for long at the end. */
const atOnce = 32;

function openedHere(privateKey: Buffer, sealed: readonly string[]): readonly (Buffer | null)[] {
  const key = privateKeyOf(privateKey);
  return sealed.map((box) => openedOrNull(box, key));
}

export function privateKeyOf(der: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(der.buffer, der.byteOffset, der.length), format: 'der', type: 'pkcs8' });
}

/** Null: this key does not open it. */
export function openedOrNull(box: string, key: KeyObject): Buffer | null {
  try {
    return openBytes(box, key);
  } catch {
    return null;
  }
}

/** What a thread is sent: some boxes, and which they are. */
export interface ToOpen {
  readonly start: number;
  readonly boxes: readonly string[];
}

/** What it answers. */
export interface InBoxes {
  readonly start: number;
  readonly plain: readonly (Uint8Array | null)[];
}

async function openedElsewhere(privateKey: Buffer, sealed: readonly string[]): Promise<readonly (Buffer | null)[]> {
  const found: (Buffer | null)[] = Array.from({ length: sealed.length }, () => null);
  let next = 0;
  const take = (): ToOpen | null => {
    if (next >= sealed.length) return null;
    const start = next;
    next += atOnce;
    return { start, boxes: sealed.slice(start, next) };
  };
  const put = ({ start, plain }: InBoxes): void => {
    for (const [index, bytes] of plain.entries()) {
      if (bytes !== null) found[start + index] = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    }
  };
  const threads = Math.min(availableParallelism(), Math.ceil(sealed.length / atOnce));
  const ends = await Promise.allSettled(Array.from({ length: threads }, () => thread(privateKey, take, put)));
  for (const end of ends) {
    if (end.status === 'fulfilled') continue;
    for (const one of found) one?.fill(0);
    throw end.reason;
  }
  return found;
}

function thread(privateKey: Buffer, take: () => ToOpen | null, put: (opened: InBoxes) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // Of its own, since the thread overwrites it.
    const key = Uint8Array.from(privateKey);
    const opener = new Worker(new URL(`./box-thread${import.meta.url.slice(-3)}`, import.meta.url), {
      workerData: key,
      transferList: [key.buffer],
    });
    const proceed = (): void => {
      const work = take();
      if (work === null) void opener.terminate();
      else opener.postMessage(work, []);
    };
    opener.on('message', (opened: InBoxes) => {
      put(opened);
      proceed();
    });
    opener.once('error', reject);
    opener.once('exit', () => resolve());
    proceed();
  });
}
