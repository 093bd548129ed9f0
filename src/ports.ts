/**
 * What the inner rooms need of the world outside: small interfaces, one adapter each, one conformance suite each. Those
 * of the fleet are in `fleet-ports.ts`.
 */
import type { CredentialStore, SealedStore } from './credential-ports.ts';
import type { AuditRecord } from './model/audit.ts';
import type { BudgetName, Protect } from './model/desired.ts';
import type { DriftAbout, DriftRecord, DriftState } from './model/drift.ts';
import type { JournalEntry } from './model/journal.ts';
import type { OptionName, OptionValue } from './model/options.ts';
import type { ProviderFields } from './model/provider-fields.ts';
import type {
  AppliedFacets,
  ComputerNote,
  Expense,
  RecordedComputer,
  RecordedProvider,
  RecordedToggle,
  SpendingLimits,
  Spent,
} from './model/recorded.ts';
import type { Retention } from './model/retention.ts';
import type { Run } from './model/run.ts';
import type { QueuedScan, RecordedAdministrators, ScanDemand, ScanNote, ScanRun } from './model/scan.ts';
import type { StoreHealthReport } from './model/store-health.ts';

export interface Clock {
  /** ISO 8601 in UTC, to the millisecond. */
  now(): string;
  /** Resolves after `milliseconds`, or rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export interface Ids {
  /** 12 random hexadecimal digits. */
  next(): string;
}

/** One device's answer to the scan question; every text is of an untrusted origin. */
export interface DeviceRow {
  readonly computerId: string;
  readonly name: string;
  readonly os: string;
  readonly domain: string | null;
  /** The sensor's answer; several strings of one device are joined with line feeds. */
  readonly text: string;
}

/** Provider row, release toggle. */
export interface ProviderStore {
  toggle(name: string): Promise<RecordedToggle | null>;
  /** Answers whether a row was there to be changed; never inserts one (#76). */
  setToggle(name: string, enabled: boolean): Promise<boolean>;
  /** Every row of this provider kind. */
  providers(provider: string): Promise<readonly RecordedProvider[]>;
  /** Embedded store only: makes the row that `setProvider` then fills. */
  createProvider(provider: string, name: string): Promise<RecordedProvider>;
  /** One update of exactly these dotted paths; keys that nobody names survive. */
  setProvider(id: string, change: ProviderChange): Promise<void>;
}

export interface ProviderChange {
  readonly name?: string;
  readonly enable?: boolean;
  readonly apiBaseUrl?: string;
  readonly proxyUrl?: string | null;
  readonly proxyUsername?: string | null;
  readonly options?: Readonly<Partial<Record<OptionName, OptionValue>>>;
  /** Keys below the options path to take away (`optionsPolicy: exact`). */
  readonly removeOptions?: readonly string[];
}

export interface ComputerChange {
  readonly id: string;
  readonly scan?: boolean;
  readonly protect?: Protect;
  readonly offlineAccess?: 'Unmanaged';
  readonly edrIntegration?: string;
}

export interface NewComputer {
  readonly computerId: string;
  readonly name: string;
  readonly domain: string | null;
  readonly os: string;
  readonly insertedAt: string;
}

export interface ComputerStore {
  /** Every computer of the provider, or one that no provider has yet; ordered by id. */
  computers(): AsyncIterable<RecordedComputer>;
  /** Embedded store only. */
  enroll(computers: readonly NewComputer[]): Promise<void>;
  change(changes: readonly ComputerChange[]): Promise<void>;
  note(notes: readonly ComputerNote[]): Promise<void>;
  /**
   * Keeps what the last try to scan each computer came to. Of those with an inventory also who is an administrator now:
   * the embedded store adds who is new; in NPS-D's records `onHost` of entries that are there changes, and nothing else.
   * A computer that is gone is passed over. Results that are equal but for the computer cost one write together.
   */
  noteScans(notes: readonly ScanNote[]): Promise<void>;
  /** The administrators inventory of every computer that {@link computers} answers and that has one; ordered by id. */
  administrators(): AsyncIterable<RecordedAdministrators>;
  applied(): Promise<ReadonlyMap<string, AppliedFacets>>;
  saveApplied(signature: string, facets: AppliedFacets): Promise<void>;
}

export interface StoredScan {
  /** ISO time of the server's clock. */
  readonly at: string;
  readonly expected: number;
  readonly rows: AsyncIterable<DeviceRow>;
}

/** What devices are asked for: each sensor's answers are a series of their own. */
export type Series = 'inventory' | 'posture';

export interface ObservationStore {
  /**
   * Keeps the answers of one scan of the whole fleet: each distinct text once, each device's text by its hash; a device
   * that answered the same as before costs no write. Answers how many devices changed.
   */
  saveScan(
    series: Series,
    run: string,
    at: string,
    expected: number,
    rows: Iterable<DeviceRow> | AsyncIterable<DeviceRow>,
  ): Promise<number>;
  /**
   * Keeps what some devices answered, of a group or by themselves, in as many calls of one `run` and `at` as it takes.
   * The latest scan has these answers from then on, for other processes at the latest with the record of the scan; it is
   * no older or younger thereby. Answers how many devices changed.
   */
  saveAnswers(
    series: Series,
    run: string,
    at: string,
    rows: Iterable<DeviceRow> | AsyncIterable<DeviceRow>,
  ): Promise<number>;
  /** The newest scan of the whole fleet, each device with what it answered last, those of later answers too; or null. */
  latestScan(series: Series): Promise<StoredScan | null>;
  /** The inventories that a device gave, newest first, with the time from which each held. */
  history(computerId: string): Promise<readonly { readonly since: string; readonly text: string }[]>;
}

/** Who takes requests from the queue. */
export interface ScanTaker {
  /** Of this process and run; written beside what it takes. */
  readonly holder: string;
  /** ISO time. */
  readonly now: string;
  /** Whether a holder will never finish what it took. */
  readonly isDead: (holder: string) => boolean;
  /** ISO time: what was taken before it is stuck, whoever has it. */
  readonly stuckBefore: string;
}

/** Computers that wait to be scanned one by one. */
export interface ScanQueueStore {
  /** One that is in the queue stays as it is. Answers how many are new. */
  enqueue(requests: readonly ScanDemand[]): Promise<number>;
  /** The oldest `limit` that wait or are stuck, now in progress and with one attempt more. No two takers get the same. */
  take(limit: number, taker: ScanTaker): Promise<readonly QueuedScan[]>;
  /** Takes these out of the queue, by the ids of their records, whether they wait or are in progress. */
  finish(ids: readonly string[]): Promise<void>;
  /** Lets these wait again, in their old places. */
  putBack(ids: readonly string[]): Promise<void>;
  /** All, the oldest first. */
  queued(): AsyncIterable<QueuedScan>;
}

export interface ScanHistoryStore {
  putScanRun(run: ScanRun): Promise<void>;
  /** The last `limit`, newest first; beside NPS-D its own bulk scans are among them, as far as they can be read. */
  scanRuns(limit: number): Promise<readonly ScanRun[]>;
  /** Those of this provider that Trueup began and that have no end. */
  unfinishedScanRuns(): Promise<readonly ScanRun[]>;
}

export interface RetentionStore {
  /**
   * Takes away what is over and older than it is to be kept, oldest first and a bounded number a call; the latest of
   * everything stays. Answers how many records went.
   */
  prune(retention: Retention): Promise<number>;
}

export interface DriftFilter {
  readonly computerIds?: readonly string[];
  readonly states?: readonly DriftState[];
  /** ISO time: last seen at or after it. */
  readonly since?: string;
  /** Checks of baselines alone, of which there may be very many; or what a plan would change, without them. */
  readonly about?: DriftAbout;
}

export interface DriftStore {
  /** Ordered by device, then id. */
  drift(filter: DriftFilter): AsyncIterable<DriftRecord>;
  putDrift(records: readonly DriftRecord[]): Promise<void>;
}

export interface RunStore {
  putRun(run: Run): Promise<void>;
  run(id: string): Promise<Run | null>;
  /** The run that began last of those that have ended with a figure `summary.waves`; null: none has. */
  lastRollout(): Promise<Run | null>;
  putEntry(entry: JournalEntry): Promise<void>;
  /** The entries of a run with what undoes each of them, in the order they were intended. */
  entries(run: string): AsyncIterable<JournalEntry>;
  /** Entries that are not settled, in the order they were intended. */
  unsettled(): Promise<readonly JournalEntry[]>;
  /** The last intended entry with this target, before an ISO time, whose action was, or may have been, made; or null. */
  lastEntry(computerId: string, before?: string): Promise<JournalEntry | null>;
}

/** The sliding budgets, common to every provider and process of a store. */
export interface BudgetStore {
  /** What was spent at or after `since`, an ISO time. */
  spent(since: string): Promise<Spent>;
  /**
   * Takes the expense, unless something that it takes would then pass its limit since `since`: answers the budgets that
   * it would pass, none where it was taken. One step: of two who ask for the last unit, one gets it.
   */
  spend(expense: Expense, since: string, limits: SpendingLimits): Promise<readonly BudgetName[]>;
  /** Gives back what was taken under this name: its action was never made. */
  refund(name: string): Promise<void>;
}

/** The audit chain, common to every provider of a store. */
export interface AuditStore {
  lastAudit(): Promise<AuditRecord | null>;
  /** Answers whether it was written: not where a record of its number is there already. */
  appendAudit(record: AuditRecord): Promise<boolean>;
  /** By number, from `first` on; left out: all. */
  audit(first?: number): AsyncIterable<AuditRecord>;
}

export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  /** Start time of the process as the system counts it, so that a reused process id is not mistaken for its owner. */
  readonly started: string;
  readonly command: string;
}

export interface Lease {
  readonly name: string;
  readonly holder: LeaseHolder;
  /** Grows with each holder: a write with an older token is refused. */
  readonly token: number;
  readonly expiresAt: string;
}

export interface LeaseStore {
  /** Answers the lease, or who has it. `isDead` tells of a holder on this host whether its process has ended. */
  acquire(name: string, holder: LeaseHolder, isDead: (other: LeaseHolder) => boolean): Promise<LeaseAnswer>;
  /** Who has it, for whoever looks on; null: nobody, or one that is dead or has not renewed it in time. */
  heldBy(name: string, isDead: (other: LeaseHolder) => boolean): Promise<LeaseHolder | null>;
  /** False: it was lost to another holder. */
  renew(lease: Lease): Promise<boolean>;
  release(lease: Lease): Promise<void>;
}

export type LeaseAnswer = { readonly lease: Lease } | { readonly heldBy: LeaseHolder };

export interface StoreHealth {
  health(): Promise<StoreHealthReport>;
}

/** Everything that is kept, for one provider. */
export interface Store
  extends ProviderStore,
    ComputerStore,
    ObservationStore,
    DriftStore,
    RunStore,
    ScanQueueStore,
    ScanHistoryStore,
    RetentionStore,
    BudgetStore,
    AuditStore,
    CredentialStore,
    SealedStore,
    LeaseStore,
    StoreHealth {
  readonly owner: 'embedded' | 'npsd';
  /** For messages: `sqlite:.trueup/state.db`, a MongoDB address without its credentials. */
  readonly address: string;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly provider: string;
  readonly fields: ProviderFields;
  /** `read`: nothing is created or migrated, and an embedded store that does not exist is empty. */
  readonly mode: 'read' | 'write';
}
