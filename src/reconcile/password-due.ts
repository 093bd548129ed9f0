/**
 * When a password is to be changed. What the device shows of the password that we hold comes first: one that the account
 * does not have protects nothing, however young it is. No logon is ever tried (windows-accounts.md C8).
 */
import type { Inventory, LocalUser, RotationMark } from '../model/inventory.ts';
import type { DueCause, Reason } from '../model/plan.ts';
import type { HeldPassword, Holding } from '../model/recorded.ts';
import type { RotationSettings } from '../model/rotation.ts';
import { localSid, type Sid } from '../model/sid.ts';
import { demandsDigest } from './demands.ts';

export interface PasswordFacts {
  /** Null: the account is only being created. */
  readonly user: Pick<LocalUser, 'passwordSet'> | null;
  /** What the device keeps of its newest rotation of the account; null: nothing. */
  readonly mark: Omit<RotationMark, 'rid'> | null;
  /** Null: nothing was ever held of it. */
  readonly holding: Pick<Holding, 'current' | 'open'> | null;
  readonly settings: RotationSettings;
  /** Somebody wants it changed, due or not. */
  readonly asked: boolean;
  /** ISO time in UTC. */
  readonly now: string;
}

export interface Due {
  readonly cause: DueCause;
  readonly reason: Reason;
}

/** The first cause that holds; null: none does. */
export function whyDue(facts: PasswordFacts): Due | null {
  const { user, holding, settings, asked, now } = facts;
  // While the outcome of one is not known, nothing else may be begun: it would make two unknown passwords of one.
  if (holding !== null && holding.open !== null) return { cause: 'unsettled', reason: 'due' };
  const current = user === null ? null : (holding?.current ?? null);
  if (current === null) return { cause: 'new', reason: 'never-applied' };
  const shown = shownOf(current, facts);
  if (shown !== 'held') return { cause: shown, reason: 'drifted' };
  if (current.demands !== null && current.demands !== demandsDigest(settings)) {
    return { cause: 'demands', reason: 'intent-changed' };
  }
  if (isOverdueAfterReveal(current, settings, now)) return { cause: 'revealed', reason: 'due' };
  if (ageOf(current, user, now) > settings.rotationDays) return { cause: 'age', reason: 'due' };
  return asked ? { cause: 'asked', reason: 'due' } : null;
}

/** Whether the device shows that the account has the password that we hold. */
export function isHeld(facts: Pick<PasswordFacts, 'user' | 'mark' | 'holding'>): boolean {
  const { user, holding } = facts;
  return user !== null && holding !== null && holding.current !== null && shownOf(holding.current, facts) === 'held';
}

/** Accounts that have the passwords that we hold, whoever declares them: whoever may reveal one can get in. */
export function heldAccounts(
  { users, rotations }: Pick<Inventory, 'users' | 'rotations'>,
  holdings: readonly Holding[],
): ReadonlySet<Sid> {
  const held = holdings.filter((holding) => {
    const user = users.find(({ rid }) => rid === holding.rid) ?? null;
    const mark = rotations.find(({ rid }) => rid === holding.rid) ?? null;
    return isHeld({ user, mark, holding });
  });
  return new Set(held.flatMap(({ rid }) => (rid === null ? [] : [localSid(rid)])));
}

function shownOf(
  current: HeldPassword,
  { user, mark }: Pick<PasswordFacts, 'user' | 'mark'>,
): 'held' | 'reset' | 'reverted' {
  if (current.generator === 'controller') {
    // The device's journal does not know of it: the day is all that tells.
    const [set, ours] = [user?.passwordSet ?? null, current.setOn];
    if (set === null || ours === null || set === ours) return 'held';
    return set > ours ? 'reset' : 'reverted';
  }
  if (mark === null || mark.id !== current.rotation || mark.attempt !== current.attempt) return 'reverted';
  if (mark.state === 'changed') return 'reset';
  return mark.state === 'set' ? 'held' : 'reverted';
}

function isOverdueAfterReveal(
  { revealedAt }: HeldPassword,
  { minutesAfterReveal }: RotationSettings,
  now: string,
): boolean {
  return revealedAt !== null && Date.parse(now) - Date.parse(revealedAt) >= minutesAfterReveal * 60_000;
}

const day = 24 * 3_600_000;

/** A report may be late by so many days, or by one where two clocks stand on either side of midnight. */
const mostDaysLate = 30;

/**
 * Days since the device set the password, by the day that it says, so that a password of which we only heard later is no
 * younger for it. Where that day cannot be, since its clock is wrong, the day on which we got it: else such a device would
 * be rotated in every run, or never.
 */
export function ageOf(
  { keptOn }: Pick<HeldPassword, 'keptOn'>,
  user: Pick<LocalUser, 'passwordSet'> | null,
  now: string,
): number {
  const set = user?.passwordSet ?? keptOn;
  const late = daysBetween(set, keptOn);
  return daysBetween(late < -1 || late > mostDaysLate ? keptOn : set, now.slice(0, 10));
}

/** Of UTC days. */
function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / day);
}
