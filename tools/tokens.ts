/** Splits TypeScript into tokens: as much of its grammar as the rules of the house and the conformance table need. */

export interface Token {
  /** A template without its `${…}` parts is one text; those parts are tokens of their own, after it. */
  readonly kind: 'name' | 'text' | 'number' | 'pattern' | 'mark';
  /** Of a text: its value, with the common escapes undone. Of a pattern: all of it. A mark is one character. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** After one of these a slash begins a regular expression; after any other name it divides. */
const beforeValue = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'new',
  'void',
  'delete',
  'throw',
  'await',
  'yield',
  'else',
  'do',
]);

const name = /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy;
const number = /\.?\d[\w.]*/y;
const pattern = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/y;
const quoted = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const blank = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\n': '' };

/** The tokens of a file; comments are left out. Of text that is no TypeScript it makes what it can. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  /** Depth of braces inside each open `${`. */
  const templates: number[] = [];
  let line = 1;
  let at = source.startsWith('#!') ? source.indexOf('\n') : 0;

  const match = (expression: RegExp): string | null => {
    expression.lastIndex = at;
    return expression.exec(source)?.[0] ?? null;
  };
  const add = (kind: Token['kind'], raw: string, text = raw): void => {
    tokens.push({ kind, text, line });
    move(raw);
  };
  const move = (raw: string): void => {
    at += raw.length;
    line += raw.split('\n').length - 1;
  };
  /** From a backtick, or from the `}` that ends a `${…}`, to the next of either kind. */
  const template = (): void => {
    const end = templateEnd(source, at + 1);
    const open = source.startsWith('${', end);
    const raw = source.slice(at, end + (open ? 2 : 1));
    add('text', raw, unescaped(source.slice(at + 1, end)));
    if (open) templates.push(0);
  };

  while (at < source.length) {
    const space = match(blank);
    if (space !== null) {
      move(space);
      continue;
    }
    const character = source.charAt(at);
    const text = match(quoted);
    const word = match(name);
    const digits = match(number);
    const expression = startsValue(tokens.at(-1)) ? match(pattern) : null;
    const depth = templates.at(-1);
    if (text !== null) add('text', text, unescaped(text.slice(1, -1)));
    else if (word !== null) add('name', word);
    else if (digits !== null) add('number', digits);
    else if (expression !== null) add('pattern', expression);
    else if (character === '`') template();
    else if (character === '}' && depth === 0) {
      templates.pop();
      template();
    } else {
      if (depth !== undefined && character === '{') templates.push((templates.pop() ?? 0) + 1);
      if (depth !== undefined && character === '}') templates.push((templates.pop() ?? 0) - 1);
      add('mark', character);
    }
  }
  return tokens;
}

function startsValue(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'name') return beforeValue.has(before.text);
  return before.kind === 'mark' && !')]}'.includes(before.text);
}

function templateEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source.charAt(at) === '\\') at += 1;
    else if (source.charAt(at) === '`' || source.startsWith('${', at)) return at;
  }
  return source.length;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\s\S])/g, (_whole, character: string) => escapes[character] ?? character);
}
