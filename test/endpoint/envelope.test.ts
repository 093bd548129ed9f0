/** Boxes: what one key seals, its other half opens, and nothing else does. */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotOpened, openBox, publicKeyText, readPublicKey, sealBox } from '../../src/endpoint/envelope.ts';

const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('a box', () => {
  it('opens to the very text, in whatever alphabet and of whatever length', () => {
    const text = fc.string({ unit: 'binary', maxLength: 400 }).filter((one) => one.isWellFormed());
    fc.assert(
      fc.property(text, (one) => {
        expect(openBox(sealBox(one, ours.publicKey), ours.privateKey)).toBe(one);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['190 bytes, one block of RSA', 'x'.repeat(190), 256],
    ['191 bytes, in AES beside it', 'x'.repeat(191), 256 + 16 + 192 + 32],
    ['a long password of letters with three bytes', '字'.repeat(127), 256 + 16 + 384 + 32],
  ])('of %s', (_, text, bytes) => {
    const box = sealBox(text, ours.publicKey);
    expect(Buffer.from(box, 'base64')).toHaveLength(bytes);
    expect(openBox(box, ours.privateKey)).toBe(text);
  });

  it('is another one each time', () => {
    expect(sealBox('secret', ours.publicKey)).not.toBe(sealBox('secret', ours.publicKey));
  });

  it('does not open with another key, nor after any byte of it was changed, and says nothing of its content', () => {
    for (const text of ['short', 'x'.repeat(300)]) {
      const box = sealBox(text, ours.publicKey);
      expect(() => openBox(box, theirs.privateKey)).toThrow(NotOpened);
      const bytes = Buffer.from(box, 'base64');
      for (const at of [0, 255, 256, bytes.length - 40, bytes.length - 1]) {
        const altered = Buffer.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ 1;
        if (at < bytes.length) expect(() => openBox(altered.toString('base64'), ours.privateKey)).toThrow(NotOpened);
      }
      for (const length of [0, 1, 255, 257, 300]) {
        if (length >= bytes.length) continue;
        expect(() => openBox(bytes.subarray(0, length).toString('base64'), ours.privateKey)).toThrow(NotOpened);
      }
    }
  });
});

describe('a public key', () => {
  it('travels as modulus and exponent', () => {
    const text = publicKeyText(ours.publicKey);
    expect(text).toMatch(/^[A-Za-z0-9+/]{342}==,AQAB$/);
    const read = readPublicKey(text);
    expect(read && openBox(sealBox('secret', read), ours.privateKey)).toBe('secret');
  });

  it.each(['', 'AQAB', 'AQAB,AQAB', `${publicKeyText(ours.publicKey)},AQAB`, 'hello,world'])('is not %j', (text) => {
    expect(readPublicKey(text)).toBeNull();
  });

  it('has 2048 bits and no fewer', () => {
    expect(readPublicKey(publicKeyText(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey))).toBeNull();
  });
});
