import type { Operation } from './operation.ts';
import type { Sid } from './sid.ts';

/** What became of one operation on one device. */
export interface Deed {
  /** `unknown`: no report says it, or it failed half-way. */
  readonly state: 'changed' | 'unchanged' | 'not-run' | 'unknown';
  /** Of a group: who was really added or removed, as the device says; left out: it does not, or it is no group. */
  readonly members?: readonly Sid[];
}

/** What undoes one action, kept with it in the journal. A new version is a new shape. */
export interface ActionInverse {
  readonly version: 1;
  /** Devices of equal state before, on which equal things were done; those on which nothing was done are left out. */
  readonly classes: readonly InverseClass[];
}

export interface InverseClass {
  /** Computer IDs. */
  readonly devices: readonly string[];
  /** Brings what was changed back to what was observed before, in this order. */
  readonly operations: readonly Operation[];
  /** Done, and nothing undoes it. */
  readonly irreversible: readonly Unmended[];
  /** Nobody can tell whether it was done, or from what. */
  readonly unknown: readonly Unmended[];
}

export interface Unmended {
  readonly operation: Operation;
  readonly why: string;
}
