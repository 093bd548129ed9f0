import { describe, expect, it } from 'vitest';
import { reportNames } from '../../src/model/report.ts';
import { longestPage } from '../../src/render/html-page.ts';
import { longestComment } from '../../src/render/markdown.ts';
import { reportFormats } from '../../src/render/report-format.ts';
import { expectGolden } from '../golden.ts';
import { parseCsv } from './csv.ts';
import { administrator, report, samples, written } from './reports.ts';
import { validator } from './schema.ts';

const endings = { csv: 'csv', json: 'json', markdown: 'md', html: 'html' } as const;
const validate = validator('report');

describe.each(reportNames)('the report on %s', (name) => {
  it.each(reportFormats)('is in %s what a person found right', async (format) => {
    expectGolden(`report-${name}.${endings[format]}`, await written(samples[name](), format));
  });

  it('is what report.schema.json says, a row a line', async () => {
    const text = await written(samples[name](), 'json');
    const document = JSON.parse(text) as { rows: unknown[] };
    validate(document);
    expect(validate.errors).toBeNull();
    const lines = text.split('\n').filter((line) => line.startsWith('    {'));
    expect(lines.map((line) => JSON.parse(line.replace(/,$/, '')) as unknown)).toEqual(document.rows);
  });

  it('has as many records of as many cells in CSV as it has rows and columns', async () => {
    const [keys = [], ...records] = parseCsv(await written(samples[name](), 'csv'));
    const { rows } = JSON.parse(await written(samples[name](), 'json')) as { rows: unknown[] };
    expect(records).toHaveLength(rows.length);
    for (const record of records) expect(record).toHaveLength(keys.length);
  });

  it.each(reportFormats)('of nothing is whole in %s', async (format) => {
    const text = await written(report(name, []), format);
    if (format === 'json') expect(JSON.parse(text)).toMatchObject({ report: name, rows: [] });
    if (format === 'csv') expect(parseCsv(text)).toHaveLength(1);
    if (format === 'markdown' || format === 'html') expect(text).toMatch(/\b0 [a-z]+s\b/);
  });
});

describe('a report of a large fleet', () => {
  const many = Array.from({ length: 30_000 }, (_, index) => administrator({ device: `WS-${index}` }));

  it('is whole in CSV and JSON', async () => {
    expect(parseCsv(await written(report('admins', many), 'csv'))).toHaveLength(many.length + 1);
    expect((JSON.parse(await written(report('admins', many), 'json')) as { rows: unknown[] }).rows).toHaveLength(
      many.length,
    );
  });

  it('is bounded as markdown and as a page, counts all of it, and says what it leaves out', async () => {
    const comment = await written(report('admins', many), 'markdown');
    expect(comment.length).toBeLessThanOrEqual(longestComment);
    const page = await written(report('admins', many), 'html');
    expect(page.length).toBeLessThanOrEqual(longestPage);
    for (const text of [comment, page]) {
      expect(text).toContain('30,000 administrators');
      expect(text).toMatch(/2\d,\d{3} administrators not shown here/);
    }
  });
});
