/** Gives the names in a question their meaning: sensors and computer groups of this server. */
import type { Cloud } from '../cloud.ts';
import type { FilterSyntax, QuestionSyntax, SensorSyntax, SyntaxOption, TestSyntax } from '../language/syntax.ts';
import type { Filter, ValueTest } from './filter.ts';
import type { SensorTerm } from './sensor.ts';

export interface Select {
  readonly term: SensorTerm;
  /** Which of the values are wanted; null: all. */
  readonly test: ValueTest | null;
}

export interface BoundQuestion {
  /** Empty: the number of machines. */
  readonly selects: readonly Select[];
  /** Null: all machines. */
  readonly filter: Filter | null;
  readonly forceComputerId: boolean;
}

/** A name of no sensor and no group. */
export class UnknownName extends Error {
  override readonly name: string = 'UnknownName';
  readonly unknown: string;

  constructor(unknown: string) {
    super(`there is no sensor or group ${unknown}`);
    this.unknown = unknown;
  }
}

/** `anyCase`: as a person types. A canonical text has every name as it is. @throws UnknownName */
export function bindQuestion(cloud: Cloud, syntax: QuestionSyntax, anyCase: boolean): BoundQuestion {
  const termOf = termsOf(cloud, anyCase);
  return {
    selects: syntax.selects.map(({ sensor, test }) => ({
      term: termOf(sensor),
      test: test === null ? null : bindTest(test),
    })),
    filter: syntax.where === null ? null : bindFilter(cloud, syntax.where, anyCase),
    forceComputerId: /^(?:1|true)$/.test(optionIn(syntax.options, 'forceComputerIdFlag') ?? ''),
  };
}

/** @throws UnknownName */
export function bindFilter(cloud: Cloud, syntax: FilterSyntax, anyCase: boolean): Filter {
  const termOf = termsOf(cloud, anyCase);
  const bind = (part: FilterSyntax): Filter => {
    switch (part.kind) {
      case 'sensor':
        return { kind: 'sensor', term: termOf(part.sensor), all: part.all, test: bindTest(part.test) };
      case 'group':
        return bindGroup(cloud, part.name, part.negated, anyCase);
      default:
        return { kind: part.kind, negated: part.negated, parts: part.parts.map(bind) };
    }
  };
  return bind(syntax);
}

/** A name alone is a computer group; `is Windows` is also how a sensor of True and False is asked. */
function bindGroup(cloud: Cloud, name: string, negated: boolean, anyCase: boolean): Filter {
  const group = cloud.groups.find(name, anyCase);
  if (group) return { kind: 'group', negated, group };
  const sensor = /^is /i.test(name) ? cloud.sensors.find(name, true) : undefined;
  if (!sensor) throw new UnknownName(name);
  const term: SensorTerm = { sensor, parameters: [], maxAgeSeconds: null };
  return { kind: 'sensor', term, all: false, test: { negated, operator: 'equals', value: 'True', ignoreCase: true } };
}

/** One term for each that is written alike: a targeted question names `Computer ID` 900 times. */
function termsOf(cloud: Cloud, anyCase: boolean): (syntax: SensorSyntax) => SensorTerm {
  const plain = new Map<string, SensorTerm>();
  return (syntax) => {
    const isPlain = syntax.parameters.length === 0 && syntax.options.length === 0;
    const known = isPlain ? plain.get(syntax.name) : undefined;
    if (known) return known;
    const sensor = cloud.sensors.find(syntax.name, anyCase);
    if (!sensor) throw new UnknownName(syntax.name);
    const maxAge = optionIn(syntax.options, 'maxAge');
    const maxAgeSeconds = maxAge !== null && /^\d{1,9}$/.test(maxAge) ? Number(maxAge) : null;
    const term: SensorTerm = { sensor, parameters: syntax.parameters, maxAgeSeconds };
    if (isPlain) plain.set(syntax.name, term);
    return term;
  };
}

/** Tests ignore case unless a question object says otherwise (tanium-api.md 3). */
function bindTest({ negated, operator, value }: TestSyntax): ValueTest {
  return { negated, operator, value, ignoreCase: true };
}

function optionIn(options: readonly SyntaxOption[], name: string): string | null {
  return options.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? null;
}
