/**
 * The conformance table: what the seed document asks, statement by statement, and the tests that prove it. A test proves
 * an item by citing its number in its title, `#124` or `#109 to #115`; the table is made from the titles.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Token, tokensOf } from './tokens.ts';

export interface Item {
  readonly number: number;
  /** Two letters: DS discovery scan, PA protect actions, OP options, … */
  readonly kind: string;
  /** Line of the seed document: `L24`. */
  readonly line: string;
  readonly text: string;
}

export interface Citation {
  /** From the root, with forward slashes. */
  readonly file: string;
  /** Suites and test, joined by ` › `; of `it.each` as it is written, with its `%s`. */
  readonly title: string;
  /** Ascending. */
  readonly items: readonly number[];
}

/** `docs/conformance.md` of this root, whole. */
export function conformanceTable(root: string): string {
  const items = itemsOf(readFileSync(join(root, 'tools/checklist.tsv'), 'utf8'));
  const citations = citationsBelow(root);
  const rows = items.map((item) => {
    const tests = citations.filter((citation) => citation.items.includes(item.number)).map(linked);
    return {
      proven: tests.length > 0,
      row: `| ${item.number} | ${item.line} | ${escaped(item.text)} | ${tests.join('<br>')} |`,
    };
  });
  const proven = rows.filter((one) => one.proven).length;
  return [
    '# Conformance',
    '',
    'What the NPS-D Tanium integration document asks (its lines are in the second column), and the tests that prove it.',
    'Made from the titles of the tests by `npm run generate`: a test that cites `#124` proves item 124.',
    '',
    `Proven: ${proven} of ${items.length}.`,
    '',
    '| item | seed | what it asks | proven by |',
    '| ---: | ---: | --- | --- |',
    ...rows.map(({ row }) => row),
    '',
  ].join('\n');
}

/** Of tab-separated lines: number, kind, line, text. */
export function itemsOf(text: string): Item[] {
  return text
    .trimEnd()
    .split('\n')
    .map((row) => {
      const [number = '', kind = '', line = '', said = ''] = row.split('\t');
      return { number: Number(number), kind, line, text: said };
    });
}

/** Every title below `test/` that cites an item, by file and then as it stands in the file. */
export function citationsBelow(root: string): Citation[] {
  return globSync('test/**/*.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted()
    .flatMap((file) => citationsOf(file, readFileSync(join(root, file), 'utf8')));
}

const suites = new Set(['describe', 'it', 'test']);
/** Their first pair of parentheses holds something else; the title is in the second. */
const curried = new Set(['each', 'for', 'skipIf', 'runIf']);

export function citationsOf(file: string, source: string): Citation[] {
  const tokens = tokensOf(source);
  const open: { readonly title: string; readonly depth: number }[] = [];
  const titleAt = new Map<number, string>();
  const citations: Citation[] = [];
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (isMark(token, '(')) {
      const title = titleAt.get(at);
      if (title !== undefined) {
        open.push({ title, depth });
        const items = numbersIn(title);
        if (items.length > 0) citations.push({ file, title: open.map((one) => one.title).join(' › '), items });
      }
      depth += 1;
    } else if (isMark(token, ')')) {
      depth -= 1;
      if (open.at(-1)?.depth === depth) open.pop();
    } else if (token.kind === 'name' && suites.has(token.text) && !isMark(tokens[at - 1], '.')) {
      const paren = titleParen(tokens, at + 1);
      const text = tokens[paren + 1];
      if (isMark(tokens[paren], '(') && text?.kind === 'text') titleAt.set(paren, text.text);
    }
  }
  return citations;
}

/** Where the parenthesis of the title stands, past `.skipIf(…)` and `.each([…])`. */
function titleParen(tokens: readonly Token[], from: number): number {
  let at = from;
  while (isMark(tokens[at], '.')) {
    const modifier = tokens[at + 1]?.text ?? '';
    at += 2;
    if (curried.has(modifier)) at = pastParentheses(tokens, at);
  }
  return at;
}

function pastParentheses(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    if (isMark(tokens[at], '(')) depth += 1;
    if (isMark(tokens[at], ')')) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return tokens.length;
}

function isMark(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'mark' && token.text === mark;
}

/** `NAME#1002` is a device and no item. */
function numbersIn(title: string): number[] {
  const numbers = new Set<number>();
  for (const [, first, last] of title.matchAll(/(?<![\w#])#(\d+)(?: to #(\d+))?/g)) {
    for (let number = Number(first); number <= Number(last ?? first); number += 1) numbers.add(number);
  }
  return [...numbers].toSorted((a, b) => a - b);
}

function linked({ file, title }: Citation): string {
  return `[${file.slice('test/'.length)}](../${file}) ${escaped(title)}`;
}

/** For a cell of a Markdown table. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|]/g, (character) => `\\${character}`).replaceAll(/\s+/g, ' ');
}
