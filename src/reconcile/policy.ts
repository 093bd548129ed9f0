/** Which policies a device has, and what they come to together: field by field, the highest priority wins. */
import type {
  AccountPolicy,
  ComputerPolicy,
  Desired,
  Enforcement,
  ExclusionPolicy,
  MembershipPolicy,
  PolicyRef,
  Protect,
  RecoveryPrincipal,
  RotationPolicy,
} from '../model/desired.ts';
import { type DeviceAttributes, selects } from '../model/selector.ts';
import { compareText } from '../model/sid.ts';
import { type EffectiveAccount, mergeAccounts } from './policy-accounts.ts';
import { type EffectiveGroup, mergeGroups } from './policy-groups.ts';
import { type EffectiveRotation, mergeRotations } from './policy-rotations.ts';

/** A value and the policy that decided it. */
export interface Declared<T> {
  readonly value: T;
  readonly policy: PolicyRef;
  readonly priority: number;
}

export interface ComputerSettings {
  readonly enroll: Declared<boolean> | null;
  readonly scan: Declared<boolean> | null;
  readonly protect: Declared<Protect> | null;
  readonly offlineAccess: Declared<'Unmanaged'> | null;
  readonly edrIntegration: Declared<string> | null;
  readonly maxScanAgeSeconds: Declared<number> | null;
  readonly enforcement: Declared<Enforcement> | null;
  readonly attribution: Declared<boolean> | null;
  readonly recovery: Declared<readonly RecoveryPrincipal[]> | null;
}

export interface EffectivePolicy {
  readonly computer: ComputerSettings;
  /** Ordered by SID. */
  readonly groups: readonly EffectiveGroup[];
  /** The built-in Administrator first, then ordered by key. */
  readonly accounts: readonly EffectiveAccount[];
  /** The built-in Administrator first, then ordered by key. */
  readonly rotations: readonly EffectiveRotation[];
}

export interface Selected {
  /** Equal for devices that the same policies select: they share one {@link EffectivePolicy}. */
  readonly signature: string;
  /** False: no policy selects the device. */
  readonly any: boolean;
  /** Names of the policies and exclusions that select it. */
  readonly names: ReadonlySet<string>;
  /** The same as they are declared; an exclusion has no priority. */
  readonly selecting: readonly Selecting[];
  readonly effective: EffectivePolicy;
  readonly exclusions: readonly ExclusionPolicy[];
}

export interface Selecting {
  readonly ref: PolicyRef;
  readonly priority: number | null;
}

/** A policy is merged once per distinct set of selecting policies, not once per device. */
export function policiesOf(desired: Desired): (device: DeviceAttributes) => Selected {
  const computers = byPrecedence(desired.computers);
  const memberships = byPrecedence(desired.memberships);
  const accounts = byPrecedence(desired.accounts);
  const rotations = byPrecedence(desired.rotations);
  const exclusions = desired.exclusions.toSorted((a, b) => compareRefs(a.ref, b.ref));
  const policies = [...computers, ...memberships, ...accounts, ...rotations, ...exclusions];
  const known: Branch = {};
  return (device) => {
    let branch = known;
    // By number: an iterator for each of a million devices is more than all else that is made for it here.
    for (let at = 0; at < policies.length; at += 1) {
      branch = branchOf(branch, selects((policies[at] as (typeof policies)[number]).selector, device));
    }
    if (branch.selected === undefined) {
      const selecting = new Set(policies.filter((policy) => selects(policy.selector, device)));
      const mine = <T extends (typeof policies)[number]>(list: readonly T[]): T[] =>
        list.filter((policy) => selecting.has(policy));
      const ofComputer = mine(computers);
      const ofGroups = mine(memberships);
      const ofAccounts = mine(accounts);
      const ofRotations = mine(rotations);
      branch.selected = {
        signature: policies.map((policy) => (selecting.has(policy) ? '1' : '0')).join(''),
        any: ofComputer.length + ofGroups.length + ofAccounts.length + ofRotations.length > 0,
        names: new Set([...selecting].map((policy) => policy.ref.name)),
        selecting: mine(policies).map((policy) => ({
          ref: policy.ref,
          priority: 'priority' in policy ? policy.priority : null,
        })),
        effective: merge(ofComputer, ofGroups, ofAccounts, ofRotations),
        exclusions: mine(exclusions),
      };
    }
    return branch.selected;
  };
}

/** What is known, policy by policy: a million devices walk a few steps each, and make nothing. */
interface Branch {
  selecting?: Branch;
  other?: Branch;
  /** At the end of the way. */
  selected?: Selected;
}

function branchOf(branch: Branch, isSelecting: boolean): Branch {
  if (isSelecting) {
    branch.selecting ??= {};
    return branch.selecting;
  }
  branch.other ??= {};
  return branch.other;
}

function merge(
  computers: readonly ComputerPolicy[],
  memberships: readonly MembershipPolicy[],
  accounts: readonly AccountPolicy[],
  rotations: readonly RotationPolicy[],
): EffectivePolicy {
  const field = <K extends keyof ComputerPolicy>(name: K): Declared<NonNullable<ComputerPolicy[K]>> | null => {
    for (const policy of computers) {
      const value = policy[name];
      if (value !== undefined) return { value, policy: policy.ref, priority: policy.priority };
    }
    return null;
  };
  return {
    computer: {
      enroll: field('enroll'),
      scan: field('scan'),
      protect: field('protect'),
      offlineAccess: field('offlineAccess'),
      edrIntegration: field('edrIntegration'),
      maxScanAgeSeconds: field('maxScanAgeSeconds'),
      enforcement: field('enforcement'),
      attribution: field('attribution'),
      recovery: field('recovery'),
    },
    groups: mergeGroups(memberships),
    accounts: mergeAccounts(accounts),
    rotations: mergeRotations(rotations),
  };
}

/** Validation has refused ties that say different things; the name decides, so that a plan is the same each time. */
function byPrecedence<T extends { readonly ref: PolicyRef; readonly priority: number }>(policies: readonly T[]): T[] {
  return policies.toSorted((a, b) => b.priority - a.priority || compareRefs(a.ref, b.ref));
}

function compareRefs(a: PolicyRef, b: PolicyRef): number {
  return compareText(a.name, b.name) || compareText(a.source.file, b.source.file) || a.source.line - b.source.line;
}
