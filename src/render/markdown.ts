/**
 * GitHub's markdown, written so that a name stays a name. Whatever comes from elsewhere stands in a code span, in which
 * GitHub knows no markup, no HTML, no link, no @mention and no #123; what could end the span or the cell of a table is
 * written visibly escaped.
 */
import { escaped, plain } from './escape.ts';
import { type Phrase, shown } from './phrase.ts';
import { ends, truncate } from './width.ts';

/** What fits into one comment of a pull request, with room for a frame around it. */
export const longestComment = 60_000;

/** A backquote ends the span, a bar the cell; blanks at the ends and runs of them would not be shown. */
const endsSpan = /[`|]|^ +| +$|(?<= ) +/g;

export function code(text: string, width: number): string {
  const inside = truncate(plain(ends(text, width)).replace(endsSpan, escaped), width);
  return inside === '' ? '(empty)' : `\`${inside}\``;
}

/** Sentences of our own words alone: nothing that markdown reads otherwise, nothing that GitHub makes a link of. */
const harmless = /^[A-Za-z](?:[A-Za-z0-9 .,;'()%-]|: )*$/;
const linked = /www\.|\bgh-\d|[0-9a-f]{7,}/i;

/** A message as a sentence where it can be no other, else as a code span: it may hold names. */
export function prose(text: string, width: number): string {
  const sentence = shown(text, width);
  return harmless.test(sentence) && !linked.test(sentence) ? sentence : code(text, width);
}

export function phraseMarkdown(phrase: Phrase, width: number): string {
  return phrase.map((part) => (typeof part === 'string' ? part : code(part.foreign, width))).join('');
}

export interface Heading {
  readonly text: string;
  readonly align?: 'right' | 'center';
}

/** Cells are markdown already. */
export function table(headings: readonly Heading[], rows: readonly (readonly string[])[]): string[] {
  const rules = headings.map(({ align }) => (align === 'right' ? '---:' : align === 'center' ? ':-:' : '---'));
  return [headings.map(({ text }) => text), rules, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** Folded away until somebody clicks. */
export function details(summary: string, lines: readonly string[]): string[] {
  return ['<details>', `<summary>${summary}</summary>`, '', ...lines, '', '</details>'];
}
