/**
 * Words, quoted names and values, brackets and parentheses of a question's text. A sensor's parameters and options
 * stick to its name: `"Folder Exists"[C:\Temp]?maxAge=60`.
 */
import { QuestionSyntaxError, type SyntaxOption } from './syntax.ts';

export type Token =
  | { readonly kind: '(' | ')' | ',' | 'end' }
  | {
      readonly kind: 'word' | 'quoted';
      readonly text: string;
      /** Null: no brackets. */
      readonly parameters: readonly string[] | null;
      readonly options: readonly SyntaxOption[];
      /** As it stands: where a value is expected, brackets and question marks are part of it. */
      readonly raw: string;
    };

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(text.charAt(at))) at += 1;
    const char = text.charAt(at);
    if (char === '') break;
    if (char === ')' || char === ',' || (char === '(' && !isBalanced(runAt(text, at)))) {
      tokens.push({ kind: char });
      at += 1;
      continue;
    }
    const end = char === '"' ? endOfQuoted(text, at) : endOfWord(text, at);
    const name = char === '"' ? unquoted(text.slice(at, end)) : text.slice(at, end);
    const suffix = suffixAt(text, end);
    tokens.push({
      kind: char === '"' ? 'quoted' : 'word',
      text: name,
      parameters: suffix.parameters,
      options: suffix.options,
      raw: char === '"' && suffix.end === end ? name : text.slice(at, suffix.end),
    });
    at = suffix.end;
  }
  tokens.push({ kind: 'end' });
  return tokens;
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}

/** A parenthesis belongs to the word that it opens and closes in: `Cores (Logical)`; a list is none. */
function isBalanced(run: string): boolean {
  return run.length > 2 && !run.includes(',') && run.split('(').length === run.split(')').length;
}

function runAt(text: string, at: number): string {
  return /^[^\s"]+/.exec(text.slice(at, at + 300))?.[0] ?? '';
}

/** Up to white space, a quote, a comma, an attached suffix, or a parenthesis that closes none of its own. */
function endOfWord(text: string, start: number): number {
  const comparison = /^(?:<=|>=|!=|<|>|=)/.exec(text.slice(start, start + 2));
  if (comparison) return start + comparison[0].length;
  let depth = 0;
  let at = start;
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (isSpace(char) || char === '"' || char === ',') break;
    if (at > start && (char === '[' || char === '?') && suffixAt(text, at).end > at) break;
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (depth < 0) break;
  }
  return at;
}

function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) !== '"') continue;
    if (text.charAt(at + 1) !== '"') return at + 1;
    at += 1;
  }
  throw new QuestionSyntaxError('a quoted text does not end');
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('""', '"');
}

interface Suffix {
  readonly parameters: readonly string[] | null;
  readonly options: readonly SyntaxOption[];
  readonly end: number;
}

/** Only where nothing but the end of the word follows: a value may be `x[0-9]+`. */
function suffixAt(text: string, start: number): Suffix {
  const none: Suffix = { parameters: null, options: [], end: start };
  const bracketed = text.charAt(start) === '[' ? parametersAt(text, start) : { values: null, end: start };
  const { options, end } = optionsAt(text, bracketed.end);
  return /^[\s,)]?$/.test(text.charAt(end)) ? { parameters: bracketed.values, options, end } : none;
}

/** `[a,"b, c"]`: at `start` stands the bracket. */
function parametersAt(
  text: string,
  start: number,
): { readonly values: readonly string[] | null; readonly end: number } {
  const values: string[] = [];
  let value = '';
  let at = start + 1;
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === ']') return { values: [...values, trimmed(value)], end: at + 1 };
    if (char === ',') {
      values.push(trimmed(value));
      value = '';
    } else if (char === '"' && value.trim() === '') {
      const end = endOfQuoted(text, at);
      value = text.slice(at, end);
      at = end - 1;
    } else value += char;
  }
  return { values: null, end: start };
}

function trimmed(value: string): string {
  const bare = value.trim();
  return /^".*"$/s.test(bare) && bare.length > 1 ? unquoted(bare) : bare;
}

/** `?name=value&name=value`. */
function optionsAt(text: string, start: number): { readonly options: readonly SyntaxOption[]; readonly end: number } {
  if (text.charAt(start) !== '?') return { options: [], end: start };
  const match = /^\?[A-Za-z]\w*=[\w.-]*(?:&[A-Za-z]\w*=[\w.-]*)*/.exec(text.slice(start, start + 500));
  if (!match) return { options: [], end: start };
  const options = match[0]
    .slice(1)
    .split('&')
    .map((pair): SyntaxOption => {
      const [name = '', value = ''] = pair.split('=');
      return [name, value];
    });
  return { options, end: start + match[0].length };
}
