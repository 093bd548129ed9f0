import type { Kind, PolicyRef, Source } from './desired.ts';
import type { DriftRecord } from './drift.ts';
import type { Guard } from './guard.ts';
import type { JournalState } from './journal.ts';
import type { Stage } from './operation.ts';
import type { ChangeKind, PlanScan, PlanValue, Reason, Refusal, Subject } from './plan.ts';
import type { Run } from './run.ts';
import type { LastScan } from './scan.ts';

/**
 * Everything that is known of one device: what is declared of it and by whom, what it has, what a plan would do and what
 * holds it, what the last action did. Its JSON form is `schemas/explain.schema.json`.
 */
export interface Explanation extends DeviceExplanation {
  /** What the plan of this moment says of the device. */
  readonly plan: PlanOfDevice;
  /** The last action that was sent to it; null: none ever was. */
  readonly lastAction: LastAction | null;
  /** Differences on record of it, those of its facets among them. */
  readonly drift: readonly DriftRecord[];
}

/** What the configuration, the records and the scan say of one device. */
export interface DeviceExplanation {
  /** Its label. */
  readonly device: string;
  /** Null: a record that no scan has matched to a machine. */
  readonly computerId: string | null;
  readonly name: string;
  readonly domain: string | null;
  readonly os: string | null;
  /** Digest of the configuration. */
  readonly config: string;
  readonly provider: string;
  readonly scan: Pick<PlanScan, 'at' | 'ageSeconds'>;
  readonly standing: Standing;
  /** Null: it has none. */
  readonly record: RecordOfDevice | null;
  /** The statements that select it. */
  readonly selectedBy: readonly SelectedBy[];
  /** What decides how the device is treated, rather than what it has. */
  readonly settings: readonly ExplainedSetting[];
  /** Why the whole device is held back; none: it is not. */
  readonly held: readonly WholeHeld[];
  /** Records first, then accounts, then groups; in each, what is declared before what is not. */
  readonly facets: readonly ExplainedFacet[];
}

/**
 * `compared` with its policies · `held`: not, or in vain, for the whole device is · `unselected`: no policy selects it ·
 * `ignored`: enforcement is ignore · `not-windows` · `not-enrolled`: no ComputerPolicy enrolls it.
 */
export type Standing = 'compared' | 'held' | 'unselected' | 'ignored' | 'not-windows' | 'not-enrolled';

export interface RecordOfDevice {
  readonly id: string;
  readonly machineSid: string | null;
  /** ISO times. */
  readonly insertedAt: string | null;
  readonly lastSeenAt: string | null;
  /** What the last try to scan it came to; null: there was none. */
  readonly lastScan: LastScan | null;
  /** Until when a change is owed to it, whose action it has not answered; null: none is. */
  readonly pendingUntil: string | null;
}

export interface Rule {
  readonly kind: Kind;
  readonly policy: string;
  readonly source: Source;
}

export interface SelectedBy extends Rule {
  /** Null: an Exclusion has none. */
  readonly priority: number | null;
}

export interface ExplainedSetting {
  readonly field: 'enroll' | 'enforcement' | 'attribution' | 'maxScanAge' | 'recovery';
  /** `maxScanAge` in seconds. */
  readonly value: PlanValue;
  readonly rule: Rule;
}

export interface HeldBy {
  readonly guard: Guard;
  readonly message: string;
  /** What would release it; null: nothing does. */
  readonly release: string | null;
}

export interface WholeHeld extends HeldBy {
  /** The statement that holds it; null: none does. */
  readonly rule: Rule | null;
}

/**
 * `met`: as declared · `differs`: the next apply changes it · `held`: it differs, and a guard holds the change ·
 * `waits`: it differs, and comes with a change of another facet · `left`: a rule leaves it as it is · `undeclared`:
 * nobody declares anything of it · `unknown`: the device has not shown it.
 */
export type Verdict = 'met' | 'differs' | 'held' | 'waits' | 'left' | 'undeclared' | 'unknown';

export interface ExplainedFacet {
  readonly about: 'computer' | 'account' | 'group';
  readonly subject: Subject;
  /**
   * What of it: a field of the record; `enabled`, `locked`, `name` or a property of an account. Null: whether it is there
   * at all, or is a member.
   */
  readonly property: string | null;
  /** Null: nothing is declared. */
  readonly desired: PlanValue;
  /** Null: not there, or not known. */
  readonly observed: PlanValue;
  readonly verdict: Verdict;
  /** The statement that decided; null: none did. */
  readonly rule: Rule | null;
  /** Why it is left as it is; null: there is nothing to say. */
  readonly why: string | null;
  /** The change that would mend it; null: none is wanted. */
  readonly change: ChangeKind | null;
  /** Why it differs; null: it does not. */
  readonly reason: Reason | null;
  readonly consequence: string | null;
  readonly held: HeldBy | null;
  /** Our last correction of it failed on the device. */
  readonly failed: boolean;
}

export interface PlanOfDevice {
  readonly digest: string;
  /** Why the whole run is refused; null: it is not. */
  readonly refusal: Refusal | null;
  readonly actions: readonly ActionOfDevice[];
}

export interface ActionOfDevice {
  readonly key: string;
  readonly stages: readonly Stage[];
  readonly wave: number;
  /** Key of the action that must have succeeded first; null: none. */
  readonly after: string | null;
}

export interface LastAction {
  /** Its name in Tanium. */
  readonly name: string;
  readonly state: Exclude<JournalState, 'absent'>;
  /** Tanium's id of it; null: not known. */
  readonly actionId: string | null;
  /** ISO times. */
  readonly intendedAt: string;
  readonly expiresAt: string;
  /** What became of it on this device, as far as it is told. */
  readonly outcome: 'under way' | 'pending' | 'failed' | 'done';
  readonly run: Pick<Run, 'id' | 'kind' | 'status' | 'by' | 'startedAt'> | null;
}

export function ruleOf({ kind, name, source }: PolicyRef): Rule {
  return { kind, policy: name, source };
}
