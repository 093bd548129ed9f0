/** A filter made ready to be held against devices, many of them, quickly. */
import type { Cloud } from '../cloud.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';
import { evaluate } from './evaluate.ts';
import type { Filter } from './filter.ts';
import { termKey } from './sensor.ts';
import { valueMatcher } from './value-test.ts';

export interface Condition {
  /** Whether it looks only at what stays the same, so that it need not be asked again. */
  readonly fixed: boolean;
  /** Computer IDs for which alone it can hold; null: any. */
  readonly candidates: ReadonlySet<number> | null;
  readonly holds: (device: SimulatedDevice, at: number) => boolean;
}

/** Of the sensor Computer ID, on every server. */
const computerIdSensor = 2;

export const always: Condition = { fixed: true, candidates: null, holds: () => true };

export function conditionOf(cloud: Cloud, filter: Filter | null): Condition {
  if (filter === null) return always;
  switch (filter.kind) {
    case 'sensor':
      return sensorCondition(cloud, filter);
    case 'group':
      return negatedIf(filter.negated, conditionOf(cloud, filter.group.filter));
    default:
      return negatedIf(filter.negated, filter.kind === 'and' ? allOf(cloud, filter.parts) : anyOf(cloud, filter.parts));
  }
}

/** Devices of the fleet for which it holds now, in the fleet's order where no Computer IDs narrow it. */
export function devicesWith(cloud: Cloud, condition: Condition, at: number): readonly SimulatedDevice[] {
  return candidatesOf(cloud, condition).filter((device) => condition.holds(device, at));
}

export function candidatesOf(cloud: Cloud, { candidates }: Condition): readonly SimulatedDevice[] {
  if (candidates === null) return cloud.fleet.devices;
  return [...candidates].flatMap((id) => cloud.fleet.byId.get(id) ?? []);
}

type SensorFilter = Extract<Filter, { readonly kind: 'sensor' }>;

function sensorCondition(cloud: Cloud, { term, all, test }: SensorFilter): Condition {
  const matches = valueMatcher(test, term.sensor.wire.value_type);
  const exact = !test.negated && test.operator === 'equals';
  return {
    fixed: term.sensor.source.kind === 'fixed',
    candidates: exact && term.sensor.wire.id === computerIdSensor ? new Set([Number(test.value)]) : null,
    holds: (device, at) => {
      const values = evaluate(cloud, term, device, at);
      return (all ? values.every(matches) : values.some(matches)) !== test.negated;
    },
  };
}

function negatedIf(negated: boolean, condition: Condition): Condition {
  if (!negated) return condition;
  return { fixed: condition.fixed, candidates: null, holds: (device, at) => !condition.holds(device, at) };
}

function allOf(cloud: Cloud, filters: readonly Filter[]): Condition {
  const parts = filters.map((filter) => conditionOf(cloud, filter));
  const narrowing = parts.flatMap(({ candidates }) => candidates ?? []);
  return {
    fixed: parts.every(({ fixed }) => fixed),
    candidates: narrowing.toSorted((a, b) => a.size - b.size)[0] ?? null,
    holds: (device, at) => parts.every(({ holds }) => holds(device, at)),
  };
}

/** The many `Computer ID equals …` of a targeted question are one set, not as many comparisons for each device. */
function anyOf(cloud: Cloud, filters: readonly Filter[]): Condition {
  const exact = new Map<string, { readonly first: SensorFilter; readonly values: Set<string> }>();
  const parts: Condition[] = [];
  for (const filter of filters) {
    if (!isExact(filter)) {
      parts.push(conditionOf(cloud, filter));
      continue;
    }
    const key = `${termKey(filter.term)} ${filter.test.ignoreCase}`;
    const found = exact.get(key) ?? { first: filter, values: new Set() };
    found.values.add(filter.test.ignoreCase ? filter.test.value.toLowerCase() : filter.test.value);
    exact.set(key, found);
  }
  for (const { first, values } of exact.values()) parts.push(oneOf(cloud, first, values));
  const candidates = new Set<number>();
  for (const part of parts) for (const id of part.candidates ?? []) candidates.add(id);
  return {
    fixed: parts.every(({ fixed }) => fixed),
    candidates: parts.every((part) => part.candidates !== null) ? candidates : null,
    holds: (device, at) => parts.some(({ holds }) => holds(device, at)),
  };
}

function isExact(filter: Filter): filter is SensorFilter {
  return filter.kind === 'sensor' && !filter.all && !filter.test.negated && filter.test.operator === 'equals';
}

function oneOf(cloud: Cloud, { term, test }: SensorFilter, wanted: ReadonlySet<string>): Condition {
  return {
    fixed: term.sensor.source.kind === 'fixed',
    candidates: term.sensor.wire.id === computerIdSensor ? new Set([...wanted].map(Number)) : null,
    holds: (device, at) =>
      evaluate(cloud, term, device, at).some((value) => wanted.has(test.ignoreCase ? value.toLowerCase() : value)),
  };
}
