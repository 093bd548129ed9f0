/** Boxes across: sealed by the script and opened by node:crypto, and the other way round. */
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NotOpened, openBox, publicKeyText, sealBox } from '../../src/endpoint/envelope.ts';
import { asciiJson, type JsonObject } from '../../src/endpoint/json.ts';
import { type Loop, pwsh, scripts, startLoop } from './powershell.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = privateKey.export({ format: 'jwk' });
/** As the script keeps the key of a session. */
const privateText = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi]
  .map((part) => Buffer.from(String(part), 'base64url').toString('base64'))
  .join(',');

const block = 256;
/** Name, text, and whether it is in one block of RSA. */
const texts: readonly (readonly [string, string, boolean])[] = [
  ['one character', 'x', true],
  ['a password of printable ASCII', '!"#$%&\'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~', true],
  ['umlauts, CJK and a pair', 'Größe 字 😀', true],
  ['a byte order mark and control characters', '\ufeffa\0\r\n\t', true],
  ['190 bytes', 'p'.repeat(190), true],
  ['191 bytes', 'p'.repeat(191), false],
  ['192 bytes, whole blocks of AES', 'p'.repeat(192), false],
  ['127 characters of three bytes', '字'.repeat(127), false],
];

/** Each of these boxes is another one than was sealed. */
function altered(box: string): readonly string[] {
  const bytes = Buffer.from(box, 'base64');
  const flipped = [0, 100, 255, 256, 271, 272, bytes.length - 33, bytes.length - 32, bytes.length - 1]
    .filter((at) => at < bytes.length)
    .map((at) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    });
  const cut = [1, 255, 257, 304, bytes.length - 16, bytes.length - 1]
    .filter((length) => length < bytes.length)
    .map((length) => bytes.subarray(0, length));
  return [...flipped, ...cut, Buffer.concat([bytes, Buffer.alloc(16)])].map((some) => some.toString('base64'));
}

describe.skipIf(pwsh === null)('a box of the script and of node:crypto', () => {
  const loop: Loop | null = pwsh === null ? null : startLoop(join(scripts, 'test', 'seal.loop.ps1'));
  afterAll(() => loop?.end());

  async function ask(request: JsonObject): Promise<string | null> {
    return JSON.parse((await loop?.ask(asciiJson(request))) ?? '{}').text;
  }

  it.each(texts)('that the script seals is opened here: %s', async (_, text, isBlock) => {
    const box = (await ask({ seal: text, key: publicKeyText(publicKey) })) ?? '';
    expect(Buffer.from(box, 'base64').length === block).toBe(isBlock);
    expect(openBox(box, privateKey)).toBe(text);
  });

  it.each(texts)('that is sealed here is opened by the script: %s', async (_, text) => {
    expect(await ask({ open: sealBox(text, publicKey), key: privateText })).toBe(text);
  });

  it('is opened by neither after it was altered or cut', async () => {
    for (const [, text] of texts.slice(4)) {
      for (const box of altered(sealBox(text, publicKey))) {
        expect(await ask({ open: box, key: privateText })).toBeNull();
        expect(() => openBox(box, privateKey)).toThrow(NotOpened);
      }
    }
  });

  it('is opened by neither with another key', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (const [, text] of texts) {
      expect(await ask({ open: sealBox(text, other.publicKey), key: privateText })).toBeNull();
      const box = (await ask({ seal: text, key: publicKeyText(other.publicKey) })) ?? '';
      expect(() => openBox(box, privateKey)).toThrow(NotOpened);
    }
  });
});
