import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openerOf, recipientOf } from '../../src/secrets/recipient.ts';
import { openStream, sealStream } from '../../src/secrets/sealed-stream.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const recipient = recipientOf(publicKey.export({ type: 'spki', format: 'pem' }), 'public.pem');
const opener = openerOf(privateKey.export({ type: 'pkcs8', format: 'pem' }), 'private.pem', null);
const part = 256 * 1024;

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function sealed(plain: Buffer, size = 70_000): Promise<Buffer> {
  return all(sealStream(inPieces(plain, size), recipient, '2026-03-02T09:00:00.000Z'));
}

function opened(bytes: Buffer, size = 50_000): Promise<Buffer> {
  return all(openStream(inPieces(bytes, size), opener));
}

describe('a sealed stream', () => {
  it.each([0, 1, part - 1, part, part + 1, 3 * part, 3 * part + 17])(
    'of %i bytes opens to what was sealed',
    async (length) => {
      const plain = randomBytes(length);
      const bytes = await sealed(plain);
      expect((await opened(bytes)).equals(plain)).toBe(true);
      expect(length < 100 || !bytes.includes(plain.subarray(0, 50))).toBe(true);
    },
  );

  it('does not open once any byte of it is another, or any end of it is missing', async () => {
    const plain = randomBytes(2 * part + 100);
    const bytes = await sealed(plain);
    const refused = { code: expect.stringMatching(/^TRUEUP_(?:BACKUP_INVALID|BOX_CLOSED)$/) };
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const altered = Buffer.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ change;
        await expect(opened(altered)).rejects.toMatchObject(refused);
        await expect(opened(bytes.subarray(0, at))).rejects.toMatchObject(refused);
      }),
      { numRuns: 60 },
    );
    await expect(opened(Buffer.concat([bytes, Buffer.of(0)]))).rejects.toMatchObject(refused);
  });

  it('does not open with parts that were left out, repeated or swapped', async () => {
    const bytes = await sealed(randomBytes(3 * part));
    const begin = bytes.indexOf(0x0a) + 1;
    const step = 4 + part + 16;
    const [head, parts] = [
      bytes.subarray(0, begin),
      [0, 1, 2].map((index) => bytes.subarray(begin + index * step, begin + (index + 1) * step)),
    ];
    const [one, two, three] = parts as [Buffer, Buffer, Buffer];
    expect(three).toHaveLength(step);
    for (const order of [
      [one, two],
      [one, three],
      [two, one, three],
      [one, two, two, three],
      [two, three],
      [one, two, three, three],
    ]) {
      await expect(opened(Buffer.concat([head, ...order]))).rejects.toMatchObject({ code: 'TRUEUP_BACKUP_INVALID' });
    }
    const other = await sealed(randomBytes(3 * part));
    await expect(opened(Buffer.concat([head, other.subarray(other.indexOf(0x0a) + 1)]))).rejects.toMatchObject({
      code: 'TRUEUP_BACKUP_INVALID',
    });
  });
});
