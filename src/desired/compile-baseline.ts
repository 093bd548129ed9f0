/** Baselines, and the sensor that they are held against. */
import {
  type BaselinePolicy,
  type ComplianceCheck,
  type Demand,
  defaultPosture,
  type PostureSource,
} from '../model/compliance.ts';
import { secondsOf } from '../model/duration.ts';
import type { PostureValue } from '../model/posture.ts';
import { compileSelector } from './compile-selector.ts';
import { type DocumentOf, refOf } from './document.ts';
import { compilePattern } from './pattern.ts';

type Written = DocumentOf<'ComplianceBaseline'>['value']['spec']['checks'][number];

export function compileBaseline(document: DocumentOf<'ComplianceBaseline'>): BaselinePolicy {
  const { file, places } = document;
  const { selector, checks } = document.value.spec;
  return {
    ref: refOf(document),
    selector: compileSelector(selector),
    checks: checks.map(
      (check): ComplianceCheck => ({
        id: check.id ?? check.path,
        path: check.path,
        demand: demandOf(check),
        severity: check.severity ?? 'medium',
        source: { file, line: places.of(check).line },
      }),
    ),
  };
}

/** The checks before have seen to it that the value is one of the operator. */
function demandOf({ op, value }: Written): Demand {
  switch (op) {
    case 'equals':
    case 'notEquals':
      return { op, value: value as PostureValue };
    case 'atLeast':
    case 'atMost':
      return { op, value: value as number | string };
    case 'in':
    case 'notIn':
      return { op, values: value as readonly PostureValue[] };
    case 'matches':
      return { op, pattern: compilePattern(value as string) };
    case 'exists':
    case 'notExists':
      return { op };
  }
}

/** Of the first document that speaks of it: that no other says otherwise has been checked. */
export function compilePosture(contents: readonly DocumentOf<'TaniumContent'>[]): PostureSource {
  const declared = contents.find(({ value }) => value.spec.postureSensor !== undefined)?.value.spec.postureSensor;
  const { name, maxAge } = declared ?? {};
  return {
    sensor: name ?? defaultPosture.sensor,
    maxAgeSeconds: maxAge === undefined ? defaultPosture.maxAgeSeconds : secondsOf(maxAge),
  };
}
