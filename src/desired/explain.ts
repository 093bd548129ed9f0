/** From what ajv says of a document to problems that a person can mend. */
import type { ErrorObject } from 'ajv/dist/2020.js';
import { complaintOf } from './formats.ts';
import { meant, nearNames } from './near.ts';
import { pathTo } from './places.ts';
import { type Place, type Problem, type ProblemCode, problemAt } from './problem.ts';
import { isLacking, stepsOf, type Walked, walk } from './prune.ts';
import type { Schema } from './schemas.ts';
import { oneOf, shown } from './shown.ts';
import { typeMessage } from './types.ts';
import type { PlainDocument } from './value.ts';

/** `root`: the document's value, unchanged since ajv looked at it. */
export function explain(plain: PlainDocument, root: object, errors: readonly ErrorObject[]): Problem[] {
  const alternatives = new Set(errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf').map(spotOf));
  const own = errors.filter((error) => !isAlternative(error, alternatives));
  const misspelt = new Set(own.flatMap((error) => suggestedBy(root, error)));
  const byPlace = new Map<string, Finding>();
  const problems: Problem[] = [];
  for (const error of own) {
    if (isLacking(error) && plain.incomplete.has(walk(root, stepsOf(error)).value as object)) continue;
    if (error.keyword === 'required' && misspelt.has(`${error.instancePath} ${error.params['missingProperty']}`))
      continue;
    const found = findingOf(plain, root, error);
    const problem = problemAt(found.code, plain.file, found.place, found.message);
    if (found.rank === null) {
      problems.push(problem);
      continue;
    }
    // Of one value, one fault is told: the one that says most.
    const key = `${problem.line}:${problem.column}`;
    const known = byPlace.get(key);
    if (known === undefined || (known.rank ?? 0) > found.rank) byPlace.set(key, found);
  }
  for (const { code, place, message } of byPlace.values()) problems.push(problemAt(code, plain.file, place, message));
  return problems;
}

interface Finding {
  readonly code: ProblemCode;
  readonly place: Place;
  readonly message: string;
  /** Of a fault of a value: the lower, the more it says. Null: no such fault. */
  readonly rank: number | null;
}

function spotOf({ instancePath, schemaPath }: Pick<ErrorObject, 'instancePath' | 'schemaPath'>): string {
  return `${instancePath} ${schemaPath}`;
}

/** A fault within one of several alternatives is none of its own. The schemas' alternatives are all of one value. */
function isAlternative({ instancePath, schemaPath }: ErrorObject, alternatives: ReadonlySet<string>): boolean {
  const whole = /^.*\/(?:anyOf|oneOf)(?=\/)/.exec(schemaPath)?.[0];
  return whole !== undefined && alternatives.has(spotOf({ instancePath, schemaPath: whole }));
}

/** Keys that an unknown one may have been meant for. */
function suggestedBy(root: object, error: ErrorObject): string[] {
  if (error.keyword !== 'additionalProperties') return [];
  const { value } = walk(root, stepsOf(error));
  const known = knownKeys(error).filter((key) => typeof value === 'object' && value !== null && !(key in value));
  return nearest(String(error.params['additionalProperty']), known).map((key) => `${error.instancePath} ${key}`);
}

function knownKeys({ parentSchema }: ErrorObject): string[] {
  return Object.keys((parentSchema as Schema | undefined)?.properties ?? {});
}

/** What other tools of this field call it. */
const otherNames: Readonly<Record<string, string>> = {
  additive: 'include',
  cn: 'name',
  exclusive: 'exact',
  expires: 'until',
  passwordRef: 'password',
  protectedMembers: 'keep',
};

function nearest(name: string, known: readonly string[]): string[] {
  const other = otherNames[name];
  return other !== undefined && known.includes(other) ? [other] : nearNames(name, known);
}

function findingOf(plain: PlainDocument, root: object, error: ErrorObject): Finding {
  const { places } = plain;
  const found = walk(root, stepsOf(error));
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      const near = nearest(key, knownKeys(error));
      const hint = near.length > 0 ? meant(near) : ` Allowed here: ${knownKeys(error).join(', ')}.`;
      const place = places.key(found.value as object, key);
      return { code: 'TRUEUP_KEY_UNKNOWN', place, message: `Unknown key ${shown(key)}.${hint}`, rank: null };
    }
    case 'required': {
      const key = String(error.params['missingProperty']);
      const isVersion = error.instancePath === '' && key === 'apiVersion';
      const hint = isVersion ? ' Write apiVersion: trueup/v1.' : '';
      const place = placeOfLack(plain, found, key);
      const code = isVersion ? 'TRUEUP_API_VERSION' : 'TRUEUP_KEY_MISSING';
      return { code, place, message: `The key "${key}" is missing.${hint}`, rank: null };
    }
    case 'anyOf':
    case 'oneOf':
    case 'minProperties':
    case 'maxProperties':
    case 'dependentRequired':
      return combination(plain, found, error);
    default:
      return { ...ofValue(error, found), place: placeOfValue(plain, found) };
  }
}

/** At the key of the mapping that lacks it, at the item of a list, or at the begin of the document. */
function placeOfLack({ places }: PlainDocument, { holder, key, value }: Walked, missing: string): Place {
  const isItem = holder === null || Array.isArray(holder);
  const place = isItem ? places.of(value as object) : places.key(holder, key);
  return missing === '' ? place : { ...place, path: pathTo(places.of(value as object).path, missing) };
}

function placeOfValue({ places }: PlainDocument, { holder, key, value }: Walked): Place {
  if (holder === null) return places.of(value as object);
  return places.value(holder, Array.isArray(holder) ? Number(key) : key);
}

function combination(plain: PlainDocument, found: Walked, error: ErrorObject): Finding {
  const at = (message: string): Finding => {
    return { code: 'TRUEUP_KEY_COMBINATION', place: placeOfLack(plain, found, ''), message, rank: null };
  };
  if (error.keyword === 'dependentRequired') {
    return at(`${error.params['property']} needs ${error.params['missingProperty']} beside it.`);
  }
  const present = Object.keys(found.value as object);
  if (error.keyword === 'minProperties' || error.keyword === 'maxProperties') {
    const keys = knownKeys(error);
    const most = (error.parentSchema as { readonly maxProperties?: number } | undefined)?.maxProperties;
    return at(
      `${most === 1 ? 'Exactly one' : 'At least one'} of ${oneOf(keys, 'and')} stands here, and not ${countOf(present)}.`,
    );
  }
  const keys = (error.schema as readonly Schema[]).flatMap(({ required }) => required ?? []);
  const given = keys.filter((key) => present.includes(key));
  if (given.length > 1) return at(`${oneOf(given, 'and')} exclude each other; keep one.`);
  return at(`It needs ${oneOf(keys)}.`);
}

function countOf(keys: readonly string[]): string {
  return keys.length === 0 ? 'none' : `${keys.length}`;
}

/** The text under these keys may be a secret, whatever it looks like. */
const secretKeys: ReadonlySet<string> = new Set(['apiKey', 'password']);

function ofValue(error: ErrorObject, { key, value }: Walked): Omit<Finding, 'place'> {
  const schema = error.parentSchema as Schema;
  const isSecret = stepsOf(error).some((step) => secretKeys.has(step));
  const what = isSecret ? 'This' : shown(value);
  const allowed = (schema.description ?? '').replace(/\.$/, '');
  switch (error.keyword) {
    case 'type': {
      if (typeof value === 'string' && secretKeys.has(key)) {
        const message =
          'A secret stands here in clear text. Refer to it: {env: NAME}, {file: PATH} or {command: [..]}.';
        return { code: 'TRUEUP_SECRET_LITERAL', message, rank: 0 };
      }
      return { code: 'TRUEUP_TYPE', message: typeMessage(value, schema, isSecret), rank: 1 };
    }
    case 'format': {
      const complaint = complaintOf(String(error.params['format']), String(value));
      const subject = complaint?.hidden === true ? 'This' : what;
      const message = `${subject} ${complaint?.text ?? 'is not allowed'}.${complaint?.hint ?? ''}`;
      return { code: complaint?.code ?? 'TRUEUP_VALUE', message, rank: 2 };
    }
    case 'const':
    case 'enum': {
      const values = (schema.enum ?? [schema.const]).map(String);
      const isVersion = error.instancePath === '/apiVersion';
      const near = typeof value === 'string' ? nearest(value, values) : [];
      const message = `${what} is not ${values.length === 1 ? values[0] : `one of ${oneOf(values)}`}.${meant(near)}`;
      return { code: isVersion ? 'TRUEUP_API_VERSION' : 'TRUEUP_VALUE', message, rank: 3 };
    }
    case 'pattern':
      return { code: 'TRUEUP_VALUE', message: `${what} is not allowed here: ${allowed}.`, rank: 4 };
    default:
      return { code: 'TRUEUP_LIMIT', message: limitMessage(error, value, what), rank: 5 };
  }
}

function limitMessage({ keyword, params }: ErrorObject, value: unknown, what: string): string {
  const limit = Number(params['limit']);
  switch (keyword) {
    case 'minimum':
      return `${what} is below the limit of ${limit}.`;
    case 'maximum':
      return `${what} is above the limit of ${limit}.`;
    case 'minLength':
      return 'An empty text is not allowed here.';
    case 'maxLength':
      return `${what} has ${Array.from(String(value)).length} characters; at most ${limit} are allowed.`;
    case 'minItems':
      return `The list needs at least ${limit === 1 ? 'one item' : `${limit} items`}.`;
    case 'uniqueItems':
      return 'An item stands twice in the list.';
    default:
      return `${what} is outside the limits of this field.`;
  }
}
