/**
 * Which devices two selectors may both match. No device is known here, so the rule is: selectors overlap unless the
 * contrary can be proven. It is proven where both name an attribute and no value fits a pattern of each, or where one
 * excludes all that the other selects. Two Tanium groups may share devices, and a regular expression may match
 * anything but the values that it plainly does not.
 */

import { secondsOf } from '../model/duration.ts';
import { shortName } from '../model/selector.ts';
import type { Condition, Selector } from './generated/documents.ts';
import { formOf, globMatches, type PatternForm, unitGlobs } from './pattern.ts';

/** A selector, ready to be compared. */
export interface Region {
  readonly attributes: ReadonlyMap<string, Values>;
  readonly groups: ReadonlySet<string> | null;
  readonly withinSeconds: number | null;
  readonly excluded: readonly Region[];
}

/** The patterns of one attribute. Lists of hundreds of names are common, and those without a wildcard are looked up. */
interface Values {
  readonly all: readonly PatternForm[];
  readonly literals: ReadonlySet<string>;
  readonly others: readonly PatternForm[];
}

export function regionOf(selector: Selector): Region {
  return { ...conditionRegion(selector), excluded: listOf(selector.exclude).map(conditionRegion) };
}

function conditionRegion({ name, domain, ou, os, labels = {}, taniumGroup, insertedWithin }: Condition): Region {
  const attributes = new Map<string, Values>();
  for (const [attribute, patterns] of Object.entries({ name, domain, ou, os })) {
    if (patterns !== undefined) attributes.set(attribute, valuesOf(attribute, patterns));
  }
  for (const [label, patterns] of Object.entries(labels)) {
    attributes.set(`label ${label}`, valuesOf('label', patterns));
  }
  return {
    attributes,
    groups: taniumGroup === undefined ? null : new Set(listOf(taniumGroup)),
    withinSeconds: insertedWithin === undefined ? null : secondsOf(insertedWithin),
    excluded: [],
  };
}

/** A unit is never one value alone: it stands for what is below it. */
function valuesOf(attribute: string, patterns: string | readonly string[]): Values {
  const all = listOf(patterns).map(formOf);
  const isPlain = (form: PatternForm): form is { readonly glob: string } =>
    attribute !== 'ou' && 'glob' in form && isLiteral(form.glob);
  return {
    all,
    literals: new Set(all.filter(isPlain).map(({ glob }) => glob)),
    others: all.filter((form) => !isPlain(form)),
  };
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

export function mayOverlap(a: Region, b: Region): boolean {
  for (const [attribute, ofA] of a.attributes) {
    const ofB = b.attributes.get(attribute);
    if (ofB !== undefined && !valuesMayMeet(attribute, ofA, ofB)) return false;
  }
  return !a.excluded.some((out) => covers(out, b)) && !b.excluded.some((out) => covers(out, a));
}

/** True only where it is certain that `outer` selects every device that `inner` selects. */
export function covers(outer: Region, inner: Region): boolean {
  for (const [attribute, ofOuter] of outer.attributes) {
    const ofInner = inner.attributes.get(attribute);
    if (ofInner === undefined) return false;
    if (!ofInner.all.every((one) => ofOuter.all.some((wide) => includes(attribute, wide, one)))) return false;
  }
  const { groups, withinSeconds } = outer;
  if (groups !== null && (inner.groups === null || [...inner.groups].some((group) => !groups.has(group)))) return false;
  if (withinSeconds !== null && (inner.withinSeconds === null || inner.withinSeconds > withinSeconds)) return false;
  return outer.excluded.every((out) => !mayOverlap(out, inner));
}

function valuesMayMeet(attribute: string, a: Values, b: Values): boolean {
  if (literalsMeet(attribute, a.literals, b.literals) || literalsMeet(attribute, b.literals, a.literals)) return true;
  return (
    a.others.some((one) => b.all.some((other) => mayMeet(attribute, one, other))) ||
    b.others.some((one) => a.all.some((other) => mayMeet(attribute, one, other)))
  );
}

/** Equal, or for names: equal but for the domain of one. */
function literalsMeet(attribute: string, some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const literal of some) {
    if (others.has(literal) || (attribute === 'name' && others.has(shortName(literal)))) return true;
  }
  return false;
}

/** Whether one value of the attribute may fit both. */
function mayMeet(attribute: string, a: PatternForm, b: PatternForm): boolean {
  if ('glob' in a && 'glob' in b) {
    // Most pairs differ at their begin, and in a large repository there are millions of them.
    if (attribute !== 'ou' && !beginAlike(a.glob, b.glob)) return false;
    for (const one of spellings(attribute, a.glob)) {
      for (const other of spellings(attribute, b.glob)) if (globsMeet(one, other)) return true;
    }
    return false;
  }
  if ('glob' in a) return mayMeet(attribute, b, a);
  if (!('glob' in b) || !isLiteral(b.glob) || attribute === 'ou') return true;
  // A short name leaves open what follows its dot, and the expression may look there.
  if (attribute === 'name' && !b.glob.includes('.')) return true;
  const expression = new RegExp(a.expression, 'i');
  return expression.test(b.glob) || (attribute === 'name' && expression.test(shortName(b.glob)));
}

/** A unit stands for what is below it, and a name is compared with and without its domain. */
function spellings(attribute: string, glob: string): readonly string[] {
  if (attribute === 'ou') return unitGlobs(glob);
  return attribute === 'name' ? [glob, `${glob}.*`] : [glob];
}

function includes(attribute: string, outer: PatternForm, inner: PatternForm): boolean {
  if (!('glob' in outer)) return 'expression' in inner && outer.expression === inner.expression;
  if (outer.glob === '*') return true;
  if (!('glob' in inner)) return false;
  const widths = attribute === 'ou' ? unitGlobs(outer.glob) : [outer.glob];
  return (
    widths.some((wide) => wide === inner.glob || (isLiteral(inner.glob) && globMatches(wide, inner.glob))) ||
    isWiderPrefix(outer.glob, inner.glob, attribute)
  );
}

/** `srv-*` includes `srv-db-*`. */
function isWiderPrefix(outer: string, inner: string, attribute: string): boolean {
  const prefix = outer.slice(0, -1);
  return attribute !== 'ou' && outer.endsWith('*') && isLiteral(prefix) && inner.startsWith(prefix);
}

function isLiteral(glob: string): boolean {
  return !/[*?]/.test(glob);
}

/** Whether a text exists that both globs match. */
export function globsMeet(a: string, b: string): boolean {
  if (isLiteral(a)) return globMatches(b, a);
  if (isLiteral(b)) return globMatches(a, b);
  if (!beginAlike(reversed(a), reversed(b))) return false;
  // reach[j]: the first i characters of a and the first j of b can have matched the same text.
  let reach = startRow(b);
  for (const sign of a.split('')) {
    const next: boolean[] = [sign === '*' && reach[0] === true];
    for (let j = 1; j <= b.length; j += 1) {
      const other = b[j - 1] ?? '';
      const isStar = sign === '*' || other === '*';
      next[j] = isStar
        ? reach[j] === true || next[j - 1] === true
        : reach[j - 1] === true && (sign === '?' || other === '?' || sign === other);
    }
    reach = next;
  }
  return reach[b.length] === true;
}

function startRow(b: string): boolean[] {
  const row = [true];
  for (const [index, sign] of b.split('').entries()) row.push(row[index] === true && sign === '*');
  return row;
}

/** False: no text begins as both do. */
function beginAlike(a: string, b: string): boolean {
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const [one, other] = [a[at], b[at]];
    if (one === '*' || other === '*') return true;
    if (one !== other && one !== '?' && other !== '?') return false;
  }
  return true;
}

function reversed(text: string): string {
  return text.split('').toReversed().join('');
}
