import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from '../../src/render/csv.ts';
import { plain } from '../../src/render/escape.ts';
import { parseCsv } from './csv.ts';

describe('a line of comma-separated values', () => {
  it('ends with CR and LF, and quotes what holds a comma or a quote', () => {
    expect(csvLine(['a', 'b, c', 'd "e"', null, 7, true])).toBe('a,"b, c","d ""e""",,7,true\r\n');
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1',
    "'=1",
    '"=1',
    '＝1',
    '=HYPERLINK("http://x","y")',
  ])('is text for a spreadsheet where a cell is %j', (text) => {
    const [[cell = ''] = []] = parseCsv(csvLine([text]));
    expect(cell).toBe(/^[\t\r\n]/.test(text) ? plain(text) : `'${text}`);
    expect(cell).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/);
  });

  it('keeps numbers as they are, negative ones too', () => {
    expect(csvLine([-1, 0, 1.5])).toBe('-1,0,1.5\r\n');
  });

  it('keeps an ordinary name as it is', () => {
    const names = ['CORP\\Domain Admins', 'Ärzte', '管理者', "O'Neill", 'a-b', '~-500'];
    expect(parseCsv(csvLine(names))).toEqual([names]);
  });

  it('is one record whatever the cells are, of which each can be read back', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('=', '"', ',', '\r\n', '\u202E', '\uD800'),
    );
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
        const line = csvLine(cells);
        const records = parseCsv(line);
        expect(records).toHaveLength(1);
        for (const [index, read] of (records[0] ?? []).entries()) {
          const given = plain(cells[index] ?? '');
          expect([given, `'${given}`]).toContain(read);
          expect(read).not.toMatch(/^[=+\-@\t\r]/);
        }
      }),
    );
  });
});
