import type { Protect } from '../model/desired.ts';
import type { Guard } from '../model/guard.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Contest } from '../model/recorded.ts';
import type { Sid } from '../model/sid.ts';
import type { Names, Target } from './names.ts';
import type { ComputerSettings } from './policy.ts';
import type { Hold } from './wanted.ts';

/** What the guards know of a class of equal devices. */
export interface Situation {
  readonly inventory: Inventory;
  readonly computer: ComputerSettings;
  readonly recovery: readonly Target[];
  /** Accounts whose passwords we hold. */
  readonly heldAccounts: ReadonlySet<Sid>;
  readonly names: Names;
  /** As recorded now; the record's own changes come first and count. */
  readonly protect: Protect | null;
  /** UTC day. */
  readonly today: string;
  /** A freeze, a suspension, a time outside the windows, or an integration that is not on yet; null: none of them. */
  readonly pause: Hold | null;
  /** What somebody keeps undoing, by `subjectKey`. */
  readonly contests: ReadonlyMap<string, Contest>;
  /** `subjectKey` of removals of members whose accounts are gone beyond doubt. */
  readonly orphans: ReadonlySet<string>;
  /** By `refusalKey`: what runs as the account, as the device said when it refused. */
  readonly inUse: ReadonlyMap<string, string>;
  /** Members whose session is in progress. */
  readonly sessions: ReadonlySet<Sid>;
  /** Why no access is taken from these devices at all: a policy that they were under matches nothing now. */
  readonly emptied: Hold | null;
  /** Guards that do not hold in this run. */
  readonly setAside: ReadonlySet<Guard>;
}
