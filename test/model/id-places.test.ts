import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idPlaces } from '../../src/model/id-places.ts';

const id = fc.oneof(
  fc.integer({ min: 1, max: 0xffff_ffff }).map(String),
  fc.integer({ min: 1, max: 30 }).map(String),
  fc.constantFrom('', '0', '07', '7', '4294967295', '4294967296', '99999999999', '1e5', ' 8', '٣', 'a'),
);

describe('places of Computer IDs', () => {
  it('are those at which each was named first', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 60 }), (ids) => {
        const places = idPlaces();
        const expected = [...new Set(ids)];
        for (const one of ids) expect(places.placeOf(one)).toBe(expected.indexOf(one));
        expect(places.size).toBe(expected.length);
        expect(expected.map((_, place) => places.idAt(place))).toEqual(expected);
        for (const one of ['5', '4294967295', 'b', ...ids]) expect(places.has(one)).toBe(expected.includes(one));
      }),
    );
  });

  it('stay the same while ten thousand are added', () => {
    const places = idPlaces();
    const ids = Array.from({ length: 10_000 }, (_, at) => String(Math.imul(at + 1, 0x9e3779b1) >>> 0));
    for (const one of ids) places.placeOf(one);
    expect(ids.map((one) => places.placeOf(one))).toEqual([...ids.keys()]);
    expect(ids.map((_, place) => places.idAt(place))).toEqual(ids);
    expect(places.size).toBe(ids.length);
  });
});
