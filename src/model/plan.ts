import type { PlannedRead } from './attribution.ts';
import type { BudgetName, Kind, Source } from './desired.ts';
import type { Guard } from './guard.ts';
import type { Operation, Stage } from './operation.ts';
import type { GatePolicy } from './waves.ts';

/**
 * The plan: what one run would do, and the only input of apply and of every renderer. Its JSON form is
 * `schemas/plan.schema.json`. Every list is sorted, so equal inputs give equal bytes.
 */
export interface Plan {
  readonly version: 1;
  /** SHA-256 over everything but the time and age of the scan, in hexadecimal. */
  readonly digest: string;
  /** Digest of the configuration. */
  readonly config: string;
  /** Name of the provider. */
  readonly provider: string;
  /** What `--only` left of the plan; null: it is of everything. */
  readonly only: Only | null;
  /** Left out: it is of everything that is declared, and of no password that is not due. */
  readonly rotate?: AskedPasswords;
  readonly scan: PlanScan;
  readonly changes: readonly PlannedChange[];
  readonly held: readonly HeldChange[];
  /** Guards that are set aside for this run; sorted. */
  readonly allowances: readonly Allowance[];
  /** Devices that did not answer now and for which an earlier action is still open; sorted labels. */
  readonly pending: readonly string[];
  readonly actions: readonly PlannedAction[];
  /** Left out: no waves are declared, and everything goes in the first. */
  readonly rollout?: PlannedRollout;
  readonly bounds: { readonly actions: number; readonly lowerBound: number; readonly optimal: boolean };
  readonly budgets: readonly BudgetUse[];
  /** Why the whole run is refused or cannot enforce; null: it can. */
  readonly refusal: Refusal | null;
  readonly notActedOn: readonly NotActedOnLine[];
  readonly warnings: readonly string[];
  readonly summary: PlanSummary;
}

/** One policy by its name, or one device by its label. */
export type Only = { readonly policy: string } | { readonly device: string };

/** Of a plan that changes passwords and nothing else: whose. */
export interface AskedPasswords {
  /** Null: of all PasswordRotationPolicies. */
  readonly policy: string | null;
  /** Its label; as asked for, any of its names. Null: of all devices. */
  readonly device: string | null;
  /** `builtin`, or its name as it is declared. Null: of all accounts that are declared. */
  readonly account: string | null;
  /** Whether they are changed although they are not due. */
  readonly now: boolean;
}

/** One guard that does not hold one device in this run, and why somebody says so. */
export interface Allowance {
  readonly guard: Guard;
  /** Its label; as asked for, any of a device's names. */
  readonly device: string;
  readonly reason: string;
}

export interface PlanScan {
  /** To the minute, `2026-03-02T09:14Z`; null: nothing was scanned. */
  readonly at: string | null;
  readonly ageSeconds: number;
  readonly expected: number;
  /** Devices that answered with an inventory, or as a platform that is out of scope. */
  readonly answered: number;
  /** Devices in scope: enrolled (or to be enrolled) and selected by a policy. */
  readonly selected: number;
  /** Devices in scope with an inventory. */
  readonly observed: number;
  /** With NPS-D's records: devices that Tanium knows and NPS-D does not. */
  readonly unmatched: number;
}

/**
 * How a change came to be wanted: desired now, last applied and observed, compared three ways. `due`: it is as it was
 * declared, and its time is up.
 */
export type Reason = 'intent-changed' | 'drifted' | 'never-applied' | 'due' | 'unknown';

/**
 * Why a password is changed. `new`: we hold none · `unsettled`: what became of the last change is not known, and the
 * device is asked for the same once more · `reset`: somebody else set it · `reverted`: the device has one of another
 * rotation than the one we hold, as after a return to a snapshot · `demands`: it is to be made of something else ·
 * `revealed`: somebody read it, and its time is up · `age` · `asked`: by hand.
 */
export type DueCause = 'new' | 'unsettled' | 'reset' | 'reverted' | 'demands' | 'revealed' | 'age' | 'asked';

export type ChangeKind =
  | 'toggle.set'
  | 'provider.create'
  | 'provider.set'
  | 'option.set'
  | 'computer.enroll'
  | 'computer.set'
  | 'content.create'
  | 'content.update'
  | 'group.add'
  | 'group.remove'
  | 'account.create'
  | 'account.enable'
  | 'account.disable'
  | 'account.set'
  | 'account.rename'
  | 'account.unlock'
  | 'account.delete'
  | 'password.rotate';

/** Changes of Tanium's own objects, which come before all others. */
export const contentKinds: readonly ChangeKind[] = ['content.create', 'content.update'];

/** Changes of records, in the order in which they are written; all others are changes of devices. */
export const recordKinds: readonly ChangeKind[] = [
  'toggle.set',
  'provider.create',
  'provider.set',
  'option.set',
  'computer.enroll',
  'computer.set',
];

export type PlanValue = string | number | boolean | null | { readonly [key: string]: PlanValue } | readonly PlanValue[];

/**
 * What a change is about. Of `group.*`: `{group, member, name}`; of `account.*`: `{account}` and for `account.set`
 * `{account, property}`; of `password.rotate`: `{account}`; of `computer.set` and `provider.set`: `{field}`; of `option.set`: `{option}`; of
 * `toggle.set`: `{toggle}`; of `content.*`: `{object, content}`, of an update also `property`.
 */
export type Subject = Readonly<Record<string, string | null>>;

export interface PlannedChange {
  /** `c1`, `c2`, … in the order of the list. */
  readonly id: string;
  readonly policy: string;
  readonly policyKind: Kind;
  readonly source: Source;
  readonly kind: ChangeKind;
  readonly subject: Subject;
  /** Never a secret. Of `password.rotate` null, and `{due}`, see {@link DueCause}, with the limit that it has passed. */
  readonly from: PlanValue;
  readonly to: PlanValue;
  readonly reason: Reason;
  /** Of passwords that are due by their age: how old they are, in days. Left out: of any other change. */
  readonly age?: { readonly from: number; readonly to: number };
  /**
   * Of a drift: who is recorded to have done it, on how many of the devices; most of them first, those of which nobody
   * knows last. Left out: the devices' policy does not ask, and nothing is recorded.
   */
  readonly actors?: readonly PlannedActor[];
  /** What a reader must know before saying yes, as #116; null: nothing. */
  readonly consequence: string | null;
  /** Device labels, sorted; empty for the provider's own records. */
  readonly devices: readonly string[];
}

export interface PlannedActor {
  /** `DOMAIN\name`, else a SID; null: unattributed. */
  readonly actor: string | null;
  readonly devices: number;
}

export interface HeldChange {
  readonly guard: Guard;
  readonly message: string;
  /** What would release it; null: nothing does. */
  readonly release: string | null;
  readonly policy: string | null;
  /** Null: the whole device is held. */
  readonly kind: ChangeKind | null;
  readonly subject: Subject | null;
  readonly source: Source | null;
  readonly devices: readonly string[];
}

/** In which waves the devices go. */
export interface PlannedRollout {
  /** Those that have devices, in their order. */
  readonly waves: readonly PlannedWave[];
  /** What must hold of a wave before the next one begins; null: nothing must. */
  readonly gate: GatePolicy | null;
  /** Numbers of the waves that somebody released for this run; sorted. */
  readonly approved: readonly number[];
}

export interface PlannedWave {
  /** As declared, the canaries first: a number that no device has is left out. */
  readonly number: number;
  readonly name: string;
  readonly devices: number;
  /** Labels of those that a gate holds, sorted; none: the wave goes. */
  readonly held: readonly string[];
  readonly source: Source;
}

/** One Tanium action: a sequence of operations for a set of devices, each of which needs all of them. */
export interface PlannedAction {
  /** Of what it does and where: equal plans have equal keys. */
  readonly key: string;
  readonly stages: readonly Stage[];
  readonly wave: number;
  /** Ids of the changes that it carries. */
  readonly changes: readonly string[];
  readonly operations: readonly Operation[];
  /** Before these it reads who changed what it mends; left out: nobody asks. */
  readonly attribution?: PlannedRead;
  /** Keys of the actions just before it on its devices, sorted: where one fails, its devices are left out of this one. */
  readonly after: readonly string[];
  /** Device labels, in the order of `targets`. */
  readonly devices: readonly string[];
  /** Computer IDs. */
  readonly targets: readonly string[];
}

export interface BudgetUse {
  readonly name: BudgetName;
  /** By this plan. */
  readonly used: number;
  /** In the 24 hours before it. Together with `used` it may not be more than `limit`. */
  readonly earlier: number;
  readonly limit: number;
  readonly source: Source | null;
}

/** A plan that takes nothing of a budget is within it, whatever others took before. */
export function isOver({ used, earlier, limit }: BudgetUse): boolean {
  return used > 0 && used + earlier > limit;
}

export type Refusal =
  | { readonly kind: 'budget'; readonly message: string; readonly source: Source | null }
  | { readonly kind: 'too-few-observed'; readonly message: string; readonly source: Source | null };

export interface NotActedOnLine {
  readonly kind: Kind;
  readonly policy: string;
  readonly source: Source;
  readonly fields: readonly string[];
}

/** Device changes and record changes, counted once per device. */
export interface PlanSummary {
  readonly create: number;
  readonly change: number;
  readonly remove: number;
  readonly rotate: number;
  readonly held: number;
}
