/** A report in its four forms. CSV and JSON hold every row and stream; markdown and HTML are for reading, and bounded. */
import type { Report, ReportHead } from '../model/report.ts';
import { csvLine } from './csv.ts';
import { jsonLine } from './json.ts';
import { type Layout, layouts } from './report-columns.ts';
import type { ReportFormat } from './report-format.ts';
import { type Known, mostHtmlRows, reportHtml } from './report-html.ts';
import { mostMarkdownRows, reportMarkdown } from './report-markdown.ts';

/** Pieces of the text, in their order. */
export function reportText(report: Report, format: ReportFormat): AsyncGenerator<string> {
  const { head } = report;
  // The rows are those of the layout: both are of the name that the head has.
  const rows = report.rows as AsyncIterable<never>;
  const layout: Layout<never> = layouts[head.report];
  switch (format) {
    case 'csv':
      return csv(rows, layout);
    case 'json':
      return json(head, rows);
    case 'markdown':
      return whole(rows, layout, mostMarkdownRows, (known) => reportMarkdown(head, layout, known));
    case 'html':
      return whole(rows, layout, mostHtmlRows, (known) => reportHtml(head, layout, known));
  }
}

/** A header, then a line a row; the head is no record, and goes to whoever reads on (`commands/report.ts`). */
async function* csv(rows: AsyncIterable<never>, { keys, values }: Layout<never>): AsyncGenerator<string> {
  yield csvLine(keys);
  for await (const row of rows) yield csvLine(values(row));
}

/** One document, a line a row: it can be read whole, and line by line. */
async function* json(head: ReportHead, rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  const { report, config, provider, at, scan, warnings } = head;
  const ordered = { version: 1, report, config, provider, at, scan, warnings };
  const lines = Object.entries(ordered).map(([key, value]) => `  ${jsonLine(key)}: ${jsonLine(value)},`);
  yield `{\n${lines.join('\n')}\n  "rows": [`;
  let isFirst = true;
  for await (const row of rows) {
    yield `${isFirst ? '' : ','}\n    ${jsonLine(row)}`;
    isFirst = false;
  }
  yield isFirst ? ']\n}\n' : '\n  ]\n}\n';
}

async function* whole(
  rows: AsyncIterable<never>,
  { cells, style }: Layout<never>,
  most: number,
  render: (known: Known) => string,
): AsyncGenerator<string> {
  const first: Known['first'][number][] = [];
  let count = 0;
  for await (const row of rows) {
    if (count < most) first.push({ cells: cells(row), style: style(row) });
    count += 1;
  }
  yield render({ first, count });
}
