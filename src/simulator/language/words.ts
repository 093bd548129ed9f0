/** The words that a question is made of besides names and values. */
import type { Operator } from './syntax.ts';

/** Where a name or a bare value ends. */
export const separators: ReadonlySet<string> = new Set(['and', 'or', 'from', 'with']);

interface Comparison {
  /** One word each, in lower case. */
  readonly words: readonly string[];
  readonly operator: Operator;
  readonly negated: boolean;
}

/** Every spelling of a comparison, the longer before the shorter; the first of an operator is the canonical one. */
export const comparisons: readonly Comparison[] = [
  spelled('contains', 'contains'),
  spelled('starts with', 'starts with'),
  spelled('ends with', 'ends with'),
  spelled('equals', 'equals'),
  spelled('matches', 'matches'),
  spelled('<', '<'),
  spelled('<=', '<='),
  spelled('>', '>'),
  spelled('>=', '>='),
  spelled('=', 'equals'),
  spelled('!=', 'equals', true),
  spelled('containing', 'contains'),
  spelled('starting with', 'starts with'),
  spelled('ending with', 'ends with'),
  spelled('matching', 'matches'),
  spelled('does not contain', 'contains', true),
  spelled('does not start with', 'starts with', true),
  spelled('does not end with', 'ends with', true),
  spelled('does not equal', 'equals', true),
  spelled('does not match', 'matches', true),
  spelled('is less than or equal to', '<='),
  spelled('is greater than or equal to', '>='),
  spelled('is less than', '<'),
  spelled('is greater than', '>'),
  spelled('is not equal to', 'equals', true),
  spelled('is equal to', 'equals'),
];

function spelled(words: string, operator: Operator, negated = false): Comparison {
  return { words: words.split(' '), operator, negated };
}

/** Words of the grammar and of its loose spellings: a name or value that has one of them is written in quotes. */
const reserved =
  /(?:^|\s)(?:all|and|any|containing|contains|does|ending|ends|equals|from|get|in|is|matches|matching|not|or|starting|starts|with)(?=\s|$)/i;

/** A name as the canonical text has it: bare where that can be read only one way. */
export function quotedName(name: string): string {
  const bare = /^[\p{L}\p{N}_/&+#-]+(?: [\p{L}\p{N}_/&+#-]+)*$/u.test(name) && !reserved.test(name);
  return bare ? name : quoted(name);
}

/** Bare without white space, reserved words, and `" . , : ? $` (tanium-api.md 3), and what else would end a word. */
export function quotedValue(value: string): string {
  return /^[^\s".,:?$()[\]<>=!]+$/.test(value) && !reserved.test(value) ? value : quoted(value);
}

export function quotedParameter(value: string): string {
  return /["\],]/.test(value) || value !== value.trim() || value === '' ? quoted(value) : value;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
