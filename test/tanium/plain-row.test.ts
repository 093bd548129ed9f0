import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownCells } from '../../src/tanium/known-cells.ts';
import { plainRows } from '../../src/tanium/plain-row.ts';
import type { Row } from '../../src/tanium/result.ts';

interface Wire {
  readonly id: number;
  readonly cid: number;
  readonly ref_id?: number;
  readonly data: readonly (readonly { readonly text: string }[])[];
}

/** What devices can say to be taken for another, or for more than one cell. */
const hostile = [
  '"}],[{"text":"',
  '\\"}],[{\\"text\\":\\"',
  '"}]]},{"id":1,"cid":2,"data":[[{"text":"',
  `${'x'.repeat(80)}"}],[{"text":"1`,
  `${'y'.repeat(63)}\\`,
  'é'.repeat(70),
  '\u0000\u001f\u007f',
  '',
];
const text = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ maxLength: 100 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.tuple(fc.constantFrom('{"v":1,"d":"', ...hostile), fc.nat({ max: 3 })).map(([a, b]) => a.repeat(9) + b),
);
const wire: fc.Arbitrary<Wire> = fc.record(
  {
    id: fc.nat({ max: 0xffff_ffff }),
    cid: fc.nat({ max: 0xffff_ffff }),
    ref_id: fc.nat(),
    data: fc.array(
      text.map((one) => [{ text: one }]),
      { minLength: 1, maxLength: 5 },
    ),
  },
  { requiredKeys: ['id', 'cid', 'data'] },
);

function rowOf({ cid, data }: Wire): Row {
  return { cid: String(cid), cells: data.map((cell) => cell.map((one) => one.text)) };
}

describe('plain rows', () => {
  it('#22 say what JSON.parse reads in them, whatever devices say, and whatever was said before', () => {
    fc.assert(
      fc.property(fc.array(wire, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (rows, times) => {
        const body = Buffer.from(rows.map((row) => JSON.stringify(row)).join(','));
        const read = plainRows(knownCells());
        for (let time = 0; time < times; time += 1) {
          const found: Row[] = [];
          for (let at = 0; at < body.length; at += 1) {
            const end = read(body, at, found);
            expect(end).toBeGreaterThan(at);
            at = end;
          }
          expect(found).toEqual(rows.map(rowOf));
        }
      }),
    );
  });

  it('share one string for the same long text', () => {
    const read = plainRows(knownCells());
    const [state] = [`{"v":1,"d":"${'z'.repeat(200)}"}`];
    const rows = [1, 2, 1].map((cid) => ({
      id: 1,
      cid,
      data: [[{ text: String(cid) }], [{ text: state }], [{ text: '1' }]],
    }));
    const found: Row[] = [];
    for (const row of rows) read(Buffer.from(JSON.stringify(row)), 0, found);
    expect(found[1]?.cells[1]).toBe(found[0]?.cells[1]);
    expect(found.map((row) => row?.cells[0]?.[0])).toEqual(['1', '2', '1']);
  });

  it.each([
    ['cut anywhere', null],
    ['of several strings in a cell', '{"id":1,"cid":2,"data":[[{"text":"a"},{"text":"b"}]]}'],
    ['with blanks', '{"id": 1,"cid":2,"data":[[{"text":"a"}]]}'],
    ['with a number that JSON has not', '{"id":01,"cid":2,"data":[[{"text":"a"}]]}'],
    ['with a control character', '{"id":1,"cid":2,"data":[[{"text":"a\u0001"}]]}'],
    ['with an escape that JSON has not', '{"id":1,"cid":2,"data":[[{"text":"a\\x"}]]}'],
    ['with something behind the cells', '{"id":1,"cid":2,"data":[[{"text":"a"}]],"more":1}'],
  ])('%s are left to the parser', (_, body) => {
    const whole = JSON.stringify({
      id: 1,
      cid: 2,
      ref_id: 3,
      data: [[{ text: '2' }], [{ text: `"${'z'.repeat(90)}` }]],
    });
    const bodies = body === null ? [...whole].map((__, length) => whole.slice(0, length)) : [body];
    for (const one of bodies) {
      const found: Row[] = [];
      expect(plainRows(knownCells())(Buffer.from(one), 0, found)).toBe(0);
      expect(found).toEqual([]);
    }
  });

  it('that are not UTF-8 are left to the parser', () => {
    const body = Buffer.from(JSON.stringify({ id: 1, cid: 2, data: [[{ text: 'z'.repeat(90) }]] }));
    body[60] = 0xff;
    const found: Row[] = [];
    expect(plainRows(knownCells())(body, 0, found)).toBe(0);
    expect(found).toEqual([]);
  });
});
