/** Each ComplianceBaseline by itself: a check compares with what its operator, and its item, can be compared with. */
import { type DocumentOf, problemIn, spot } from '../document.ts';
import { patternComplaint } from '../pattern.ts';
import { type PostureType, postureTypeOf } from '../posture-paths.ts';
import { shown } from '../shown.ts';
import type { Told } from './told.ts';

type Baseline = DocumentOf<'ComplianceBaseline'>;
type Check = Baseline['value']['spec']['checks'][number];

export function checkBaseline(document: Baseline, { errors }: Told): void {
  const first = new Map<string, Check>();
  for (const check of document.value.spec.checks) {
    const name = check.id ?? check.path;
    const other = first.get(name);
    if (other === undefined) first.set(name, check);
    else {
      const message = `A check ${shown(name)} stands at ${spot(document.file, document.places.of(other))} already; give this one an id.`;
      errors.push(problemIn(document, 'TRUEUP_VALUE', check, check.id === undefined ? 'path' : 'id', message));
    }
    const fault = faultOf(check) ?? mismatchOf(check);
    if (fault === null) continue;
    const key = check.value === undefined ? 'op' : 'value';
    errors.push(problemIn(document, 'TRUEUP_VALUE', check, key, fault));
  }
}

/** What the operator cannot do with the value, whatever the item. */
function faultOf({ op, value }: Check): string | null {
  if (op === 'exists' || op === 'notExists')
    return value === undefined ? null : `${op} compares with nothing; take the value out.`;
  if (value === undefined) return `${op} needs a value to compare with.`;
  const isList = Array.isArray(value);
  if (op === 'in' || op === 'notIn') return isList ? null : `${op} needs a list of values.`;
  if (isList) return `${op} compares with one value, not with a list.`;
  if (op === 'atLeast' || op === 'atMost') {
    const isOrdered = typeof value === 'number' || (typeof value === 'string' && /^\d+(?:\.\d+)*$/.test(value));
    return isOrdered ? null : `${op} needs a number, or a version in quotes.`;
  }
  if (op !== 'matches') return null;
  if (typeof value !== 'string') return 'matches needs a pattern, which is a text.';
  const complaint = patternComplaint(value);
  return complaint === null ? null : `${shown(value)} ${complaint}.`;
}

const words: Readonly<Record<PostureType, string>> = {
  boolean: 'true or false',
  number: 'a whole number',
  string: 'a text',
};

/** What the item cannot be compared with: such a check would be unknown on every device. */
function mismatchOf({ path, op, value }: Check): string | null {
  const type = postureTypeOf(path);
  if (type === null || value === undefined) return null;
  if (op === 'matches') return type === 'string' ? null : `${path} is ${words[type]}, which no pattern matches.`;
  if ((op === 'atLeast' || op === 'atMost') && type === 'boolean')
    return `${path} is true or false, which has no order; take equals.`;
  const strange = [value].flat().find((one) => !isOfType(one, type));
  if (strange === undefined) return null;
  const quotes = type === 'string' && typeof strange === 'number' ? ', in quotes' : '';
  return `${path} is ${words[type]}${quotes}, and ${shown(strange)} is not.`;
}

function isOfType(value: unknown, type: PostureType): boolean {
  return type === 'number' ? Number.isSafeInteger(value) : typeof value === type;
}
