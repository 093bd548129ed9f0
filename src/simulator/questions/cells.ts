/** What one machine answers to the sensors of a question. */
import type { Cloud } from '../cloud.ts';
import type { Select } from '../content/bind.ts';
import { evaluate, isRemembered } from '../content/evaluate.ts';
import { valueMatcher } from '../content/value-test.ts';
import { hashText } from '../draw.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';

export const noResults = '[no results]';
/** The client is still at it (tanium-api.md 4). */
const unavailable = '[current result unavailable]';
const errors = [
  'TSE-Error: Sensor evaluation timed out',
  'TSE-Error: Failed to send to sensor child process: timed out',
] as const;

/** `unready`: sensors that must be run anew are not done yet. */
export function cellsOf(
  cloud: Cloud,
  selects: readonly Select[],
  device: SimulatedDevice,
  at: number,
  options: { readonly unready: boolean; readonly failing: boolean },
): readonly (readonly string[])[] {
  return selects.flatMap(({ term, test }): readonly (readonly string[])[] => {
    const { wire, source } = term.sensor;
    if (source.kind === 'script' && options.unready && !isRemembered(cloud, term, device, at)) return [[unavailable]];
    if (source.kind === 'script' && options.failing) return [[errors[device.computerId % 2] ?? errors[0]]];
    const found = evaluate(cloud, term, device, at);
    const matches = test === null ? null : valueMatcher(test, wire.value_type);
    const wanted = matches === null ? found : found.filter((value) => matches(value) !== test?.negated);
    const strings = wire.keep_duplicates_flag ? wanted : asSet(wanted, wire.ignore_case_flag);
    if (wire.subcolumns.length > 0) return columns(strings, wire.delimiter, wire.subcolumns.length);
    return [strings.length === 0 ? [noResults] : strings];
  });
}

/** Tanium keeps the strings of an answer as a set: doubles are dropped and the order of the script is lost. */
function asSet(strings: readonly string[], ignoreCase: boolean): readonly string[] {
  if (strings.length < 2) return strings;
  const byKey = new Map<string, string>();
  for (const text of strings) {
    const key = ignoreCase ? text.toLowerCase() : text;
    if (!byKey.has(key)) byKey.set(key, text);
  }
  return [...byKey.values()]
    .map((text) => [hashText(text), text] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, text]) => text);
}

/** `name|version` as parallel lists. */
function columns(strings: readonly string[], delimiter: string, count: number): readonly (readonly string[])[] {
  const parts = strings.map((text) => (delimiter === '' ? [text] : text.split(delimiter)));
  return Array.from({ length: count }, (_, index) =>
    parts.length === 0 ? [noResults] : parts.map((part) => part[index] ?? ''),
  );
}
