/** A report as one page for a browser: the first rows of it, which can be filtered. */
import type { ReportHead } from '../model/report.ts';
import { fitting } from './fitting.ts';
import { html, joined, name, nothing, phraseHtml, type Row, sentence, table } from './html.ts';
import { longestPage, page } from './html-page.ts';
import type { Phrase } from './phrase.ts';
import type { Layout } from './report-columns.ts';
import { scanWords } from './report-words.ts';
import { counted, minute } from './words.ts';

/** What a bounded form knows of the rows. */
export interface Known {
  readonly first: readonly { readonly cells: readonly Phrase[]; readonly style: Row['style'] }[];
  readonly count: number;
}

export const mostHtmlRows = 3000;
/** Rows; the last level has none, and so an end. */
const levels: readonly number[] = [mostHtmlRows, 1000, 300, 50, 0];
const mostWarnings = 20;
/** Cells of a name. */
const longestName = 200;
const longestSentence = 400;

export function reportHtml(head: ReportHead, layout: Layout<never>, { first, count }: Known): string {
  const title = `Trueup report: ${layout.title.toLowerCase()}`;
  const inputs = [
    html`config <code>${head.config.slice(0, 7)}</code>`,
    html`provider ${name(head.provider, longestName)}`,
    html`${scanWords(head)}`,
    html`made ${minute(head.at)}`,
  ];
  const warnings = head.warnings
    .slice(0, mostWarnings)
    .map((warning) => html`<p class="note" role="note">${sentence(warning, longestSentence)}</p>\n`);
  const top = html`<h1>${title}</h1>
<p class="verdict">${counted(count, ...layout.unit)}</p>
<p class="inputs">${joined(inputs, ' · ')}</p>
${warnings}`;
  return fitting(levels, longestPage, (most) => {
    const shown = first.slice(0, most);
    const left = count - shown.length;
    const more =
      left === 0
        ? nothing
        : html`<p class="note" role="note">${counted(left, ...layout.unit)} not shown here: <code>--format csv</code> and
<code>--format json</code> have them all.</p>
`;
    const rows = shown.map(({ cells, style }): Row => {
      return { id: null, style, cells: cells.map((cell) => phraseHtml(cell, longestName)) };
    });
    const columns = layout.headings.map((text) => ({ text }));
    const body = rows.length === 0 ? nothing : table(layout.title, columns, rows);
    return page(
      title,
      top,
      html`<section>
<h2>${layout.title}</h2>
${more}${body}</section>
`,
    );
  });
}
