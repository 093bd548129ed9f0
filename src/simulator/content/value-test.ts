/** One value of a sensor against one test. */
import type { ValueTest } from './filter.ts';

/** `valueType`: the sensor's, which says how values are ordered. A pattern that is no pattern matches nothing. */
export function valueMatcher(test: ValueTest, valueType: string): (value: string) => boolean {
  const fold = test.ignoreCase ? (text: string): string => text.toLowerCase() : (text: string): string => text;
  const wanted = fold(test.value);
  const compare = comparisonFor(valueType, fold);
  switch (test.operator) {
    case 'contains':
      return (value) => fold(value).includes(wanted);
    case 'starts with':
      return (value) => fold(value).startsWith(wanted);
    case 'ends with':
      return (value) => fold(value).endsWith(wanted);
    case 'matches': {
      const pattern = wholePattern(test.value, test.ignoreCase);
      return (value) => pattern?.test(value) ?? false;
    }
    case 'equals':
      return (value) => fold(value) === wanted;
    case '<':
      return (value) => compare(value, test.value) < 0;
    case '<=':
      return (value) => compare(value, test.value) <= 0;
    case '>':
      return (value) => compare(value, test.value) > 0;
    case '>=':
      return (value) => compare(value, test.value) >= 0;
  }
}

/** Tanium's expressions are Boost's and match the value as a whole; null: not to be read as one. */
function wholePattern(source: string, ignoreCase: boolean): RegExp | null {
  try {
    return new RegExp(`^(?:${source})$`, ignoreCase ? 'is' : 's');
  } catch {
    return null;
  }
}

/** NaN, which no comparison accepts, where a value is not of the type. */
function comparisonFor(valueType: string, fold: (text: string) => string): (a: string, b: string) => number {
  switch (valueType) {
    case 'Numeric':
    case 'NumericInteger':
    case 'TimeDiff':
    case 'DataSize':
      return (a, b) => Number.parseFloat(a) - Number.parseFloat(b);
    case 'Version':
    case 'IPAddress':
      return (a, b) => compareParts(a, b);
    default:
      return (a, b) => (fold(a) < fold(b) ? -1 : fold(a) > fold(b) ? 1 : 0);
  }
}

function compareParts(a: string, b: string): number {
  const [as, bs] = [a.split('.'), b.split('.')];
  for (let index = 0; index < Math.max(as.length, bs.length); index += 1) {
    const difference = Number(as[index] ?? 0) - Number(bs[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
