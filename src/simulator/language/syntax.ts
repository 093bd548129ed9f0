/** A question as its text says it; what the names in it mean is another matter (`bind.ts`). */

export interface QuestionSyntax {
  /** `Get?forceComputerIdFlag=1`, in their order. */
  readonly options: readonly SyntaxOption[];
  /** Empty: `Get number of machines`. */
  readonly selects: readonly SelectSyntax[];
  /** Null: all machines. */
  readonly where: FilterSyntax | null;
}

export type SyntaxOption = readonly [name: string, value: string];

/** `Name[parameter,…]?maxAge=600`. */
export interface SensorSyntax {
  readonly name: string;
  /** Empty: without brackets. */
  readonly parameters: readonly string[];
  readonly options: readonly SyntaxOption[];
}

/** A sensor, and which of its values are wanted. */
export interface SelectSyntax {
  readonly sensor: SensorSyntax;
  readonly test: TestSyntax | null;
}

export const operators = ['contains', 'starts with', 'ends with', 'equals', 'matches', '<', '<=', '>', '>='] as const;
export type Operator = (typeof operators)[number];

export interface TestSyntax {
  readonly negated: boolean;
  readonly operator: Operator;
  readonly value: string;
}

/** The right-hand side of a question, which is also what a group is. */
export type FilterSyntax =
  | {
      readonly kind: 'sensor';
      /** `all`: every value must pass the test, not any. */
      readonly all: boolean;
      readonly sensor: SensorSyntax;
      readonly test: TestSyntax;
    }
  | { readonly kind: 'group'; readonly negated: boolean; readonly name: string }
  | { readonly kind: 'and' | 'or'; readonly negated: boolean; readonly parts: readonly FilterSyntax[] };

/** A text that is no question, or no right-hand side of one. */
export class QuestionSyntaxError extends Error {
  override readonly name: string = 'QuestionSyntaxError';
}
