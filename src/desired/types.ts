/** What a value is, what its field takes, and how to get from one to the other. */
import type { Schema } from './schemas.ts';
import { oneOf, shown } from './shown.ts';

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

/** `"600" is a text, and the field takes a whole number: write it without quotes.` */
export function typeMessage(value: unknown, schema: Schema, isSecret: boolean): string {
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const taken = oneOf(types.map((type) => words[type] ?? type));
  if (value === null) return `The key has no value; it takes ${taken}.`;
  if (typeof value === 'number' && types.includes('integer')) return `${value} is no whole number.`;
  if (typeof value === 'object' || isSecret) return `This is ${kindOf(value)}, and the field takes ${taken}.`;
  return `${shown(value)} is ${kindOf(value)}, and the field takes ${taken}${adviceFor(value, types)}.`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean') return 'a truth value';
  return typeof value === 'string' ? 'a text' : typeof value === 'number' ? 'a number' : 'a mapping';
}

function adviceFor(value: unknown, types: readonly string[]): string {
  if (typeof value !== 'string') return types.includes('string') ? ': put it in quotes' : '';
  const isNumber = /^[-+]?\d+(?:\.\d+)?$/.test(value) && (types.includes('integer') || types.includes('number'));
  const isTruth = /^(?:true|false)$/.test(value) && types.includes('boolean');
  return isNumber || isTruth ? ': write it without quotes' : '';
}
