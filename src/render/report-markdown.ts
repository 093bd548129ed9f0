/** A report as markdown: the first rows of it, in at most what one comment holds. */
import type { ReportHead } from '../model/report.ts';
import { fitting } from './fitting.ts';
import { code, longestComment, phraseMarkdown, prose, table } from './markdown.ts';
import type { Layout } from './report-columns.ts';
import type { Known } from './report-html.ts';
import { scanWords } from './report-words.ts';
import { sections } from './view.ts';
import { counted, minute } from './words.ts';

export const mostMarkdownRows = 1000;
/** Rows; the last level has none, and so an end. */
const levels: readonly number[] = [mostMarkdownRows, 500, 200, 50, 10, 0];
const mostWarnings = 20;
/** Cells of a name. */
const longestName = 80;
const longestSentence = 400;

export function reportMarkdown(head: ReportHead, layout: Layout<never>, { first, count }: Known): string {
  const inputs = [
    `config \`${head.config.slice(0, 7)}\``,
    `provider ${code(head.provider, longestName)}`,
    scanWords(head),
    `made ${minute(head.at)}`,
  ];
  const warnings = head.warnings.slice(0, mostWarnings).map((warning) => `- ${prose(warning, longestSentence)}`);
  const headings = layout.headings.map((text) => ({ text }));
  return fitting(levels, longestComment, (most) => {
    const shown = first.slice(0, most);
    const left = count - shown.length;
    const rows = shown.map(({ cells }) => cells.map((cell) => phraseMarkdown(cell, longestName)));
    return sections([
      [`## Trueup report: ${layout.title.toLowerCase()}`, '', `**${counted(count, ...layout.unit)}**`],
      [inputs.join(' · ')],
      warnings,
      rows.length === 0 ? [] : table(headings, rows),
      left === 0
        ? []
        : [`${counted(left, ...layout.unit)} not shown here: \`--format csv\` and \`--format json\` have them all.`],
    ]);
  });
}
