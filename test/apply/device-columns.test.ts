import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceColumns } from '../../src/apply/device-columns.ts';
import type { ObservedDevice } from '../../src/model/observed.ts';

const device: fc.Arbitrary<ObservedDevice> = fc.record({
  computerId: fc.oneof(fc.integer({ min: 1, max: 9 }).map(String), fc.constantFrom('0', '07', '4294967295', 'x')),
  name: fc.constantFrom('', 'SRV-1', 'SRV-2.corp.example', '\ud800'),
  domain: fc.constantFrom(null, '', 'corp.example'),
  os: fc.constantFrom('', 'Windows 11', 'Linux'),
  text: fc.nat(5),
});

describe('columns of devices', () => {
  it('are what a list of the rows would be, in which a later row takes the place of an earlier one', () => {
    fc.assert(
      fc.property(fc.array(device, { maxLength: 40 }), (rows) => {
        const columns = deviceColumns();
        const expected = new Map<string, ObservedDevice>();
        for (const row of rows) {
          columns.put(row, row.text);
          expected.set(row.computerId, row);
        }
        const list = [...expected.values()];
        expect([...columns]).toEqual(list);
        expect(columns.length).toBe(list.length);
        expect([...columns.textIndexes]).toEqual(list.map(({ text }) => text));
        for (const [place, one] of list.entries()) {
          expect(columns.at(place)).toEqual(one);
          expect(columns.nameAt(place)).toBe(one.name);
        }
        expect(columns.at(list.length)).toBeUndefined();
        expect(columns.nameAt(list.length)).toBeUndefined();
      }),
    );
  });

  it('hold more devices than there was room for at first', () => {
    const columns = deviceColumns();
    const rows = Array.from({ length: 5000 }, (_, index) => {
      return {
        computerId: String(4_294_967_295 - index),
        name: `PC-${index}`,
        domain: null,
        os: 'Windows 11',
        text: index,
      };
    });
    for (const row of rows) columns.put(row, row.text);
    expect([...columns]).toEqual(rows);
  });
});
