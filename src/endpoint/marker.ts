import { isJsonObject } from './json.ts';

/** What a sensor answers where it has no state to tell of. */
export interface Marker {
  readonly kind: 'not-windows' | 'no-answer';
  readonly message: string;
}

const noAnswers = ['[no results]', '[current result unavailable]', '[results currently unavailable]'];

/** Sorts out answers that hold no state; null: the text claims to hold one. */
export function markerOf(trimmed: string): Marker | null {
  if (/^not available on /i.test(trimmed)) return { kind: 'not-windows', message: 'another platform' };
  if (trimmed === '') return { kind: 'no-answer', message: 'an empty answer' };
  if (trimmed.startsWith('TSE-Error') || noAnswers.includes(trimmed.toLowerCase())) {
    return { kind: 'no-answer', message: trimmed.slice(0, 200) };
  }
  return null;
}

/** The line that the script itself prints in a sensor that fails: `{"v":1,"error":{"code":"…","message":"…"}}`. */
export function failureOf(json: unknown): Marker | null {
  const error = isJsonObject(json) ? json['error'] : undefined;
  if (!isJsonObject(error)) return null;
  return { kind: 'no-answer', message: `${wordOf(error['code'])}: ${wordOf(error['message'])}`.slice(0, 200) };
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}
