/**
 * HTML, written so that a name stays a name: the tag escapes every text that is put into it, and only what it made
 * itself goes in as markup.
 */
import { plain } from './escape.ts';
import { type Phrase, shown } from './phrase.ts';

export interface Html {
  readonly markup: string;
}

export type HtmlPart = string | number | Html | readonly Html[];

export const nothing: Html = { markup: '' };

/** `html`…${name}…``: texts and numbers are escaped, also for an attribute in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let markup = strings[0] ?? '';
  for (const [index, part] of parts.entries()) markup += markupOf(part) + (strings[index + 1] ?? '');
  return { markup };
}

function markupOf(part: HtmlPart): string {
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return entities(plain(part));
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

const entityOf: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function entities(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entityOf[character] ?? '');
}

/** A name, a value or a message from elsewhere: its reading direction stays its own. */
export function name(text: string, width: number): Html {
  const inside = shown(text, width);
  return html`<bdi>${inside === '' ? '(empty)' : inside}</bdi>`;
}

/** A message, which is a sentence with names in it. */
export function sentence(text: string, width: number): Html {
  return html`<bdi class="said">${shown(text, width)}</bdi>`;
}

export function phraseHtml(phrase: Phrase, width: number): Html {
  return joined(
    phrase.map((part) => (typeof part === 'string' ? html`${part}` : name(part.foreign, width))),
    '',
  );
}

/** Names in lines of their own, each with its own reading direction: a long list needs no markup for each. */
export function nameLines(names: readonly string[], width: number): Html {
  return { markup: names.map((one) => entities(shown(one, width) || '(empty)')).join('\n') };
}

export function joined(parts: readonly Html[], between: string): Html {
  return { markup: parts.map(({ markup }) => markup).join(entities(between)) };
}

export interface Column {
  readonly text: string;
  readonly align?: 'right';
}

/**
 * Rows can be filtered. In a narrow window their cells stand below each other; what is wider all the same scrolls by
 * itself, also by keyboard.
 */
export function table(caption: string, columns: readonly Column[], rows: readonly Row[]): Html {
  const heads = columns.map(({ text, align }) => html`<th scope="col"${classOf(align)}>${text}</th>`);
  const lines = rows.map(({ id, style, cells }) => {
    const cellsOf = cells.map((cell, index) => html`<td${numberOf(columns[index])}>${cell}</td>`);
    return html`<tr${id === null ? nothing : html` id="${id}"`}${classOf(style ?? undefined)}>${cellsOf}</tr>
`;
  });
  return html`<div class="wide" role="region" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines}</tbody>
</table></div>
`;
}

export interface Row {
  /** What a link leads to; null: none does. */
  readonly id: string | null;
  readonly style: 'add' | 'remove' | 'change' | 'quiet' | null;
  readonly cells: readonly Html[];
}

/** Where a narrow window shows the cells of a row below each other, a number says of what it is. */
function numberOf(column: Column | undefined): Html {
  if (column?.align === undefined) return nothing;
  return html` class="${column.align}" data-of="${column.text}"`;
}

function classOf(name: string | undefined): Html {
  return name === undefined ? nothing : html` class="${name}"`;
}
