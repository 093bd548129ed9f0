/** Which machines a question or a group is about: conditions over sensors, computer groups, and their combinations. */
import type { FilterSyntax, Operator } from '../language/syntax.ts';
import type { SensorTerm } from './sensor.ts';

export type Filter =
  | {
      readonly kind: 'sensor';
      readonly term: SensorTerm;
      /** Every value must pass the test, not any. */
      readonly all: boolean;
      readonly test: ValueTest;
    }
  | { readonly kind: 'group'; readonly negated: boolean; readonly group: NamedFilter }
  | { readonly kind: 'and' | 'or'; readonly negated: boolean; readonly parts: readonly Filter[] };

/** A computer group, as far as a filter needs it. */
export interface NamedFilter {
  readonly id: number;
  readonly name: string;
  /** Null: all machines. */
  readonly filter: Filter | null;
}

export interface ValueTest {
  readonly negated: boolean;
  readonly operator: Operator;
  readonly value: string;
  readonly ignoreCase: boolean;
}

export function syntaxOfTerm({ sensor, parameters, maxAgeSeconds }: SensorTerm): {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly options: readonly (readonly [string, string])[];
} {
  const options = maxAgeSeconds === null ? [] : [['maxAge', String(maxAgeSeconds)] as const];
  return { name: sensor.wire.name, parameters, options };
}

/** For the text of a question or a group. A group without a name is spelled out. */
export function syntaxOf(filter: Filter): FilterSyntax {
  switch (filter.kind) {
    case 'sensor': {
      const { negated, operator, value } = filter.test;
      return {
        kind: 'sensor',
        all: filter.all,
        sensor: syntaxOfTerm(filter.term),
        test: { negated, operator, value },
      };
    }
    case 'group': {
      const { name, filter: inner } = filter.group;
      if (name !== '' || inner === null)
        return { kind: 'group', negated: filter.negated, name: name || 'All Computers' };
      const spelled = syntaxOf(inner);
      return filter.negated ? opposite(spelled) : spelled;
    }
    default:
      return { kind: filter.kind, negated: filter.negated, parts: filter.parts.map(syntaxOf) };
  }
}

function opposite(syntax: FilterSyntax): FilterSyntax {
  if (syntax.kind !== 'sensor') return { ...syntax, negated: !syntax.negated };
  return { ...syntax, test: { ...syntax.test, negated: !syntax.test.negated } };
}

/** Both at once; null stands for all machines. */
export function both(a: Filter | null, b: Filter | null): Filter | null {
  if (a === null || b === null) return a ?? b;
  return { kind: 'and', negated: false, parts: [a, b] };
}
