/** One check on one value. What is missing, or of another type than what is demanded, is unknown: it never fails. */
import type { Demand } from '../model/compliance.ts';
import type { PostureValue } from '../model/posture.ts';
import { compareText } from '../model/sid.ts';

export type Judgement =
  | { readonly verdict: 'passed' }
  | { readonly verdict: 'failed'; readonly found: PostureValue }
  | { readonly verdict: 'unknown'; readonly why: string };

const passed: Judgement = { verdict: 'passed' };
const notReported = unknown('the device reports no value');

/** `value`: undefined where the device reports none. */
export function judge(demand: Demand, value: PostureValue | undefined): Judgement {
  if (value === undefined) return demand.op === 'notExists' ? passed : notReported;
  const meets = meetsDemand(demand, value);
  if (typeof meets === 'string') return unknown(meets);
  return meets ? passed : { verdict: 'failed', found: value };
}

/** A text: why it cannot be told. */
function meetsDemand(demand: Demand, value: PostureValue): boolean | string {
  switch (demand.op) {
    case 'exists':
      return true;
    case 'notExists':
      return false;
    case 'equals':
      return typeof value === typeof demand.value ? value === demand.value : otherThan(value, demand.value);
    case 'notEquals':
      return typeof value === typeof demand.value ? value !== demand.value : otherThan(value, demand.value);
    case 'in':
    case 'notIn': {
      const [first] = demand.values;
      const comparable = demand.values.some((one) => typeof one === typeof value);
      if (!comparable) return otherThan(value, first ?? '');
      return demand.values.includes(value) === (demand.op === 'in');
    }
    case 'matches':
      return typeof value === 'string' ? demand.pattern.test(value) : otherThan(value, '');
    case 'atLeast':
    case 'atMost': {
      const order = compareOrdered(value, demand.value);
      if (typeof order === 'string') return order;
      return demand.op === 'atLeast' ? order >= 0 : order <= 0;
    }
  }
}

/** Less than 0: `a` comes before. A text: the two have no order. */
function compareOrdered(a: PostureValue, b: number | string): number | string {
  if (typeof a !== typeof b) return otherThan(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== 'string' || typeof b !== 'string') return otherThan(a, b);
  return isVersion(a) ? compareVersions(a, b) : 'the device reports what is no version';
}

function isVersion(text: string): boolean {
  return /^\d+(?:\.\d+)*$/.test(text);
}

/** Part by part as numbers of any length, `10.0.9600` before `10.0.26100`; a part that is missing is 0. */
function compareVersions(a: string, b: string): number {
  const [parts, others] = [a.split('.'), b.split('.')];
  for (let index = 0; index < Math.max(parts.length, others.length); index += 1) {
    const order = compareDigits(parts[index] ?? '0', others[index] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

function compareDigits(a: string, b: string): number {
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return one.length - other.length || compareText(one, other);
}

function otherThan(value: PostureValue, demanded: PostureValue): string {
  return `the device reports ${typeWords[kindOf(value)]}, and ${typeWords[kindOf(demanded)]} is demanded`;
}

function kindOf(value: PostureValue): keyof typeof typeWords {
  return typeof value as keyof typeof typeWords;
}

const typeWords = { boolean: 'true or false', number: 'a number', string: 'a text' };

export function unknown(why: string): Judgement {
  return { verdict: 'unknown', why };
}
