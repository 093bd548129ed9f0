import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, canonicalParts } from '../../src/model/canonical.ts';

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, part]) => [key, shuffled(part)]),
  );
}

describe('canonical JSON', () => {
  it('is the same bytes however a value was put together, whole and in parts', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(shuffled(value))).toBe(text);
        expect([...canonicalParts(value)].join('')).toBe(text);
      }),
    );
  });

  it('leaves out what is undefined, and cuts no long list into another one', () => {
    const value = { b: undefined, a: [{ x: undefined }, null], c: Array.from({ length: 25_000 }, (_, at) => `n${at}`) };
    expect([...canonicalParts(value)].join('')).toBe(canonicalJson(value));
    expect(canonicalJson(value).startsWith('{"a":[{},null],"c":["n0",')).toBe(true);
    expect([...canonicalParts({})].join('')).toBe('{}');
  });
});
