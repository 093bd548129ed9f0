import { plain } from './escape.ts';
import { ends, truncate } from './width.ts';

/**
 * A sentence in parts: our own words, and what comes from elsewhere (names, values, paths), which each renderer escapes
 * in its own way.
 */
export type Phrase = readonly (string | Foreign)[];

export interface Foreign {
  readonly foreign: string;
}

export function foreign(text: string): Foreign {
  return { foreign: text };
}

/** Longer than every SID and nearly every name; a whole view shows more. */
const longestName = 60;
const longestWhole = 400;

/** On one line of a terminal; `whole`: names are cut where they are absurd only. */
export function phraseText(phrase: Phrase, whole: boolean = false): string {
  const longest = whole ? longestWhole : longestName;
  return phrase.map((part) => (typeof part === 'string' ? part : shown(part.foreign, longest))).join('');
}

/** A foreign text for a line of a terminal, in at most `width` cells. */
export function shown(text: string, width: number): string {
  return truncate(plain(ends(text, width)), width);
}
