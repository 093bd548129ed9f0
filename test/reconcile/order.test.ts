import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bearersOf } from '../../src/reconcile/bearers.ts';
import { byComputerId, compareIds, placesById } from '../../src/reconcile/id-order.ts';

const id = fc.oneof(
  fc.nat({ max: 0xffff_ffff }).map(String),
  fc.constantFrom(null, '0', '007', '7', '4294967295', '4294967296', '12345678901234567890', '1e5', ' 8', ''),
);

describe('Computer IDs', () => {
  it.each(['of 32 bits', 'of any kind'] as const)('%s are put into one order, those of one ID by the rest', (kind) => {
    const ids = kind === 'of 32 bits' ? fc.option(fc.integer({ min: 1, max: 40 }).map(String)) : id;
    fc.assert(
      fc.property(fc.array(fc.record({ id: ids, rest: fc.nat({ max: 9 }) })), (items) => {
        const places = placesById(
          items.length,
          (at) => items[at]?.id ?? null,
          (a, b) => (items[a]?.rest ?? 0) - (items[b]?.rest ?? 0),
        );
        const found = Array.from(places, (at) => items[at]);
        expect(found).toEqual(items.toSorted((a, b) => compareIds(a.id, b.id) || a.rest - b.rest));
      }),
    );
  });

  it('that are equal stay as they came', () => {
    const items = [3, 1, 3, 2, 3].map((number, place) => ({ id: String(number), place }));
    expect(byComputerId(items, (item) => item.id).map(({ place }) => place)).toEqual([1, 3, 0, 2, 4]);
  });
});

describe('names', () => {
  it('are shared where another differs in case at most', () => {
    const name = fc.oneof(
      fc.constantFrom('', 'WS-1', 'ws-1', 'STRASSE', 'straße', 'K1', '\u212a1', 'k1', 'İ', 'i̇', 'Ä', 'ä'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const isShared = bearersOf(names.length, (at) => names[at] ?? '');
        const lower = names.map((one) => one.toLowerCase());
        for (const at of names.keys()) {
          expect(isShared(at)).toBe(lower.some((other, index) => index !== at && other === lower[at]));
        }
      }),
    );
  });
});
