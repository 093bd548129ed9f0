/** Selectors and patterns as the planner evaluates them. */

import { secondsOf } from '../model/duration.ts';
import type { Pattern, Selector } from '../model/selector.ts';
import type * as written from './generated/documents.ts';
import { listOf } from './overlap.ts';
import { compilePattern, compileUnitPattern } from './pattern.ts';

export function compileSelector(selector: written.Selector): Selector {
  const exclude = listOf(selector.exclude).map(compileCondition);
  return { ...compileCondition(selector), ...(exclude.length === 0 ? {} : { exclude }) };
}

function compileCondition(condition: written.Condition): Selector {
  const { name, domain, ou, os, labels, taniumGroup, insertedWithin } = condition;
  return {
    ...(name === undefined ? {} : { name: compilePatterns(name) }),
    ...(domain === undefined ? {} : { domain: compilePatterns(domain) }),
    ...(ou === undefined ? {} : { ou: listOf(ou).map(compileUnitPattern) }),
    ...(os === undefined ? {} : { os: compilePatterns(os) }),
    ...(labels === undefined ? {} : { labels: compileLabels(labels) }),
    ...(taniumGroup === undefined ? {} : { taniumGroup: listOf(taniumGroup) }),
    ...(insertedWithin === undefined ? {} : { insertedWithinSeconds: secondsOf(insertedWithin) }),
  };
}

export function compilePatterns(patterns: string | readonly string[]): readonly Pattern[] {
  return listOf(patterns).map(compilePattern);
}

function compileLabels(labels: NonNullable<written.Condition['labels']>): NonNullable<Selector['labels']> {
  const compiled: Record<string, readonly Pattern[]> = Object.create(null) as Record<string, readonly Pattern[]>;
  for (const [label, patterns] of Object.entries(labels)) compiled[label] = compilePatterns(patterns);
  return compiled;
}
