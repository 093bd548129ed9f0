/**
 * Globs and regular expressions for names, none of which a name can bring to its knees: names come from the fleet, and
 * anybody can call a machine what they like.
 */
import type { Pattern } from '../model/selector.ts';
import { costOf, mostSteps } from './regex-cost.ts';

/** Longer values are cut before a regular expression sees them; no name of Windows has so many characters. */
export const longestValue = 256;
const longestExpression = 200;

/** A glob as folded text, or a regular expression. */
export type PatternForm = { readonly glob: string } | { readonly expression: string };

export function formOf(source: string): PatternForm {
  const body = /^\/(.*)\/$/s.exec(source)?.[1];
  return body === undefined ? { glob: foldCase(source) } : { expression: body };
}

/** Why this is no pattern; null: it is one. */
export function patternComplaint(source: string): string | null {
  const form = formOf(source);
  if ('glob' in form) {
    if (/^\/.*\/[a-z]+$/is.test(source)) return 'has flags; a regular expression ignores case anyway, and takes none';
    return null;
  }
  const { expression } = form;
  if (expression === '') return 'is an empty regular expression';
  if (expression.length > longestExpression)
    return `is a regular expression of more than ${longestExpression} characters`;
  if (!isExpression(expression)) return 'is no regular expression';
  const cost = costOf(expression, longestValue);
  if ('refused' in cost) return cost.refused;
  return cost.steps > mostSteps
    ? 'repeats too much: a name made for it could keep it busy for minutes; use a glob, or fewer of * + ? {} and |'
    : null;
}

function isExpression(text: string): boolean {
  try {
    return new RegExp(text, 'i').source !== '';
  } catch {
    return false;
  }
}

/** Of a source that has no complaint; both forms ignore case. */
export function compilePattern(source: string): Pattern {
  const form = formOf(source);
  if ('glob' in form) return { source, test: (value) => globMatches(form.glob, foldCase(value)) };
  const expression = new RegExp(form.expression, 'i');
  return { source, test: (value) => expression.test(value.slice(0, longestValue)) };
}

/**
 * A distinguished name of a unit stands for everything below it: `OU=Servers,DC=corp` selects
 * `CN=SRV-1,OU=Servers,DC=corp`.
 */
export function compileUnitPattern(source: string): Pattern {
  const form = formOf(source);
  if (!('glob' in form)) return compilePattern(source);
  const globs = unitGlobs(form.glob);
  return {
    source,
    test: (value) => {
      const name = foldUnit(foldCase(value));
      return globs.some((glob) => globMatches(glob, name));
    },
  };
}

export function unitGlobs(glob: string): readonly string[] {
  const unit = foldUnit(glob);
  return [unit, `*,${unit}`];
}

/** Directory tools write blanks after commas, the directory itself does not. */
function foldUnit(name: string): string {
  return name.replaceAll(/(?<!\\),\s+/g, ',');
}

export function foldCase(text: string): string {
  return text.toLowerCase();
}

/** `*` any text, `?` one character. Goes back to the last `*` alone, so that the time is pattern times value at most. */
export function globMatches(glob: string, value: string): boolean {
  let at = 0;
  let inGlob = 0;
  let star = -1;
  let resume = 0;
  while (at < value.length) {
    const wanted = glob[inGlob];
    if (wanted === '*') {
      star = inGlob;
      resume = at;
      inGlob += 1;
    } else if (wanted === '?' || wanted === value[at]) {
      inGlob += 1;
      at += 1;
    } else if (star >= 0) {
      inGlob = star + 1;
      resume += 1;
      at = resume;
    } else return false;
  }
  while (glob[inGlob] === '*') inGlob += 1;
  return inGlob === glob.length;
}
