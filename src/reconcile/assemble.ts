/** The plan out of its parts: changes and holds counted by policy, everything sorted, and the digest over it. */

import { canonicalJson, canonicalParts } from '../model/canonical.ts';
import type { Desired, PolicyRef } from '../model/desired.ts';
import {
  type AskedPasswords,
  contentKinds,
  type HeldChange,
  type NotActedOnLine,
  type Plan,
  type PlannedAction,
  type PlannedChange,
  type PlannedRollout,
  type PlanSummary,
  recordKinds,
} from '../model/plan.ts';
import type { Recorded } from '../model/recorded.ts';
import { compareText } from '../model/sid.ts';
import { type Arrival, messageWarnings } from './actions.ts';
import { actorsIn, type FoundActors, findActors, noActors } from './actors.ts';
import { allowanceWarnings } from './allow.ts';
import type { Batch } from './batch.ts';
import type { ContentChange } from './content-changes.ts';
import type { HeldBack } from './guard.ts';
import { sha256 } from './hash.ts';
import { type LogNeed, readsIn } from './log-read.ts';
import type { Members } from './members.ts';
import type { ProviderRecordChange } from './provider-records.ts';
import type { WholeHold } from './scope.ts';
import { operationKey } from './stage.ts';
import type { Attributed } from './wanted.ts';

/** A class of devices after the guards. */
export interface Judged {
  readonly members: Members;
  readonly allowed: readonly Attributed[];
  readonly held: readonly HeldBack[];
  /** What of their logs somebody wants to know; null: nothing. */
  readonly logNeed: LogNeed | null;
}

export interface PlanParts extends Pick<Plan, 'config' | 'only' | 'allowances' | 'scan' | 'budgets' | 'refusal'> {
  readonly provider: PolicyRef;
  readonly rotate: AskedPasswords | null;
  readonly records: readonly ProviderRecordChange[];
  readonly content: readonly ContentChange[];
  readonly classes: readonly Judged[];
  readonly whole: readonly WholeHold[];
  readonly pending: readonly WholeHold[];
  /** One for each wave that goes; one alone where none are declared. */
  readonly batches: readonly WaveBatch[];
  /** Null: no waves are declared. */
  readonly rollout: PlannedRollout | null;
  /** By Computer ID, then by `subjectKey`: who is recorded to have made a difference. */
  readonly actors: Recorded['actors'];
  readonly notActedOn: Desired['notActedOn'];
  readonly warnings: readonly string[];
}

export interface WaveBatch {
  readonly wave: number;
  readonly batch: Batch<Judged>;
}

export function assemble(parts: PlanParts): Plan {
  const { changes, idOf } = numbered(parts);
  const actions = parts.batches.flatMap(({ wave, batch }) => {
    const completed = completions(idOf);
    const reads = readsIn(batch);
    return batch.actions.map((action): PlannedAction => {
      const ids = new Set(action.arrivals.flatMap((arrival) => completed(arrival).get(action.level) ?? []));
      const read = reads.get(action.key);
      return {
        key: action.key,
        stages: action.stages,
        wave,
        changes: [...ids].toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1))),
        operations: action.operations,
        ...(read === undefined ? {} : { attribution: read }),
        after: action.after,
        devices: action.targets.map((target) => target.label),
        targets: action.targets.map((target) => target.computerId),
      };
    });
  });
  const held = heldOf(parts);
  const lowerBound = parts.batches.reduce((sum, { batch }) => sum + batch.lowerBound, 0);
  const plan: Omit<Plan, 'digest'> = {
    version: 1,
    config: parts.config,
    provider: parts.provider.name,
    only: parts.only,
    ...(parts.rotate === null ? {} : { rotate: parts.rotate }),
    scan: parts.scan,
    changes,
    held,
    allowances: parts.allowances,
    pending: parts.pending.map(({ device }) => device.label).toSorted(compareText),
    actions,
    ...(parts.rollout === null ? {} : { rollout: parts.rollout }),
    bounds: { actions: actions.length, lowerBound, optimal: actions.length === lowerBound },
    budgets: parts.budgets,
    refusal: parts.refusal,
    notActedOn: notActedOn(parts.notActedOn),
    warnings: [
      ...parts.warnings,
      ...allowanceWarnings(parts.allowances, held, changes),
      ...messageWarnings(actions),
    ].toSorted(compareText),
    summary: summaryOf(changes, held),
  };
  return { ...plan, digest: digestOf(plan) };
}

/** Of a class, the ids of its changes by the level at which the last of their operations comes. */
function completions(
  idOf: (change: Attributed) => string,
): (arrival: Arrival<Judged>) => ReadonlyMap<number, readonly string[]> {
  const known = new Map<Judged, ReadonlyMap<number, readonly string[]>>();
  return ({ origin, lastLevel }) => {
    const found = known.get(origin);
    if (found !== undefined) return found;
    const ids = new Map<number, string[]>();
    for (const change of origin.allowed) {
      const level = Math.max(-1, ...change.operations.map((operation) => lastLevel.get(operationKey(operation)) ?? -1));
      const same = ids.get(level);
      if (same) same.push(idOf(change));
      else ids.set(level, [idOf(change)]);
    }
    known.set(origin, ids);
    return ids;
  };
}

/** The same state gives the same digest, however long ago it was seen, how old passwords are, and what was spent before. */
export function digestOf(plan: Omit<Plan, 'digest'>): string {
  const { at: _at, ageSeconds: _age, ...scan } = plan.scan;
  const budgets = plan.budgets.map(({ earlier: _earlier, ...budget }) => budget);
  const changes = plan.changes.map(({ age: _days, ...change }) => change);
  return sha256(canonicalParts({ ...plan, scan, changes, budgets }));
}

type Draft = Omit<PlannedChange, 'id' | 'age' | 'actors' | 'devices'>;

interface Gathered extends Draft {
  readonly devices: string[];
  readonly found: FoundActors;
  age: PlannedChange['age'];
}

/** Records come first, as they are written first; then policy by policy. */
function numbered(parts: PlanParts): {
  readonly changes: readonly PlannedChange[];
  readonly idOf: (change: Attributed) => string;
} {
  const drafts = new Map<string, Gathered>();
  for (const change of parts.records) {
    const draft = { ...change, ...ofPolicy(parts.provider), devices: [], found: noActors(), age: undefined };
    drafts.set(draftKey(draft), draft);
  }
  for (const { policy, ends: _, ...change } of parts.content) {
    const draft = { ...change, ...ofPolicy(policy), devices: [], found: noActors(), age: undefined };
    drafts.set(draftKey(draft), draft);
  }
  const keys = new Map<Attributed, string>();
  // Sorting the keys of a map takes its time, and nearly all maps have come before.
  const known = new Map<string, string>();
  const keyOf = (draft: Draft): string => {
    const text = JSON.stringify(partsOfKey(draft));
    const key = known.get(text) ?? draftKey(draft);
    known.set(text, key);
    return key;
  };
  for (const { allowed, members, logNeed } of parts.classes) {
    for (const change of allowed) {
      const { kind, subject, from, to, reason, consequence } = change;
      const told = { ...ofPolicy(change.policy), kind, subject, from, to, reason, consequence };
      const key = keyOf(told);
      keys.set(change, key);
      const draft = drafts.get(key) ?? { ...told, devices: [], found: noActors(), age: undefined };
      drafts.set(key, draft);
      for (const label of members.labels) draft.devices.push(label);
      if (change.age !== undefined) draft.age = withAge(draft.age, change.age);
      if (reason === 'drifted') findActors(draft.found, parts.actors, change, members, logNeed !== null);
    }
  }
  const sorted = [...drafts].toSorted(([keyA, a], [keyB, b]) => rankOf(a) - rankOf(b) || compareText(keyA, keyB));
  const ids = new Map(sorted.map(([key], index) => [key, `c${index + 1}`]));
  return {
    changes: sorted.map(([, draft], index) => ({
      id: `c${index + 1}`,
      policy: draft.policy,
      policyKind: draft.policyKind,
      source: draft.source,
      kind: draft.kind,
      subject: draft.subject,
      from: draft.from,
      to: draft.to,
      reason: draft.reason,
      ...(draft.age === undefined ? {} : { age: draft.age }),
      ...actorsIn(draft.found),
      consequence: draft.consequence,
      devices: draft.devices.toSorted(),
    })),
    idOf: (change) => ids.get(keys.get(change) ?? '') ?? '',
  };
}

function withAge(known: PlannedChange['age'], age: number): NonNullable<PlannedChange['age']> {
  return { from: Math.min(known?.from ?? age, age), to: Math.max(known?.to ?? age, age) };
}

function ofPolicy({ name, kind, source }: PolicyRef): Pick<PlannedChange, 'policy' | 'policyKind' | 'source'> {
  return { policy: name, policyKind: kind, source };
}

function draftKey(draft: Draft): string {
  return canonicalJson(partsOfKey(draft));
}

function partsOfKey(draft: Draft): readonly unknown[] {
  const { policy, policyKind, source, kind, subject, from, to, reason, consequence } = draft;
  return [policy, policyKind, source.file, source.line, kind, subject, from, to, reason, consequence];
}

/** What is of no device, in its order. */
const firstKinds: readonly PlannedChange['kind'][] = [...contentKinds, ...recordKinds];

function rankOf({ kind }: Draft): number {
  const index = firstKinds.indexOf(kind);
  return index === -1 ? firstKinds.length : index;
}

function heldOf({ classes, whole }: PlanParts): readonly HeldChange[] {
  const drafts = new Map<string, HeldChange & { readonly devices: string[] }>();
  const add = (held: Omit<HeldChange, 'devices'>, labels: Iterable<string>): void => {
    const key = canonicalJson(Object.values(held));
    const known = drafts.get(key) ?? { ...held, devices: [] };
    drafts.set(key, known);
    for (const label of labels) known.devices.push(label);
  };
  for (const { device, hold, exclusion } of whole) {
    const statement = { policy: exclusion?.ref.name ?? null, source: exclusion?.ref.source ?? null };
    add({ ...holdFields(hold), ...statement, kind: null, subject: null }, [device.label]);
  }
  for (const { held, members } of classes) {
    for (const { change, hold } of held) {
      const { policy, kind, subject } = change;
      add({ ...holdFields(hold), policy: policy.name, kind, subject, source: policy.source }, members.labels);
    }
  }
  return [...drafts]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, { devices, ...held }]) => ({ ...held, devices: devices.toSorted() }));
}

function holdFields({ guard, message, release }: HeldBack['hold']): HeldBack['hold'] {
  return { guard, message, release };
}

function notActedOn(statements: Desired['notActedOn']): readonly NotActedOnLine[] {
  return statements
    .map(({ policy, fields }) => ({
      kind: policy.kind,
      policy: policy.name,
      source: policy.source,
      fields: fields.toSorted(compareText),
    }))
    .toSorted((a, b) => compareText(canonicalJson(a), canonicalJson(b)));
}

export function summaryOf(changes: readonly PlannedChange[], held: readonly HeldChange[]): PlanSummary {
  const summary = { create: 0, change: 0, remove: 0, rotate: 0, held: 0 };
  for (const { kind, devices } of changes) summary[countedAs(kind)] += Math.max(1, devices.length);
  for (const { devices } of held) summary.held += devices.length;
  return summary;
}

function countedAs(kind: PlannedChange['kind']): keyof PlanSummary {
  switch (kind) {
    case 'account.create':
    case 'computer.enroll':
    case 'provider.create':
    case 'content.create':
      return 'create';
    case 'group.remove':
    case 'account.delete':
      return 'remove';
    case 'password.rotate':
      return 'rotate';
    default:
      return 'change';
  }
}
