import type { PlannedRead } from './attribution.ts';
import type { ActionInverse } from './inverse.ts';
import type { Operation, RotationStep } from './operation.ts';

/**
 * `intended` before the POST, `issued` once an id is known, `settled` when every device has an outcome or the action
 * has expired, `absent` when the server never created it.
 */
export type JournalState = 'intended' | 'issued' | 'settled' | 'absent';

export interface JournalEntry {
  /** Also the action's name in Tanium: unique, and found again after a crash. */
  readonly name: string;
  readonly run: string;
  readonly key: string;
  readonly state: JournalState;
  readonly actionId: string | null;
  readonly operations: readonly Operation[];
  /** What the action reads before it changes anything; left out: nothing. */
  readonly attribution?: PlannedRead;
  /** What is sent in the place of the operations; left out: these are. */
  readonly step?: RotationStep;
  readonly targets: readonly string[];
  readonly intendedAt: string;
  readonly expiresAt: string;
  /** What undoes it, once it is settled; left out: its action was not found, or an older version settled it. */
  readonly inverse?: ActionInverse;
}
