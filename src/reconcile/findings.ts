import type { Guard } from '../model/guard.ts';
import type { AccountRef } from '../model/operation.ts';
import type { ChangeKind, Reason, Subject } from '../model/plan.ts';
import type { AppliedFacets } from '../model/recorded.ts';
import type { RotationSettings } from '../model/rotation.ts';

/** What the look found device by device, for apply's own records; not part of the plan. */
export interface Findings {
  /** Devices in scope that have a Computer ID, ordered by it. */
  readonly devices: readonly DeviceFinding[];
  /** Computer IDs of those that an Exclusion leaves alone. */
  readonly excluded: ReadonlySet<string>;
  /** What `appliedKey` stands for. */
  readonly applied: ReadonlyMap<string, AppliedFacets>;
  /** One entry per difference and class of equal devices; planned and held ones alike, `--only` or not. */
  readonly differences: readonly Difference[];
  /** One entry per account whose password is rotated and class of equal devices, whether it is due or not. */
  readonly rotations: readonly RotationFinding[];
}

export interface RotationFinding {
  readonly computerIds: readonly string[];
  /** What it is kept under: `builtin`, or the name in lower case that it was first declared by. */
  readonly account: string;
  /** As an operation that rotates it addresses it. */
  readonly ref: AccountRef;
  /** Null: it is not there yet. */
  readonly rid: number | null;
  readonly settings: RotationSettings;
  /** The one that we hold, where the device shows that the account has it and no look has shown that before; else null. */
  readonly confirmed: { readonly rotation: string; readonly attempt: number } | null;
}

export type DeviceFinding = {
  readonly computerId: string;
  /** Null: not enrolled yet. */
  readonly recordId: string | null;
  readonly label: string;
  /** Everything declared of it holds. */
  readonly met: boolean;
} & (
  | {
      /** It answered with an inventory, and that was compared. */
      readonly observed: true;
      /** Key of what it satisfies as of this look. */
      readonly appliedKey: string;
      /** A usable administrator is there. */
      readonly administered: boolean;
    }
  | { readonly observed: false; readonly appliedKey: null; readonly administered: null }
);

export interface Difference {
  readonly computerIds: readonly string[];
  /** In the order of `computerIds`. */
  readonly labels: readonly string[];
  readonly policy: string;
  readonly kind: ChangeKind;
  readonly subject: Subject;
  readonly reason: Reason;
  /** The guard that holds it back; null: the plan carries it. */
  readonly held: Guard | null;
  /** It takes out a member whose session is in progress: access for a time, and no drift (npsd-domain.md 4.5). */
  readonly session: boolean;
  /** It takes out a member that nobody can resolve. */
  readonly unresolvable: boolean;
  /** Of such a member: whether another of its domain could be, on the same devices. */
  readonly neighboursResolve: boolean;
}
