/** The boxes that passwords travel in, opened in this thread; keys come from a pool, since making one takes a while. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Boxes } from '../../../src/credential-ports.ts';
import { NotOpened, openBox, publicKeyText, readPublicKey, sealBox } from '../../../src/endpoint/envelope.ts';
import { keyOfText } from './rsa.ts';

interface Pair {
  readonly publicKey: string;
  readonly privateKey: Buffer;
}

/** Each made when it is asked for the first time: no schedule gets the same one twice. */
const pool: Pair[] = [];

function pairOf(text: string): Pair {
  const key = keyOfText(text);
  return { publicKey: publicKeyText(createPublicKey(key)), privateKey: key.export({ format: 'der', type: 'pkcs8' }) };
}

/** `own`: every pair is made for this schedule alone, of that text; null: they are of the pool. A box is opened once; whoever opens it again gets what was in it. */
export function boxesOf(own: string | null): Boxes & { readonly opened: (box: string, key: Buffer) => string | null } {
  let next = 0;
  const keys = new Map<string, KeyObject>();
  const texts = new Map<string, string | null>();

  function keyOf(der: Buffer): { readonly name: string; readonly key: KeyObject } {
    const name = createHash('sha256').update(der).digest('base64');
    const key = keys.get(name) ?? createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    keys.set(name, key);
    return { name, key };
  }

  function opened(box: string, der: Buffer): string | null {
    const { name, key } = keyOf(der);
    const known = texts.get(`${name} ${box}`);
    if (known !== undefined) return known;
    const text = textIn(box, key);
    texts.set(`${name} ${box}`, text);
    return text;
  }

  return {
    opened,
    makePair: async () => {
      const pair = own === null ? (pool[next] ?? pairOf(`pool ${next}`)) : pairOf(`${own} ${next}`);
      if (own === null) pool[next] = pair;
      next += 1;
      return { publicKey: pair.publicKey, privateKey: Buffer.from(pair.privateKey) };
    },
    open: async (der, boxes) =>
      boxes.map((box) => {
        const text = opened(box, der);
        return text === null ? null : Buffer.from(text, 'utf8');
      }),
    seal: (plain, publicKey) => {
      const key = readPublicKey(publicKey);
      return key === null ? null : sealBox(plain.toString('utf8'), key);
    },
  };
}

/** Null: the key does not open it. */
function textIn(box: string, key: KeyObject): string | null {
  try {
    return openBox(box, key);
  } catch (error) {
    if (error instanceof NotOpened) return null;
    throw error;
  }
}
