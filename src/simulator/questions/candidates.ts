/** `POST /parse_question`: what a typed text may mean, the likeliest first. */
import type { Cloud } from '../cloud.ts';
import { type BoundQuestion, bindQuestion, UnknownName } from '../content/bind.ts';
import { parseQuestion } from '../language/parse.ts';
import { type FilterSyntax, type QuestionSyntax, QuestionSyntaxError } from '../language/syntax.ts';
import { textOf } from './questions.ts';

export interface Candidate {
  readonly text: string;
  readonly bound: BoundQuestion;
  /** Whether the text that was typed is canonical. */
  readonly canonical: boolean;
  /** From 1, a perfect match, down. */
  readonly score: number;
}

const maxCandidates = 10;
/** Names in one text that are tried by what is near them. */
const maxReplacements = 4;

/** Empty where the text is no question, or nothing is near to the names in it. */
export function candidatesFor(cloud: Cloud, text: string): readonly Candidate[] {
  let syntax: QuestionSyntax;
  try {
    syntax = parseQuestion(text);
  } catch (error) {
    if (error instanceof QuestionSyntaxError) return [];
    throw error;
  }
  return readings(cloud, syntax, maxReplacements)
    .slice(0, maxCandidates)
    .map(({ bound, replaced }): Candidate => {
      const canonical = textOf(bound);
      return { text: canonical, bound, canonical: canonical === text.trim(), score: 1 / (1 + replaced) };
    });
}

interface Reading {
  readonly bound: BoundQuestion;
  readonly replaced: number;
}

function readings(cloud: Cloud, syntax: QuestionSyntax, more: number): readonly Reading[] {
  try {
    return [{ bound: bindQuestion(cloud, syntax, true), replaced: 0 }];
  } catch (error) {
    if (!(error instanceof UnknownName)) throw error;
    if (more === 0) return [];
    return near(cloud, error.unknown).flatMap((name) =>
      readings(cloud, renamed(syntax, error.unknown, name), more - 1).map(({ bound, replaced }) => ({
        bound,
        replaced: replaced + 1,
      })),
    );
  }
}

/** Sensors whose name contains this one, or a word of it. */
function near(cloud: Cloud, wanted: string): readonly string[] {
  const words = wanted
    .toLowerCase()
    .split(' ')
    .filter((word) => word.length > 2);
  const whole = wanted.toLowerCase();
  const scored = cloud.sensors.all().flatMap(({ wire }) => {
    if (wire.hidden_flag) return [];
    const name = wire.name.toLowerCase();
    const hits = words.filter((word) => name.includes(word)).length + (name.includes(whole) ? words.length : 0);
    return hits === 0 ? [] : [{ name: wire.name, hits }];
  });
  return scored
    .toSorted((a, b) => b.hits - a.hits)
    .slice(0, 3)
    .map(({ name }) => name);
}

function renamed(syntax: QuestionSyntax, from: string, to: string): QuestionSyntax {
  const selects = syntax.selects.map((select) =>
    select.sensor.name === from ? { ...select, sensor: { ...select.sensor, name: to } } : select,
  );
  return { ...syntax, selects, where: syntax.where === null ? null : renamedIn(syntax.where, from, to) };
}

function renamedIn(filter: FilterSyntax, from: string, to: string): FilterSyntax {
  switch (filter.kind) {
    case 'sensor':
      return filter.sensor.name === from ? { ...filter, sensor: { ...filter.sensor, name: to } } : filter;
    case 'group':
      return filter.name === from ? { ...filter, name: to } : filter;
    default:
      return { ...filter, parts: filter.parts.map((part) => renamedIn(part, from, to)) };
  }
}
