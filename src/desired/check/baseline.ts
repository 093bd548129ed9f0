/** Each ComplianceBaseline by itself: a check compares with what its operator can compare with. */
import { type DocumentOf, problemIn, spot } from '../document.ts';
import { patternComplaint } from '../pattern.ts';
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
    const fault = faultOf(check);
    if (fault === null) continue;
    const key = check.value === undefined ? 'op' : 'value';
    errors.push(problemIn(document, 'TRUEUP_VALUE', check, key, fault));
  }
}

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
