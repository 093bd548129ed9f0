/** What `trueup report` lists, as `schemas/report.schema.json` has it: a head, and rows of which each is whole in itself. */
import type { Demand, Severity } from './compliance.ts';
import type { Source } from './desired.ts';
import type { DriftRecord } from './drift.ts';
import type { PostureValue } from './posture.ts';
import type { Sid } from './sid.ts';

export const reportNames = ['admins', 'drift', 'compliance'] as const;
export type ReportName = (typeof reportNames)[number];

/** Rows stream: a large fleet has more of them than memory should hold. They can be read once. */
export interface Report<Name extends ReportName = ReportName> {
  readonly head: ReportHead & { readonly report: Name };
  readonly rows: AsyncIterable<RowOf[Name]>;
}

interface RowOf {
  readonly admins: AdministratorRow;
  readonly drift: DriftRow;
  readonly compliance: CheckRow;
}

export interface ReportHead {
  readonly report: ReportName;
  /** Digest of the configuration. */
  readonly config: string;
  readonly provider: string;
  /** ISO time at which it was made. */
  readonly at: string;
  /** The scan that it is of; null: it is of no single one, or nothing was answered. */
  readonly scan: ReportedScan | null;
  /** What the rows say less than one would think. */
  readonly warnings: readonly string[];
}

export interface ReportedScan {
  /** The server's clock, ISO time. */
  readonly at: string;
  readonly ageSeconds: number;
  /** Devices. */
  readonly expected: number;
  readonly answered: number;
}

/** One direct member of the Administrators of one device. */
export interface AdministratorRow extends Administrator {
  readonly device: string;
  readonly computerId: string;
  readonly domain: string | null;
  readonly os: string;
  /** ISO time of the first scan that showed it, of those without a gap up to the last one. */
  readonly since: string;
  /** No inventory that is kept is without it: it may have been there long before. */
  readonly orEarlier: boolean;
}

/** What is the same on every device with this inventory and these policies. */
export interface Administrator {
  /** Null: nobody can resolve the SID. */
  readonly account: string | null;
  /** `~-RID` for an account of the machine itself. */
  readonly sid: Sid;
  readonly type: 'user' | 'group' | 'computer' | 'unknown';
  /** Of an account of the machine itself; null: the device does not know it of others. */
  readonly enabled: boolean | null;
  readonly access: AdministratorAccess;
  /** The policy that says so; null: none does. */
  readonly policy: string | null;
  readonly source: Source | null;
}

/**
 * `persistent`, `jita`: declared so · `absent`: to be removed, by name or since an exact group has no place for it ·
 * `kept`: an exact group leaves it alone · `undeclared`: nobody says anything of it.
 */
export type AdministratorAccess = 'persistent' | 'jita' | 'absent' | 'kept' | 'undeclared';

/** A record of the drift ledger without what only the store needs. */
export type DriftRow = Pick<
  DriftRecord,
  | 'device'
  | 'computerId'
  | 'policy'
  | 'kind'
  | 'subject'
  | 'state'
  | 'cause'
  | 'actor'
  | 'firstSeen'
  | 'lastSeen'
  | 'count'
> & {
  readonly at: string | null;
  readonly log: 'whole' | 'part' | null;
  readonly check: NonNullable<DriftRecord['check']> | null;
};

/** One check on one device. */
export interface CheckRow {
  readonly device: string;
  readonly computerId: string;
  readonly baseline: string;
  readonly check: string;
  readonly path: string;
  readonly op: Demand['op'];
  /** What is demanded; null: the operator compares with nothing. */
  readonly value: PostureValue | readonly PostureValue[] | null;
  readonly severity: Severity;
  readonly verdict: 'passed' | 'failed' | 'unknown';
  /** Of one that failed; else null. */
  readonly found: PostureValue | null;
  /** Of one that is unknown: why; else null. */
  readonly why: string | null;
  readonly source: Source;
}
