/** Takes what is at fault out of a document, so that the rest can be checked in the same run. */
import type { ErrorObject } from 'ajv/dist/2020.js';

/** Steps of an instance path: `/spec/members/2/sid`. */
export function stepsOf({ instancePath }: Pick<ErrorObject, 'instancePath'>): string[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export interface Walked {
  /** The mapping or list that holds the value; null: the value is the root. */
  readonly holder: object | null;
  readonly key: string;
  readonly value: unknown;
}

export function walk(root: object, steps: readonly string[]): Walked {
  let holder: object | null = null;
  let value: unknown = root;
  for (const step of steps) {
    holder = typeof value === 'object' ? value : null;
    value = holder === null ? undefined : (holder as Readonly<Record<string, unknown>>)[step];
  }
  return { holder, key: steps.at(-1) ?? '', value };
}

/**
 * Changes `root`. An unknown key, a value at fault, and a mapping or an item that lacks something go. What a mapping
 * must have is put in instead where there is a value that says nothing. What is gone may be missing in its turn: the
 * schema will say so.
 */
export function prune(root: object, errors: readonly ErrorObject[]): void {
  const leaving = new Map<unknown[], Set<number>>();
  for (const error of errors) {
    const { holder, key, value } = walk(root, stepsOf(error));
    const { additionalProperty, missingProperty } = error.params as Readonly<Record<string, string | undefined>>;
    if (additionalProperty !== undefined) remove(value, additionalProperty);
    else if (error.keyword === 'required' && missingProperty !== undefined && Object.hasOwn(neutral, missingProperty)) {
      put(value, missingProperty);
    } else if (Array.isArray(holder)) leaving.set(holder, (leaving.get(holder) ?? new Set()).add(Number(key)));
    else remove(holder, key);
  }
  // At the end, since the paths of the errors count places.
  for (const [list, indexes] of leaving) {
    const kept = list.filter((_, index) => !indexes.has(index));
    list.splice(0, list.length, ...kept);
  }
}

/** No check finds a fault in these. */
const neutral: Readonly<Record<string, unknown>> = {
  apiBaseUrl: { env: 'NOT_GIVEN' },
  apiKey: { env: 'NOT_GIVEN' },
  members: [],
  reason: 'not given',
  selector: {},
};

function put(holder: unknown, key: string): void {
  if (typeof holder === 'object' && holder !== null) {
    (holder as Record<string, unknown>)[key] = structuredClone(neutral[key]);
  }
}

function remove(holder: unknown, key: string): void {
  if (typeof holder === 'object' && holder !== null) delete (holder as Record<string, unknown>)[key];
}

const lacking: ReadonlySet<string> = new Set([
  'required',
  'anyOf',
  'oneOf',
  'minProperties',
  'maxProperties',
  'dependentRequired',
]);

/** Whether the fault is of what a mapping does not have. */
export function isLacking({ keyword }: Pick<ErrorObject, 'keyword'>): boolean {
  return lacking.has(keyword);
}
