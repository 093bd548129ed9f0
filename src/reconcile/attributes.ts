/** What selectors look at, and what they cannot look at here. */
import { TrueupError } from '../errors.ts';
import type { Desired, DesiredProvider, PolicyRef } from '../model/desired.ts';
import type { Observation, ObservedDevice } from '../model/observed.ts';
import type { Recorded, RecordedComputer } from '../model/recorded.ts';
import { type DeviceAttributes, type Selector, shortName } from '../model/selector.ts';
import { compareText } from '../model/sid.ts';
import type { Device } from './observe.ts';
import { stepsOf } from './waves.ts';

export type Labels = ReadonlyMap<string, Readonly<Record<string, string>>>;

const noLabels: Readonly<Record<string, string>> = {};
const noGroups: readonly string[] = [];

/** What attributes are made of: what a machine says before what is on record. */
export interface Attributed extends Pick<Device, 'computerId' | 'name'> {
  readonly row: Pick<ObservedDevice, 'domain' | 'os'> | null;
  readonly record: Pick<RecordedComputer, 'domain' | 'ou' | 'os' | 'insertedAt'> | null;
}

/** `now`: ISO time that ages count from. Labels are found under the full or the short name, in lower case. */
export function attributesOf(
  observation: Pick<Observation, 'groupMembers'>,
  labels: Labels,
  now: string,
): (device: Attributed) => DeviceAttributes {
  const groupsOf = new Map<string, string[]>();
  for (const [group, members] of observation.groupMembers) {
    for (const computerId of members) {
      const known = groupsOf.get(computerId);
      if (known) known.push(group);
      else groupsOf.set(computerId, [group]);
    }
  }
  const nowMs = Date.parse(now);
  const labelsOf = (lower: string): Readonly<Record<string, string>> =>
    labels.get(lower) ?? labels.get(shortName(lower)) ?? noLabels;
  return ({ computerId, name, row, record }) => {
    return {
      name,
      domain: row?.domain ?? record?.domain ?? null,
      ou: record?.ou ?? null,
      // Left out by a selector for want of an answer, a device would lose its exclusion.
      os: row?.os || record?.os || '',
      labels: labels.size === 0 ? noLabels : labelsOf(name.toLowerCase()),
      taniumGroups: (computerId === null || groupsOf.size === 0 ? undefined : groupsOf.get(computerId)) ?? noGroups,
      insertedSecondsAgo: record === null ? 0 : secondsBetween(record.insertedAt, nowMs),
    };
  };
}

function secondsBetween(from: string | null, nowMs: number): number | null {
  return from === null ? null : Math.max(0, Math.floor((nowMs - Date.parse(from)) / 1000));
}

/** Throws TRUEUP_SELECTOR_UNKNOWN for a selector that would silently select nothing. */
export function refuseUnknowable(
  desired: Desired,
  provider: Pick<DesiredProvider, 'deviceLabels'>,
  owner: Recorded['owner'],
): void {
  refuseUnknowableIn(selectorsIn(desired), provider, owner);
}

/** The same for these statements alone. */
export function refuseUnknowableIn(
  selecting: readonly Selection[],
  provider: Pick<DesiredProvider, 'deviceLabels'>,
  owner: Recorded['owner'],
): void {
  for (const { ref, selector } of selecting.toSorted((a, b) => compareRefs(a.ref, b.ref))) {
    for (const part of partsOf(selector)) {
      if (part.ou !== undefined && owner === 'embedded') {
        throw unknown(ref, 'ou', 'the embedded store keeps no directory, and Tanium does not say the unit');
      }
      if (part.labels !== undefined && provider.deviceLabels === null) {
        throw unknown(ref, 'labels', 'EdrProvider.spec.deviceLabels names no file of labels');
      }
    }
  }
}

/** A statement and whom it is about. */
export interface Selection {
  readonly ref: PolicyRef;
  readonly selector: Selector;
}

/** Every selector that a plan looks at, with the statement that has it. */
export function selectorsIn(
  desired: Pick<Desired, 'computers' | 'memberships' | 'accounts' | 'rotations' | 'exclusions' | 'rollout'>,
): Selection[] {
  const { computers, memberships, accounts, rotations, exclusions, rollout } = desired;
  const waves = stepsOf(rollout).flatMap(({ selector, name, source }) => {
    const ref: PolicyRef = { kind: 'Rollout', name: rollout.ref?.name ?? name, source };
    return selector === null ? [] : [{ ref, selector }];
  });
  return [...computers, ...memberships, ...accounts, ...rotations, ...exclusions, ...waves];
}

function partsOf(selector: Selector): Selector[] {
  return [selector, ...(selector.exclude ?? []).flatMap(partsOf)];
}

function unknown(ref: PolicyRef, attribute: string, why: string): TrueupError {
  return new TrueupError('TRUEUP_SELECTOR_UNKNOWN', `${ref.kind} ${ref.name} selects by ${attribute}: ${why}.`, {
    source: `${ref.source.file}:${ref.source.line}`,
  });
}

function compareRefs(a: PolicyRef, b: PolicyRef): number {
  return compareText(a.source.file, b.source.file) || a.source.line - b.source.line || compareText(a.name, b.name);
}
