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
 * Changes `root`. An unknown key and a value at fault go; of a list whatever lacks something goes, for nothing can be
 * said of it. A mapping that lacks something elsewhere stays, and the schema will refuse it again.
 */
export function prune(root: object, errors: readonly ErrorObject[]): void {
  const leaving = new Map<unknown[], Set<number>>();
  for (const error of errors) {
    const { holder, key } = faultIn(root, error);
    if (Array.isArray(holder)) {
      const indexes = leaving.get(holder) ?? new Set();
      leaving.set(holder, indexes.add(Number(key)));
    } else if (holder !== null) delete (holder as Record<string, unknown>)[key];
  }
  // At the end, since the paths of the errors count places.
  for (const [list, indexes] of leaving) {
    const kept = list.filter((_, index) => !indexes.has(index));
    list.splice(0, list.length, ...kept);
  }
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

function faultIn(root: object, error: ErrorObject): Pick<Walked, 'holder' | 'key'> {
  const found = walk(root, stepsOf(error));
  if (error.keyword === 'additionalProperties') {
    const holder = typeof found.value === 'object' ? found.value : null;
    return { holder, key: String(error.params['additionalProperty']) };
  }
  if (isLacking(error) && !Array.isArray(found.holder)) return { holder: null, key: '' };
  return found;
}
