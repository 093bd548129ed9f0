import type { BaselinePolicy, PostureSource } from './compliance.ts';
import type { DesiredContent } from './content.ts';
import type { PropertyKey } from './operation.ts';
import type { OptionName, OptionValue } from './options.ts';
import type { ProviderFields } from './provider-fields.ts';
import type { RotationSettings } from './rotation.ts';
import type { Pattern, Selector } from './selector.ts';
import type { Sid } from './sid.ts';
import type { CanaryPolicy, GatePolicy, WavePolicy } from './waves.ts';

export type Kind =
  | 'EdrProvider'
  | 'TaniumContent'
  | 'ComputerPolicy'
  | 'LocalGroupMembership'
  | 'LocalAccount'
  | 'PasswordRotationPolicy'
  | 'ComplianceBaseline'
  | 'AccessGrant'
  | 'Rollout'
  | 'Exclusion';

/** Where a statement stands; `file` as the operator named it, `line` from 1. */
export interface Source {
  readonly file: string;
  readonly line: number;
}

export interface PolicyRef {
  readonly kind: Kind;
  readonly name: string;
  readonly source: Source;
}

/** A secret is only ever a reference; `secrets/reference.ts` reads it at the last moment. */
export type SecretReference =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] };

/** The validated, compiled configuration: defaults filled in, selectors compiled, conflicts found. */
export interface Desired {
  /** SHA-256 of everything declared, in hexadecimal; comments and order of files do not matter. */
  readonly digest: string;
  /** More than one is legal in a repository; a run takes exactly one. */
  readonly providers: readonly DesiredProvider[];
  readonly computers: readonly ComputerPolicy[];
  readonly memberships: readonly MembershipPolicy[];
  readonly accounts: readonly AccountPolicy[];
  readonly rotations: readonly RotationPolicy[];
  readonly exclusions: readonly ExclusionPolicy[];
  readonly baselines: readonly BaselinePolicy[];
  readonly posture: PostureSource;
  /** Of Tanium's own objects. */
  readonly content: DesiredContent;
  readonly rollout: RolloutPolicy;
  /** What is declared and validated, and what no code acts on yet. */
  readonly notActedOn: readonly NotActedOn[];
}

export interface NotActedOn {
  readonly policy: PolicyRef;
  /** Paths below the document, `spec.waves`; `spec` alone: the whole kind. */
  readonly fields: readonly string[];
}

export interface DesiredProvider {
  readonly ref: PolicyRef;
  readonly provider: 'tanium_cloud';
  readonly name: string;
  readonly enable: boolean;
  readonly apiBaseUrl: string | { readonly env: string };
  readonly apiKey: SecretReference;
  readonly proxy: {
    readonly url: string;
    readonly username: string | null;
    readonly password: SecretReference | null;
  } | null;
  /** PEM file of the certificate authority to trust besides the system's; null: the system's alone. */
  readonly caFile: string | null;
  readonly toggle: { readonly name: string; readonly enabled: boolean } | null;
  /** Only what is declared. */
  readonly options: Readonly<Partial<Record<OptionName, OptionValue>>>;
  /** `exact`: keys of the row that nobody declares are removed; `merge`: they stay. */
  readonly optionsPolicy: 'merge' | 'exact';
  readonly fields: ProviderFields;
  /** Names that no inventory has shown yet, `CORP\name` → SID. */
  readonly principals: ReadonlyMap<string, Sid>;
  /** A CSV whose first column is the computer name and whose header names the labels; null: no labels. */
  readonly deviceLabels: string | null;
  /** Of NPS-D, as declared; null: not declared. */
  readonly npsdVersion: string | null;
  /** ISO day or time after which the API token holds no more, as declared; null: not declared. */
  readonly apiKeyExpires: string | null;
  /** Where NPS-D and its database write their logs; null: not declared. */
  readonly logs: LogPaths;
}

export interface LogPaths {
  readonly svcScan: string | null;
  readonly bulkScan: string | null;
  readonly taniumApi: string | null;
  readonly mongod: string | null;
}

export type Protect = 'Disabled' | 'JITA' | 'Deny';
export type Enforcement = 'enforce' | 'observe' | 'ignore';

interface Scoped {
  readonly ref: PolicyRef;
  readonly selector: Selector;
  /** Higher wins, field by field. */
  readonly priority: number;
}

/** A field that is absent is not declared by this policy. */
export interface ComputerPolicy extends Scoped {
  readonly enroll?: boolean;
  readonly scan?: boolean;
  readonly protect?: Protect;
  readonly offlineAccess?: 'Unmanaged';
  readonly edrIntegration?: string;
  readonly maxScanAgeSeconds?: number;
  readonly enforcement?: Enforcement;
  /** Whether the device is asked who made a difference. */
  readonly attribution?: boolean;
  readonly recovery?: readonly RecoveryPrincipal[];
}

/** Who gets in when all else fails: the only way for a domain principal to count as a usable administrator. */
export interface RecoveryPrincipal {
  readonly principal: Principal;
  readonly how: string;
}

/** As declared. A plain name is a local account, always (windows-accounts.md C30). */
export type Principal =
  | { readonly sid: Sid; readonly name: string | null }
  | { readonly builtin: 'administrator' }
  | { readonly localName: string }
  | { readonly domainName: string };

export type MemberAccess = 'persistent' | 'jita' | 'absent';

export interface MembershipPolicy extends Scoped {
  readonly group: Sid;
  readonly mode: 'include' | 'exact';
  readonly members: readonly DesiredMember[];
  /** Members that are left alone under `exact`: matched against the SID, and against the name where there is one. */
  readonly keep: readonly Pattern[];
}

export interface DesiredMember {
  readonly principal: Principal;
  readonly access: MemberAccess;
  readonly source: Source;
}

/** A local account as it is declared: RID 500, whatever it is called, or by its name. */
export type DeclaredAccount = { readonly builtin: 'administrator' } | { readonly name: string };

export interface AccountPolicy extends Scoped {
  readonly account: DeclaredAccount;
  readonly ensure: 'present' | 'absent';
  readonly enabled?: boolean;
  readonly unlocked?: true;
  readonly renameTo?: string;
  readonly properties: Readonly<Partial<Record<PropertyKey, string | boolean>>>;
}

/** What is declared of the passwords of some accounts; a field that is absent is not declared by this policy. */
export interface RotationPolicy extends Scoped, Partial<RotationSettings> {
  readonly accounts: readonly DeclaredAccount[];
}

export interface ExclusionPolicy {
  readonly ref: PolicyRef;
  readonly selector: Selector;
  /** ISO time, exclusive. */
  readonly until: string;
  readonly reason: string;
  readonly owner: string | null;
}

export const budgetNames = ['removals', 'disables', 'rotations', 'devices'] as const;
export type BudgetName = (typeof budgetNames)[number];

/** Counts of what is spent of each budget. */
export type Spending = Readonly<Record<BudgetName, number>>;

export interface Budget {
  /**
   * Both hold, for one run and for any 24 hours. `absolute` counts what all providers of the store spend; `percent` is
   * of the provider's own selected, enrolled devices, and never below `floor`.
   */
  readonly absolute: number | null;
  readonly percent: number | null;
  readonly floor: number;
  readonly source: Source | null;
}

export interface RolloutPolicy {
  /** Null: no Rollout is declared and the defaults hold. */
  readonly ref: PolicyRef | null;
  readonly budgets: Readonly<Record<BudgetName, Budget>>;
  /** Share of the enrolled, selected devices, 0 to 100, below which nothing is enforced (exit 4). */
  readonly minObserved: { readonly percent: number; readonly source: Source | null };
  readonly pauses: readonly Pause[];
  /** Times outside of which nothing is changed; none: any time will do. */
  readonly windows: readonly MaintenanceWindow[];
  /** Null: none go first. */
  readonly canaries: CanaryPolicy | null;
  /** In their order, after the canaries; none: all that is left goes at once. */
  readonly waves: readonly WavePolicy[];
  /** Null: a wave begins when the one before has come to its end, whatever came of it. */
  readonly gate: GatePolicy | null;
}

/** Monday first. */
export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** A time of the day by the wall clock of a time zone; one that ends before it begins goes past midnight. */
export interface MaintenanceWindow {
  /** On which it begins; null: every day. */
  readonly days: readonly Weekday[] | null;
  /** Minutes since midnight; never equal. */
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly source: Source;
}

/** A time in which nothing is changed on any device; differences are still found and recorded. */
export interface Pause {
  readonly guard: 'freeze' | 'suspended';
  /** ISO time; null: since ever. */
  readonly from: string | null;
  /** ISO time, exclusive; null: for as long as it is declared. */
  readonly until: string | null;
  readonly reason: string | null;
  readonly source: Source;
}

/** 4-plan-engine.md: without a Rollout removals and disables max(5, 2 %), rotations 20 %, devices 50 %. */
export const defaultRollout: RolloutPolicy = {
  ref: null,
  budgets: {
    removals: { absolute: null, percent: 2, floor: 5, source: null },
    disables: { absolute: null, percent: 2, floor: 5, source: null },
    rotations: { absolute: null, percent: 20, floor: 0, source: null },
    devices: { absolute: null, percent: 50, floor: 0, source: null },
  },
  minObserved: { percent: 50, source: null },
  pauses: [],
  windows: [],
  canaries: null,
  waves: [],
  gate: null,
};
