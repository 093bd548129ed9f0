/** Many boxes at once, and few. */
import { describe, expect, it } from 'vitest';
import { boxes } from '../../src/secrets/boxes.ts';

const ours = await boxes.makePair();
const theirs = await boxes.makePair();

function sealed(text: string, publicKey = ours.publicKey): string {
  return boxes.seal(Buffer.from(text), publicKey) ?? '';
}

describe('boxes', () => {
  it.each([3, 200])('%i of them open in their order, and one of another key does not', async (count) => {
    const all = Array.from({ length: count }, (_, index) =>
      index === 1 ? sealed('not ours', theirs.publicKey) : sealed(`password ${index}`),
    );
    const opened = await boxes.open(ours.privateKey, all);
    const texts = opened.map((plain) => plain?.toString() ?? null);
    expect(texts).toEqual(all.map((_, index) => (index === 1 ? null : `password ${index}`)));
  });

  it('leave the private key to its owner, who overwrites it', async () => {
    const key = Buffer.from(ours.privateKey);
    await boxes.open(
      key,
      Array.from({ length: 80 }, () => sealed('x')),
    );
    expect(key.equals(ours.privateKey)).toBe(true);
  });

  it('fail as one where the key is none', async () => {
    const none = Buffer.from('no key');
    await expect((async () => boxes.open(none, [sealed('x')]))()).rejects.toThrow();
    await expect(
      boxes.open(
        none,
        Array.from({ length: 80 }, () => sealed('x')),
      ),
    ).rejects.toThrow();
  });

  it('#180 are not sealed to a smaller key', () => {
    const small = `${Buffer.alloc(128, 0xab).toString('base64')},AQAB`;
    expect([boxes.seal(Buffer.from('x'), small), boxes.seal(Buffer.from('x'), 'AQAB')]).toEqual([null, null]);
  });
});
