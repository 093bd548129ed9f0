/**
 * How passwords travel, with Node's own cryptography. Boxes are opened by the threads that Node has for such work (four,
 * unless UV_THREADPOOL_SIZE says otherwise): threads of our own would each take the memory of a program.
 */
import { isUtf8 } from 'node:buffer';
import { createPrivateKey, generateKeyPair, type KeyObject, webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import type { Boxes } from '../credential-ports.ts';
import { openBytes, publicKeyText, readPublicKey, sealBytes } from '../endpoint/envelope.ts';

const generate = promisify(generateKeyPair);

export const boxes: Boxes = {
  async makePair() {
    const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
    return { publicKey: publicKeyText(publicKey), privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }) };
  },
  open: opened,
  seal(plain, publicKey) {
    const key = readPublicKey(publicKey);
    return key === null ? null : sealBytes(plain, key);
  },
};

/** So many are under way at a time: no thread waits for the next one, and others' work gets its turn. */
const atOnce = 16;
/** Of a box that is one block of RSA-2048, as that of any password is. */
const blockBytes = 256;
const oaep = { name: 'RSA-OAEP', hash: 'SHA-256' };

async function opened(privateKey: Buffer, sealed: readonly string[]): Promise<readonly (Buffer | null)[]> {
  const whole = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' });
  const found: (Buffer | null)[] = Array.from({ length: sealed.length }, () => null);
  const waiting = sealed.entries();
  const work = async (): Promise<void> => {
    // A key serves one thread at a time, and the others wait for it: each has one of its own.
    const key = await webcrypto.subtle.importKey('pkcs8', privateKey, oaep, false, ['decrypt']);
    for (const [index, box] of waiting) {
      const bytes = Buffer.from(box, 'base64');
      found[index] = bytes.length === blockBytes ? await blockOf(bytes, key) : wholeOf(box, whole);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, sealed.length) }, work));
  return found;
}

/** Null: this key does not open it, or it is no text. */
async function blockOf(block: Buffer, key: webcrypto.CryptoKey): Promise<Buffer | null> {
  let plain: Buffer;
  try {
    plain = Buffer.from(await webcrypto.subtle.decrypt(oaep, key, block));
  } catch {
    return null;
  }
  if (isUtf8(plain)) return plain;
  plain.fill(0);
  return null;
}

function wholeOf(box: string, key: KeyObject): Buffer | null {
  try {
    return openBytes(box, key);
  } catch {
    return null;
  }
}
