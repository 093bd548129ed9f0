import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TruncatedBody } from '../../src/tanium/failure.ts';
import { asBytes, jsonElements } from '../../src/tanium/json-elements.ts';
import { type ResultHeader, type ResultParser, type Row, serverTime } from '../../src/tanium/result.ts';
import { jsonResults } from '../../src/tanium/results-json.ts';
import { xmlResults } from '../../src/tanium/results-xml.ts';

interface Read {
  readonly rows: readonly Row[];
  readonly header: ResultHeader;
}

function read(parser: ResultParser, bytes: Uint8Array, cuts: readonly number[] = []): Read {
  const rows: Row[] = [];
  let start = 0;
  for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
    rows.push(...parser.push(bytes.subarray(start, cut)));
    start = cut;
  }
  return { rows, header: parser.end() };
}

const now = '2026/03/02 09:14:08 GMT-0000';
const columns = [
  { hash: 3556221173, name: 'Computer ID', type: 1 },
  { hash: 12, name: 'NPS Admin Members', type: 1 },
  { hash: 0, name: 'Count', type: 3 },
];

function jsonDocument(rows: readonly Row[]): Buffer {
  const set = {
    age: 0,
    estimated_total: 9950,
    mr_tested: 9951,
    mr_passed: 9951,
    tested: 9951,
    passed: 9812,
    row_count: rows.length,
    filtered_row_count: rows.length,
    cache_id: '1234567',
    columns,
    rows: rows.map(({ cid, cells }) => ({
      id: 77,
      cid: Number(cid),
      data: cells.map((cell) => cell.map((text) => ({ text }))),
    })),
    item_count: rows.length,
  };
  return Buffer.from(JSON.stringify({ data: { now, max_available_age: '', result_sets: [set] } }));
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\r\n\t]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function xmlDocument(rows: readonly Row[]): Buffer {
  const cs = columns.map(
    ({ hash, name, type }) => `<c><wh>${hash}</wh><dn>${escapeXml(name)}</dn><rt>${type}</rt></c>`,
  );
  const rs = rows.map(({ cid, cells }) => {
    const cells_ = cells.map((cell) => `<c>${cell.map((text) => `<v>${escapeXml(text)}</v>`).join('')}</c>`);
    return `<r><id>77</id><cid>${cid}</cid>${cells_.join('')}</r>`;
  });
  return Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?>\n<result_sets><now>${now}</now><result_set><estimated_total>9950</estimated_total>` +
      `<mr_tested>9951</mr_tested><mr_passed>9951</mr_passed><tested>9951</tested><passed>9812</passed>` +
      `<row_count>${rows.length}</row_count><cs>${cs.join('')}</cs><filtered_row_count>${rows.length}</filtered_row_count>` +
      `<cache_id>1234567</cache_id><rs>${rs.join('')}</rs></result_set></result_sets>`,
  );
}

/** Text that XML can carry at all. */
const text = fc
  .string({ unit: 'binary', maxLength: 30 })
  .map((value) => value.toWellFormed().replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\uFFFE\uFFFF]/g, '?'));
const row: fc.Arbitrary<Row> = fc.record({
  cid: fc.nat({ max: 0xffff_ffff }).map(String),
  cells: fc.array(fc.array(text, { maxLength: 3 }), { minLength: 1, maxLength: 4 }),
});
const rowsArbitrary = fc.array(row, { maxLength: 6 });
const cutsArbitrary = fc.array(fc.nat({ max: 5000 }), { maxLength: 12 });

describe('result sets', () => {
  it('come out of JSON and XML as the same rows and the same header', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        const json = read(jsonResults(), jsonDocument(rows));
        expect(json.rows).toEqual(rows);
        expect(json.header).toMatchObject({
          estimatedTotal: 9950,
          mrTested: 9951,
          passed: 9812,
          cacheId: '1234567',
          now,
        });
        expect(json.header.columns.map(({ name }) => name)).toEqual(['Computer ID', 'NPS Admin Members', 'Count']);
        expect(read(xmlResults(), xmlDocument(rows))).toEqual(json);
      }),
    );
  });

  it('do not depend on where the bytes are cut, not even within a character', () => {
    fc.assert(
      fc.property(rowsArbitrary, cutsArbitrary, (rows, cuts) => {
        expect(read(jsonResults(), jsonDocument(rows), cuts).rows).toEqual(rows);
        expect(read(xmlResults(), xmlDocument(rows), cuts).rows).toEqual(rows);
      }),
    );
  });

  it('survive being fed byte by byte', () => {
    const rows: Row[] = [{ cid: '42', cells: [['42'], ['{"n":"Zoë 管理 \\" ]}"}', 'x'], ['1']] }];
    for (const [parser, bytes] of [
      [jsonResults(), jsonDocument(rows)],
      [xmlResults(), xmlDocument(rows)],
    ] as const) {
      const cuts = [...bytes.keys()];
      expect(read(parser, bytes, cuts).rows).toEqual(rows);
    }
  });

  it('that end early are never mistaken for whole ones', () => {
    const rows: Row[] = [
      { cid: '1', cells: [['1'], ['{"v":1}'], ['1']] },
      { cid: '2', cells: [['2'], ['two ]}'], ['1']] },
    ];
    const documents = [() => jsonResults(), () => xmlResults()].map(
      (open, index) => [open, index === 0 ? jsonDocument(rows) : xmlDocument(rows)] as const,
    );
    for (const [open, bytes] of documents) {
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => read(open(), bytes.subarray(0, length))).toThrow();
      }
    }
    expect(() => read(jsonResults(), jsonDocument(rows).subarray(0, 200))).toThrow(TruncatedBody);
    expect(() => read(xmlResults(), xmlDocument(rows).subarray(0, 300))).toThrow(TruncatedBody);
  });

  it('#22 leave out a row of another shape, count it, and keep the others', () => {
    const good = '{"id":1,"cid":5,"data":[[{"text":"5"}]]}';
    const bad = [
      '7',
      'null',
      '"x"',
      '[]',
      '{}',
      '{"data":{}}',
      '{"data":[{}]}',
      '{"data":[[{"text":5}]]}',
      '{"data":[["x"]]}',
      '{"a":\u0001}',
    ];
    const body = `{"data":{"result_sets":[{"rows":[${[good, ...bad, good].join(' , ')}]}]}}`;
    const { rows, header } = read(jsonResults(), Buffer.from(body));
    expect(rows).toHaveLength(2);
    expect(header.malformedRows).toBe(bad.length);
  });

  it('leave out a row that is not UTF-8 instead of guessing what it said', () => {
    const body = Buffer.concat([
      Buffer.from('{"data":{"result_sets":[{"rows":[{"cid":5,"data":[[{"text":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}]]},{"cid":6,"data":[[{"text":"6"}]]}]}]}}'),
    ]);
    const { rows, header } = read(jsonResults(), body);
    expect(rows.map(({ cid }) => cid)).toEqual(['6']);
    expect(header.malformedRows).toBe(1);
  });

  it('before any answer have neither columns nor rows', () => {
    const body = '{"data":{"now":"x","result_sets":[{"estimated_total":56,"mr_tested":57,"row_count":0}]}}';
    const { rows, header } = read(jsonResults(), Buffer.from(body));
    expect(rows).toEqual([]);
    expect(header).toMatchObject({ columns: [], estimatedTotal: 56, mrTested: 57, cacheId: null });
  });

  it('refuse XML that would expand entities or nest without end', () => {
    const bomb =
      '<!DOCTYPE a [<!ENTITY b "bbbb">]><result_sets><result_set><rs><r><c><v>&b;</v></c></r></rs></result_set></result_sets>';
    expect(() => read(xmlResults(), Buffer.from(bomb))).toThrow(SyntaxError);
    expect(() => read(xmlResults(), Buffer.from('<a>'.repeat(100)))).toThrow(/nested/);
  });

  it('#117 hand over each row as it ends, whatever its part of the whole', () => {
    const parser = jsonResults();
    const head = Buffer.from('{"data":{"result_sets":[{"rows":[');
    const one = Buffer.from(`{"cid":9,"data":[[{"text":"${'x'.repeat(1000)}"}]]},`);
    parser.push(head);
    let rows = 0;
    for (let index = 0; index < 20_000; index += 1) rows += parser.push(one).length;
    expect(rows).toBe(20_000);
    expect(() => parser.end()).toThrow(TruncatedBody);
  });
});

describe('JSON elements', () => {
  it('are exactly those of the array at the path', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), cutsArbitrary, (items, other, cuts) => {
        const document = {
          decoy: { data: [1, other] },
          rows: other,
          data: items,
          tail: [other, 'data', { data: [2] }],
        };
        const bytes = Buffer.from(JSON.stringify(document, null, 1));
        const elements = jsonElements(['data'], asBytes);
        const found: unknown[] = [];
        let start = 0;
        for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
          found.push(...elements.push(bytes.subarray(start, cut)).map((item): unknown => JSON.parse(item.toString())));
          start = cut;
        }
        expect(found).toEqual(JSON.parse(JSON.stringify(items)));
        expect(elements.end()).toEqual({ ...JSON.parse(JSON.stringify(document)), data: [] });
      }),
    );
  });

  it.each(['{"data":[1 2]}', '{"data":[,1]}', '{"data":[1,]}', '{"data":[1,,2]}', '{"data":[1]} {"data":[]}', 'null}'])(
    'refuse %s',
    (body) => {
      expect(() => {
        const elements = jsonElements(['data'], asBytes);
        elements.push(Buffer.from(body));
        elements.end();
      }).toThrow(SyntaxError);
    },
  );
});

describe("the server's clock", () => {
  it.each([
    ['2019/08/09 14:08:44 GMT-0000', '2019-08-09T14:08:44Z'],
    ['2019/08/09 14:08:44 GMT+0200', '2019-08-09T12:08:44Z'],
    ['2019-07-17T20:13:49Z', '2019-07-17T20:13:49Z'],
    ['2019-07-17T20:13:49.123+01:00', '2019-07-17T19:13:49Z'],
    ['soon', null],
    ['2019/13/45 14:08:44 GMT-0000', null],
  ])('%s is %s', (said, iso) => {
    expect(serverTime(said)).toBe(iso);
  });
});
