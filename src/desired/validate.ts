/** A document against the schema of its kind: every fault at the very key or value. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Kind } from '../model/desired.ts';
import type { ValidDocument } from './document.ts';
import { explain } from './explain.ts';
import { complaintOf, formats } from './formats.ts';
import { didYouMean } from './near.ts';
import { type Place, type Problem, type ProblemCode, problemAt } from './problem.ts';
import { prune } from './prune.ts';
import { kinds, schemaOf } from './schemas.ts';
import { oneOf, shown } from './shown.ts';
import type { PlainDocument } from './value.ts';

export interface Validated {
  /** Null: too much is missing to say more of it. */
  readonly document: ValidDocument | null;
  readonly problems: readonly Problem[];
  /** As far as they can be read, though the rest be at fault: others may refer to them. */
  readonly kind: Kind | null;
  readonly name: string | null;
}

/** Sorts the faults of the text before those of the schema: at one place, what the text is decides. */
export function validate(plain: PlainDocument): Validated {
  const { value, problems: ofText } = plain;
  const told = new Set(ofText.map(({ line, column }) => `${line}:${column}`));
  const untold = (problems: readonly Problem[]): Problem[] => [
    ...ofText,
    ...problems.filter(({ line, column }) => !told.has(`${line}:${column}`)),
  ];
  const nothing = { document: null, kind: null, name: null };
  if (!plain.whole) return { ...nothing, problems: ofText, ...(isMap(value) ? identityOf(value) : {}) };
  if (!isMap(value)) return { ...nothing, problems: untold([noDocument(plain)]) };
  const { kind, name } = identityOf(value);
  if (kind === null) return { ...nothing, problems: untold([unknownKind(plain, value)]) };

  const validator = validatorOf(kind);
  const isValid = validator(value);
  const problems = untold(isValid ? [] : explain(plain, value, validator.errors ?? []));
  const isUsable = isValid || becomesValid(value, validator);
  return { document: isUsable ? documentOf(plain, value, problems) : null, kind, name, problems };
}

/** A value that is only left out: whatever else the document says, it says of the same things. */
function leavesTheRest({ code, path }: Problem): boolean {
  const [, field] = /^spec\.(\w+)$/.exec(path) ?? [];
  return field !== undefined && !subjectFields.has(field) && valueCodes.has(code);
}

/** Which devices, members and accounts a document is about, and how much it weighs. */
const subjectFields: ReadonlySet<string> = new Set([
  'selector',
  'priority',
  'group',
  'members',
  'name',
  'builtin',
  'accounts',
  'ensure',
]);
const valueCodes: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'TRUEUP_VALUE',
  'TRUEUP_TYPE',
  'TRUEUP_LIMIT',
  'TRUEUP_OFFLINE_ACCESS',
]);

/** What is left of an item may lack something itself. */
const mostPasses = 6;

/** Changes `value`. `validator` has just refused it. */
function becomesValid(value: Record<string, unknown>, validator: ValidateFunction): boolean {
  for (let pass = 0; pass < mostPasses; pass += 1) {
    prune(value, validator.errors ?? []);
    if (validator(value)) return true;
  }
  return false;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The schema has just said that it is one. */
function documentOf(
  { file, places }: PlainDocument,
  value: Record<string, unknown>,
  problems: readonly Problem[],
): ValidDocument {
  const { kind, metadata } = value as unknown as ValidDocument['value'];
  const faults = { sound: problems.length === 0, comparable: problems.every(leavesTheRest) };
  return { file, kind, name: metadata.name, value, places, ...faults } as unknown as ValidDocument;
}

function identityOf(value: Record<string, unknown>): Pick<Validated, 'kind' | 'name'> {
  const metadata = value['metadata'];
  const name = isMap(metadata) ? metadata['name'] : null;
  const kind = kinds.find((one) => one === value['kind']) ?? null;
  return { kind, name: typeof name === 'string' ? name : null };
}

function noDocument({ file, value, places }: PlainDocument): Problem {
  const place: Place = Array.isArray(value) ? places.of(value) : { ...places.of({}), path: '' };
  const message = `A document is a mapping with apiVersion, kind, metadata and spec, and this is ${shown(value)}.`;
  return problemAt('TRUEUP_DOCUMENT_UNKNOWN', file, place, message);
}

function unknownKind({ file, places }: PlainDocument, value: Record<string, unknown>): Problem {
  const { apiVersion, kind } = value;
  const at = (code: ProblemCode, place: Place, message: string): Problem => problemAt(code, file, place, message);
  const isOurs =
    apiVersion === undefined || (typeof apiVersion === 'string' && /^(?:trueup|npsd)(?:\/|$)/i.test(apiVersion));
  if (kind === undefined || !isOurs) {
    if (apiVersion === undefined || !isOurs) {
      const what = apiVersion === undefined ? 'it has no kind' : `its apiVersion is ${shown(apiVersion)}`;
      return at('TRUEUP_DOCUMENT_UNKNOWN', places.of(value), `This is no document of Trueup: ${what}.`);
    }
    return at('TRUEUP_KIND_UNKNOWN', places.of(value), `The key "kind" is missing. It is one of ${oneOf(kinds)}.`);
  }
  const near = didYouMean(kind, kinds) || ` It is one of ${oneOf(kinds)}.`;
  return at('TRUEUP_KIND_UNKNOWN', places.value(value, 'kind'), `There is no kind ${shown(kind)}.${near}`);
}

const ajv = new Ajv2020({
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allowUnionTypes: true,
  formats: Object.fromEntries(
    Object.keys(formats).map((name) => [name, (text: string) => complaintOf(name, text) === null]),
  ),
});
const validators = new Map<Kind, ValidateFunction>();

/** Compiled when the first document of the kind comes. */
function validatorOf(kind: Kind): ValidateFunction {
  const known = validators.get(kind);
  if (known !== undefined) return known;
  const validator = ajv.compile(schemaOf(kind));
  validators.set(kind, validator);
  return validator;
}
