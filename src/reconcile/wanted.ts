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

/** The outcome of comparing one inventory, or one record, with one policy. */
export interface Diff {
  readonly wanted: Wanted[];
  /** Facets that hold, with what is declared of them. */
  readonly met: Map<string, string>;
  /** Facets that do not. */
  readonly unmet: Set<string>;
}

export function emptyDiff(): Diff {
  return { wanted: [], met: new Map(), unmet: new Set() };
}

export function changesDevice(change: Pick<Wanted, 'operations'>): boolean {
  return change.operations.length > 0;
}

/** Notes whether a facet holds; where it does not, the change that mends it. */
export function compare(diff: Diff, facet: Facet, holds: boolean, change: () => Omit<Wanted, 'facet'>): void {
  if (holds) {
    diff.met.set(facet.key, facet.value);
    return;
  }
  diff.unmet.add(facet.key);
  diff.wanted.push({ ...change(), facet });
}
