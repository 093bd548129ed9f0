import type { Severity } from './compliance.ts';
import type { ChangeKind, Subject } from './plan.ts';
import type { PostureValue } from './posture.ts';
import { compareText } from './sid.ts';

export type DriftState = 'open' | 'pending' | 'resolved' | 'contested' | 'accepted';
/** What a plan would mend by a change of that kind, or a check that fails: nothing mends that. */
export type DriftKind = ChangeKind | 'compliance.check';
/** Whether a record is of a check of a baseline, or of what a plan would change. */
export type DriftAbout = 'checks' | 'changes';
export type DriftCause = 'outside-change' | 'failed-action' | 'other-manager' | 'snapshot-revert' | 'unknown';

/** One difference between a device and what is declared of it, from its first sight to its end. */
export interface DriftRecord {
  /** Of provider, Computer ID, kind and subject: one record for one difference, however often it comes back. */
  readonly id: string;
  readonly computerId: string;
  /** The device's label at the last sight. */
  readonly device: string;
  readonly policy: string;
  readonly kind: DriftKind;
  readonly subject: Subject;
  readonly state: DriftState;
  readonly cause: DriftCause;
  /** Who did it, `DOMAIN\name`, else a SID, once that can be known; null until then. */
  readonly actor: string | null;
  /** ISO time at which they did, by the device's own clock; left out: not known. */
  readonly at?: string;
  /**
   * How much of the device's Security log was searched for it; left out: nobody asked. `part`: it could not be read in
   * time, or holds more than a device reports.
   */
  readonly log?: 'whole' | 'part';
  /** Who did it when it opened before; left out: not known. */
  readonly lastActor?: string;
  /** ISO times. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** How many times it opened: 1, and one more each time it was resolved and came back. */
  readonly count: number;
  /** ISO times at which an action of ours put it right, the latest of them; records of older versions have none. */
  readonly mended?: readonly string[];
  /**
   * Of a member that nobody can resolve: looks in which others of its domain could be, on the same device, and the first
   * of them, an ISO time. Its account is gone, and not only its domain out of reach (windows-accounts.md C3).
   */
  readonly orphan?: { readonly looks: number; readonly since: string };
  /** Of a check that fails: what was found last, and how bad that is. */
  readonly check?: { readonly path: string; readonly found: PostureValue; readonly severity: Severity };
  /** Run that last touched it. */
  readonly run: string | null;
}

export function isAbout({ kind }: Pick<DriftRecord, 'kind'>, about: DriftAbout): boolean {
  return (kind === 'compliance.check') === (about === 'checks');
}

/** A check of a baseline: its id is unique in there alone. */
export function complianceSubject(baseline: string, check: string): Subject {
  return { baseline, check };
}

/** One text for one subject: what a difference, a failure and a record of it are matched by. */
export function subjectKey(kind: DriftKind, subject: Subject): string {
  // The name is for the screen: a renamed principal is the same subject.
  const parts = Object.entries(subject).filter(([key, value]) => key !== 'name' && value !== null);
  return [kind, ...parts.toSorted(([a], [b]) => compareText(a, b)).map(([key, value]) => `${key}=${value}`)].join(' ');
}
