/** An action, and what becomes of it on each device: everything here is a matter of what time it is. */
import type { Group } from '../content/groups.ts';
import type { Package } from '../content/packages.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';

export interface NewAction {
  readonly name: string;
  readonly comment: string;
  readonly priority: number;
  readonly package: Package;
  readonly actionGroup: Group;
  /** Null: whoever is in the action group. */
  readonly targetGroup: Group | null;
  readonly savedActionId: number;
  readonly userId: number;
  readonly expireSeconds: number;
  readonly distributeSeconds: number;
}

export interface Action extends NewAction {
  readonly id: number;
  /** In both groups when it was made. */
  readonly targets: readonly SimulatedDevice[];
  /** Milliseconds since 1970, as the next two. */
  readonly madeAt: number;
  /** Null: it waits for an approval, or for the files of its package. */
  startedAt: number | null;
  stoppedAt: number | null;
  /** By Computer ID: devices that have heard of it. */
  readonly runs: Map<number, DeviceRun>;
  /** Targets that are not connected. */
  readonly asleep: Set<SimulatedDevice>;
}

/** Milliseconds since 1970 throughout; null: it has not come to that. */
export interface DeviceRun {
  /** The device reports that it knows of the action … */
  readonly knownAt: number;
  /** … begins to fetch its files … */
  readonly downloadingAt: number;
  /** … starts the command … */
  readonly runningAt: number;
  /** … and reports its end. */
  doneAt: number | null;
  /** The word for that end. */
  end: EndState;
  verifiedAt: number | null;
  verified: boolean;
}

export type EndState = 'Completed' | 'Succeeded' | 'NotSucceeded' | 'PendingVerification';

export type ActionStatus = 'Pending' | 'Open' | 'Closed' | 'Stopped';

/** Null: it has not started. */
export function expiresAt({ startedAt, expireSeconds, distributeSeconds }: Action): number | null {
  return startedAt === null ? null : startedAt + (expireSeconds + distributeSeconds) * 1000;
}

/** `Closed` says only that its time is over, never that it has ended everywhere. */
export function statusOf(action: Action, at: number): ActionStatus {
  if (action.stoppedAt !== null) return 'Stopped';
  const expiry = expiresAt(action);
  if (expiry === null || action.startedAt === null || at < action.startedAt) return 'Pending';
  return at < expiry ? 'Open' : 'Closed';
}

/** What the device has reported by then, `5:Running.`; null: nothing yet. */
export function reportedBy(action: Action, run: DeviceRun, at: number): string | null {
  const state = stateBy(action, run, at);
  return state === null ? null : `${action.id}:${state}.`;
}

function stateBy(action: Action, run: DeviceRun, at: number): string | null {
  if (at < run.knownAt) return null;
  if (run.doneAt !== null && run.doneAt <= at) {
    if (run.end !== 'PendingVerification') return run.end;
    if (run.verifiedAt === null || run.verifiedAt > at) return run.end;
    return run.verified ? 'Verified' : 'FailedVerification';
  }
  if (action.stoppedAt !== null && action.stoppedAt <= at) return 'Stopped';
  if ((expiresAt(action) ?? at) <= at) return 'Expired';
  if (at < run.downloadingAt) return 'Waiting';
  return at < run.runningAt ? 'Downloading' : 'Running';
}
