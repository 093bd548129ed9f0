import type { Generator } from './credential.ts';
import type { BudgetName, Protect, Spending } from './desired.ts';
import type { OptionValue } from './options.ts';
import type { LastScan } from './scan.ts';
import type { Sid } from './sid.ts';

/**
 * What the store knows before a plan. `embedded`: Trueup plays NPS-D's part and may create rows; `npsd`: the records
 * are NPS-D's, nothing is ever inserted (1-product.md, "Whose records").
 */
export interface Recorded {
  readonly owner: 'embedded' | 'npsd';
  /** Null: the row is missing. */
  readonly toggle: RecordedToggle | null;
  /** Rows of `provider: tanium_cloud` whose name is the desired one, or that have no name to compare. */
  readonly providers: readonly RecordedProvider[];
  readonly computers: readonly RecordedComputer[];
  /** The facets of each applied signature that a computer refers to, see {@link AppliedFacets}. */
  readonly applied: ReadonlyMap<string, AppliedFacets>;
  /** In the last 24 hours. */
  readonly spent: Spent;
  /** What somebody keeps undoing: by Computer ID, then by `subjectKey`. */
  readonly contests: Contests;
  /** Who is recorded to have made a difference that is open: by Computer ID, then by `subjectKey`. */
  readonly actors: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Members whose accounts are gone beyond doubt: `subjectKey` of their removal, by Computer ID. */
  readonly orphans: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * What is held of passwords, by Computer ID; devices of which nothing is held are missing. Devices with equal holdings
   * share one list, so that a fleet which was rotated at once is a few lists.
   */
  readonly credentials: ReadonlyMap<string, readonly Holding[]>;
  /** How the last run in waves left the fleet, of the configuration that is in force; null: there is none. */
  readonly rollout: LastRollout | null;
}

/** What is held of the password of one account, and nothing that is sealed. */
export interface Holding {
  /** `builtin`, or the name in lower case that it was declared by when it was first rotated. */
  readonly account: string;
  /** As the device reported it; null: it has not yet. */
  readonly rid: number | null;
  /** Null: no device has reported one. */
  readonly current: HeldPassword | null;
  /** Null: nothing is unsettled. While there is one, no other is begun: the device is asked again with the same id. */
  readonly open: UnsettledRotation | null;
}

export interface HeldPassword {
  /** Id of the rotation that made it, and which of its attempts. */
  readonly rotation: string;
  readonly attempt: number;
  /** Of generator `controller` no mark of an inventory is of it. */
  readonly generator: Generator;
  /** UTC day by the device's clock; null: it has not said. */
  readonly setOn: string | null;
  /** UTC day by our clock on which we got it: the device set it on that day or before. */
  readonly keptOn: string;
  /** Whether an inventory has shown that the account has it. */
  readonly confirmed: boolean;
  /** Of what it was made, see `demandsDigest`; null: not known. */
  readonly demands: string | null;
  /** ISO time of the first reveal; null: nobody has read it. */
  readonly revealedAt: string | null;
}

/** A rotation whose outcome is not known yet. */
export interface UnsettledRotation {
  readonly id: string;
  readonly generator: Generator;
  /** What the device seals to; of generator `controller` empty. */
  readonly publicKey: string;
  /** ISO time of the first time that it was asked for: from then on it counts in the budget of a day. */
  readonly askedAt: string;
}

export interface LastRollout {
  /** Id of the run. */
  readonly run: string;
  /** The gate that stopped it; null: none did. */
  readonly failed: FailedGate | null;
  /** Numbers of the waves in which devices wait to be let through, by their labels. */
  readonly waiting: ReadonlyMap<string, number>;
}

/** Counts of devices. */
export interface FailedGate {
  readonly run: string;
  /** Number of the wave. */
  readonly wave: number;
  readonly devices: number;
  readonly healthy: number;
}

export type Contests = ReadonlyMap<string, ReadonlyMap<string, Contest>>;

/** A correction that did not last, again and again. */
export interface Contest {
  /** How often it was made within 24 hours. */
  readonly times: number;
  /** Who undid it; null: not known. */
  readonly actor: string | null;
}

/** What was spent of the budgets: by this provider, and by all that share the store. */
export interface Spent {
  readonly own: Spending;
  readonly all: Spending;
  /** Computer IDs that actions of this provider were sent to: one that is changed again costs nothing more. */
  readonly devices: ReadonlySet<string>;
}

const none: Spending = { removals: 0, disables: 0, rotations: 0, devices: 0 };
export const nothingSpent: Spent = { own: none, all: none, devices: new Set() };

/** What one action takes from the budgets. */
export interface Expense {
  /** Name of the action's journal entry: the same name is never counted twice. */
  readonly name: string;
  /** ISO time. */
  readonly at: string;
  readonly spending: Spending;
}

/** The most that may be spent since a time, in whole; null: no bound. */
export interface SpendingLimits {
  readonly own: Readonly<Record<BudgetName, number | null>>;
  readonly all: Readonly<Record<BudgetName, number | null>>;
}

export interface RecordedToggle {
  readonly name: string;
  readonly enabled: boolean;
}

export interface RecordedProvider {
  readonly id: string;
  readonly provider: string;
  /** Null: the path does not exist in the row, so it is neither compared nor written. */
  readonly name: string | null;
  readonly enable: boolean | null;
  readonly apiBaseUrl: string | null;
  readonly proxyUrl: string | null;
  readonly proxyUsername: string | null;
  /** Every key below the options path, unknown ones too. Numbers are plain numbers: 600 and 600.0 are equal. */
  readonly options: Readonly<Record<string, OptionValue>>;
}

export interface RecordedComputer {
  /** The record's own id, opaque. */
  readonly id: string;
  /** The Computer Name under which the record is found, compared without case. */
  readonly name: string;
  /** Tanium's Computer ID, once a scan has matched it; null before. */
  readonly computerId: string | null;
  /** As the device's first report said; null before. A later report of another machine is held by `identity`. */
  readonly machineSid: Sid | null;
  /** Why the identity of this device is in doubt; null: it is not. */
  readonly identityConflict: string | null;
  readonly domain: string | null;
  readonly ou: string | null;
  readonly os: string | null;
  readonly scan: boolean | null;
  readonly protect: Protect | null;
  /** `Unmanaged`, or the name of NPS-D's strategy that is in force. */
  readonly offlineAccess: string;
  readonly edrIntegration: string | null;
  /** ISO time; null: not known. */
  readonly insertedAt: string | null;
  /** ISO time of the last scan this device answered; null: never. */
  readonly lastSeenAt: string | null;
  /** What the last try to scan it came to; null: nobody tried. */
  readonly lastScan: LastScan | null;
  /** Key into {@link Recorded.applied}: what this device was last found or brought to satisfy; null: nothing yet. */
  readonly appliedSignature: string | null;
  /** Subjects whose last corrective operation failed on this device, `kind subject`. */
  readonly failedSubjects: readonly string[];
  /** What the device refused since something runs as the account, by operation; left out: nothing. */
  readonly inUse?: Readonly<Record<string, InUse>>;
  /** ISO time until which a change is owed to this device, whose action it has not answered; null: none is. */
  readonly pendingUntil: string | null;
  /** Members who have access for a time just now, sorted; accounts of the machine itself as `~-RID`. */
  readonly sessions: readonly Sid[];
}

/** A change that a device refused: what runs as the account would not start again. */
export interface InUse {
  /** ISO time. */
  readonly at: string;
  /** What runs as it, in the device's words. */
  readonly message: string;
}

/** Facet (`group S-1-5-32-544 S-1-…`, `account corp_breakglass enabled`) → what was desired of it when it was met. */
export type AppliedFacets = Readonly<Record<string, string>>;

/** What Trueup itself knows of a device, beside NPS-D's record. */
export interface ComputerNote {
  readonly id: string;
  readonly computerId?: string;
  readonly machineSid?: string;
  readonly identityConflict?: string | null;
  readonly appliedSignature?: string;
  readonly failedSubjects?: readonly string[];
  /** All of them: what is not among these is forgotten. */
  readonly inUse?: Readonly<Record<string, InUse>>;
  readonly pendingUntil?: string | null;
}
