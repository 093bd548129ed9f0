import type { PolicyRef } from '../model/desired.ts';
import type { Guard } from '../model/guard.ts';
import type { Operation } from '../model/operation.ts';
import type { ChangeKind, PlanValue, Reason, Subject } from '../model/plan.ts';
import type { Sid } from '../model/sid.ts';

/** What the steps hand on: one difference between what is and what is declared, not judged yet. */
export interface Wanted {
  readonly policy: PolicyRef;
  readonly kind: ChangeKind;
  readonly subject: Subject;
  readonly from: PlanValue;
  readonly to: PlanValue;
  readonly consequence: string | null;
  /** How the device is brought to it, one member per group operation; none: only a record changes. */
  readonly operations: readonly Operation[];
  /** The member or account that it is about, as the device has it; null: it is not there yet, or there is none. */
  readonly sid: Sid | null;
  /** What is declared of which facet, see `AppliedFacets`. */
  readonly facet: Facet;
  /** The facet of an exact group that implies a removal which nobody spelled out; null: it was spelled out. */
  readonly impliedBy: string | null;
  /** Why the device's own state forbids it, found by the diff; null: it does not. */
  readonly obstacle: Hold | null;
  /** Facet of the account that must have been created first; null: none. */
  readonly dependsOn: string | null;
  /** Left out: the facet tells, by what was applied before. */
  readonly reason?: Reason;
  /** Of a password that is due by its age: days. */
  readonly age?: number;
  /** It was asked for within the day before, and counts in the budget since then. */
  readonly counted?: true;
}

export interface Facet {
  readonly key: string;
  readonly value: string;
}

export interface Attributed extends Wanted {
  readonly reason: Reason;
}

export interface Hold {
  readonly guard: Guard;
  readonly message: string;
  readonly release: string | null;
}

/** How one thing stands, whether it is as declared or not: what an explanation is made of. */
export interface Decision {
  /** Key of its facet; null: nobody declares anything of it. */
  readonly key: string | null;
  /** The change that would mend it; null: no change would. */
  readonly kind: ChangeKind | null;
  readonly subject: Subject;
  readonly desired: PlanValue;
  readonly observed: PlanValue;
  readonly holds: boolean;
  /** The statement that decides it; null: none does. */
  readonly rule: PolicyRef | null;
  /** Why it stays as it is although nobody declares it so; null: that needs no reason. */
  readonly why: string | null;
  /** The member that it is about, as the device has it; left out: it is about none. */
  readonly member?: Sid | null;
}

/** What is told of a facet besides its key and whether it holds. */
export type Told = Omit<Decision, 'key' | 'holds'>;

/** The outcome of comparing one inventory, or one record, with one policy. */
export interface Diff {
  readonly wanted: Wanted[];
  /** Facets that hold, with what is declared of them. */
  readonly met: Map<string, string>;
  /** Facets that do not. */
  readonly unmet: Set<string>;
  /** Filled where somebody asks how each facet came to stand as it does; null: nobody does. */
  readonly decided: Decision[] | null;
}

export function emptyDiff(decided: Decision[] | null = null): Diff {
  return { wanted: [], met: new Map(), unmet: new Set(), decided };
}

export function changesDevice(change: Pick<Wanted, 'operations'>): boolean {
  return change.operations.length > 0;
}

/** Notes whether a facet holds; where it does not, the change that mends it. Its `from` is what is there, always. */
export function compare(diff: Diff, facet: Facet, holds: boolean, change: () => Omit<Wanted, 'facet'>): void {
  if (holds) diff.met.set(facet.key, facet.value);
  else diff.unmet.add(facet.key);
  if (holds && diff.decided === null) return;
  const wanted = { ...change(), facet };
  if (!holds) diff.wanted.push(wanted);
  diff.decided?.push({ key: facet.key, holds, ...toldBy(wanted) });
}

function toldBy({ kind, subject, from, to, policy, sid }: Wanted): Told {
  const told = { kind, subject, ...statesOf(kind, from, to), rule: policy, why: null };
  return 'group' in subject ? { ...told, member: sid } : told;
}

/** Whether something is there at all is said in a word. */
function statesOf(kind: ChangeKind, from: PlanValue, to: PlanValue): Pick<Told, 'desired' | 'observed'> {
  switch (kind) {
    case 'account.create':
      return { desired: 'present', observed: 'absent' };
    case 'account.delete':
      return { desired: 'absent', observed: 'present' };
    case 'computer.enroll':
      return { desired: 'enrolled', observed: 'absent' };
    case 'group.add':
    case 'group.remove':
      return { desired: to ?? 'absent', observed: from ?? 'absent' };
    default:
      return { desired: to, observed: from };
  }
}

/** Notes a facet that holds without a comparison. */
export function hold(diff: Diff, facet: Facet, told: () => Told): void {
  diff.decided?.push({ key: facet.key, holds: true, ...told() });
  diff.met.set(facet.key, facet.value);
}

/** Notes a facet that cannot hold before something else does, which has a change of its own. */
export function lack(diff: Diff, key: string, told: () => Told): void {
  diff.decided?.push({ key, holds: false, ...told() });
  diff.unmet.add(key);
}

/** Tells of something that is there and that nobody declares. */
export function tellUndeclared(diff: Diff, told: Omit<Told, 'kind' | 'desired' | 'rule'>): void {
  diff.decided?.push({ key: null, holds: true, kind: null, desired: null, rule: null, ...told });
}
