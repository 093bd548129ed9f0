import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownBytes } from '../../src/tanium/known-bytes.ts';

/** In JSON with the quote that ends it, so that none is the beginning of another. */
function literal(text: string): Buffer {
  return Buffer.from(JSON.stringify(text).slice(1));
}

/** Of few letters, so that much is common to them. */
const text = fc
  .array(fc.constantFrom('a', 'b', '"', '\\', 'é', '\u0000'), { maxLength: 12 })
  .map((all) => all.join(''));

describe('known bytes', () => {
  it('are found wherever they stand, whatever comes behind them, and nothing else is', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), text, text, (texts, before, behind) => {
        const known = knownBytes<string>();
        const kept = new Set<string>();
        for (const one of texts) {
          const own = literal(one);
          const start = Buffer.from(before).length;
          const bytes = Buffer.concat([Buffer.from(before), own, Buffer.from(behind)]);
          expect(known.find(bytes, start)?.value).toBe(kept.has(one) ? one : undefined);
          if (!kept.has(one)) known.keep(bytes, start, start + own.length, one);
          // What follows is too short to be told from something longer: it is kept another time.
          if (known.find(bytes, start) !== null) kept.add(one);
        }
        for (const one of kept) {
          const own = literal(one);
          expect(known.find(own, 0)).toEqual({ bytes: own, value: one });
          expect(known.find(own.subarray(0, -1), 0)).toBeNull();
        }
      }),
    );
  });

  it('are kept however alike they are', () => {
    const known = knownBytes<number>();
    const texts = Array.from({ length: 400 }, (_, place) => literal(`${'a'.repeat(place)}b${'a'.repeat(500 - place)}`));
    const bytes = Buffer.concat([...texts, Buffer.alloc(600)]);
    for (const [at, own] of texts.entries()) known.keep(bytes, at * own.length, (at + 1) * own.length, at);
    for (const [at, own] of texts.entries()) expect(known.find(bytes, at * own.length)?.value).toBe(at);
  });

  it('of more forks than are gone are not found, and those before them still are', () => {
    const known = knownBytes<number>();
    const texts = Array.from({ length: 700 }, (_, place) => literal(`${'a'.repeat(place)}b${'a'.repeat(800 - place)}`));
    for (const [at, own] of texts.entries()) known.keep(Buffer.concat([own, Buffer.alloc(900)]), 0, own.length, at);
    const found = texts.filter((own) => known.find(own, 0) !== null);
    expect(found.length).toBeGreaterThan(400);
    expect(found.length).toBeLessThan(700);
  });
});
