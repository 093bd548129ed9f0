import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Complexity } from '../../src/model/operation.ts';
import { defaultRotation } from '../../src/model/rotation.ts';
import { composed, type Draw } from '../../src/rotation/password.ts';

const usual = defaultRotation.complexity;

/** Not random, and never the same twice. */
function drawing(seed: number): Draw {
  let state = seed + 1;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
}

function text(complexity: Complexity, avoid: readonly string[] = [], seed = 1): string | null {
  const bytes = composed(complexity, avoid, drawing(seed));
  return bytes === null ? null : String.fromCharCode(...bytes);
}

const complexities = fc.record({
  minLength: fc.integer({ min: 8, max: 60 }),
  minDigits: fc.integer({ min: 0, max: 12 }),
  minUppercase: fc.integer({ min: 0, max: 12 }),
  minLowercase: fc.integer({ min: 0, max: 12 }),
  minSpecial: fc.integer({ min: 0, max: 12 }),
  excludeChars: fc.string({ maxLength: 8, unit: fc.constantFrom(...'0Oo1lI|"\'') }),
  words: fc.constant(null),
});

describe('a password', () => {
  it('has what its policy demands, and nothing that is excluded', () => {
    fc.assert(
      fc.property(complexities, fc.nat(), (complexity, seed) => {
        const password = text(complexity, [], seed) ?? '';
        const count = (pattern: RegExp): number => (password.match(pattern) ?? []).length;
        const minima = complexity.minDigits + complexity.minUppercase + complexity.minLowercase + complexity.minSpecial;
        expect(password).toMatch(/^[!-~]+$/);
        expect(password).toHaveLength(Math.max(complexity.minLength, minima));
        expect(count(/\d/g)).toBeGreaterThanOrEqual(complexity.minDigits);
        expect(count(/[A-Z]/g)).toBeGreaterThanOrEqual(complexity.minUppercase);
        expect(count(/[a-z]/g)).toBeGreaterThanOrEqual(complexity.minLowercase);
        expect(count(/[^A-Za-z\d]/g)).toBeGreaterThanOrEqual(complexity.minSpecial);
        expect([...password].filter((one) => complexity.excludeChars.includes(one))).toEqual([]);
      }),
    );
  });

  it('of words is words and two digits, in capitals first', () => {
    const phrase = text({ ...usual, words: 4, minLength: 8 });
    expect(phrase).toMatch(/^([B-Z][aeiou][b-z][aeiou][b-z]-){4}\d\d$/);
    expect(phrase).toHaveLength(26);
  });

  it('has no part of a name, in whatever case', () => {
    const only: Complexity = {
      ...usual,
      minLength: 8,
      minDigits: 0,
      minUppercase: 0,
      minLowercase: 8,
      minSpecial: 0,
      // What is left are a, b and c.
      excludeChars: 'defghijklmnopqrstuvwxyz',
    };
    for (let seed = 0; seed < 200; seed += 1) expect(text(only, ['ABC', 'x.bca y'], seed)).not.toMatch(/abc|bca/);
    expect(text(only, ['AA', 'b-'])).not.toBeNull();
  });

  it.each([
    ['too many characters', { minLength: 8, minDigits: 128 }],
    ['a class of which all is excluded', { excludeChars: '0123456789' }],
    ['words shorter than the length', { words: 3, minLength: 30 }],
    [
      'parts of names everywhere',
      { minDigits: 20, minUppercase: 0, minLowercase: 0, minSpecial: 0, excludeChars: '12345678' },
    ],
  ])('is not to be had where %s are asked for', (what, parts) => {
    const avoid = what.startsWith('parts') ? ['000', '999', '090', '909', '009', '990', '099', '900'] : [];
    expect(text({ ...usual, ...parts }, avoid)).toBeNull();
  });
});
