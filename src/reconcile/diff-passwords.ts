import type { Inventory, LocalUser } from '../model/inventory.ts';
import type { Operation } from '../model/operation.ts';
import type { DueCause, PlanValue } from '../model/plan.ts';
import type { HeldPassword, Holding } from '../model/recorded.ts';
import { localSid } from '../model/sid.ts';
import { wasCountedAt } from './budget.ts';
import { builtinAdministrator } from './diff-accounts.ts';
import { ageOf, type Due, isHeld, type PasswordFacts, whyDue } from './password-due.ts';
import type { PasswordTarget } from './password-targets.ts';
import { type EffectiveRotation, passwordFacet } from './policy-rotations.ts';
import type { Diff, Hold, Wanted } from './wanted.ts';

/** What a class of devices has besides its inventory, and the time. */
export interface PasswordContext {
  readonly inventory: Pick<Inventory, 'rotations'>;
  readonly holdings: readonly Holding[];
  /** Whether somebody wants the password of this account changed, due or not. */
  readonly isAsked: (rotation: EffectiveRotation) => boolean;
  /** Why the account is not rotated at this time of the day; null: it may be. */
  readonly outside: (rotation: EffectiveRotation) => Hold | null;
  /** ISO time. */
  readonly now: string;
}

/** How the password of one account stands. */
export interface PasswordState {
  readonly target: PasswordTarget;
  /** What it is kept under: of an account that is known by its RID, the name of then. */
  readonly account: string;
  /** Of the account as it is now; null: nothing is. */
  readonly holding: Holding | null;
  /** The device shows that the account has the password that we hold. */
  readonly held: boolean;
}

/** Of one class of equal devices: what is due there, and how each password stands. */
export function diffPasswords(
  diff: Diff,
  targets: readonly PasswordTarget[],
  context: PasswordContext,
): readonly PasswordState[] {
  return targets.flatMap((target) => {
    const { rotation, user, createdBy } = target;
    if (user === null && createdBy === null) {
      tell(diff, target, null, true, 'the device has no such account');
      return [];
    }
    const holding = holdingOf(target, context.holdings);
    const mark = context.inventory.rotations.find(({ rid }) => rid === user?.rid) ?? null;
    const facts = {
      user,
      mark,
      holding,
      settings: rotation.settings,
      asked: context.isAsked(rotation),
      now: context.now,
    };
    const due = whyDue(facts);
    const key = passwordFacet(rotation.key);
    if (due === null) diff.met.set(key, rotated);
    else {
      diff.unmet.add(key);
      diff.wanted.push(wantedBy(target, facts, due, context));
    }
    tell(diff, target, ageIn(facts), due === null, due === null ? null : whyWords[due.cause]);
    return [{ target, account: holding?.account ?? rotation.key, holding, held: isHeld(facts) }];
  });
}

const rotated = 'rotated';

/** By the RID, whatever it was called; by the name alone only where no device has said the RID yet. */
function holdingOf({ rotation, user }: PasswordTarget, holdings: readonly Holding[]): Holding | null {
  const known = user === null ? undefined : holdings.find(({ rid }) => rid === user.rid);
  return known ?? holdings.find(({ account, rid }) => account === rotation.key && rid === null) ?? null;
}

function wantedBy(
  { rotation, user, ref, createdBy }: PasswordTarget,
  facts: PasswordFacts,
  { cause, reason }: Due,
  { outside, now }: PasswordContext,
): Wanted {
  const { settings } = rotation;
  const open = facts.holding?.open ?? null;
  const operation: Operation = {
    kind: 'password.rotate',
    account: ref,
    generator: open?.generator ?? settings.generator,
    complexity: settings.complexity,
    rotation: open === null ? null : { id: open.id, publicKey: open.publicKey },
    ...(settings.dependents === 'ignore' ? { dependents: 'ignore' } : {}),
  };
  const current = facts.holding?.current ?? null;
  return {
    policy: rotation.policy,
    kind: 'password.rotate',
    subject: subjectOf(rotation),
    from: null,
    to: limitOf(cause, rotation),
    consequence: cause === 'new' && user !== null ? lostWithOld : null,
    operations: [operation],
    sid: user === null ? null : localSid(user.rid),
    facet: { key: passwordFacet(rotation.key), value: rotated },
    impliedBy: null,
    obstacle: outside(rotation),
    dependsOn: createdBy,
    reason,
    ...(cause === 'age' && current !== null ? { age: ageOf(current, user, now) } : {}),
    ...(open !== null && wasCountedAt(open.askedAt, now) ? { counted: true } : {}),
  };
}

/** windows-accounts.md C9: a reset is not a change that the user makes. */
const lostWithOld =
  'what Windows keeps under the old password is lost to the account: encrypted files, saved credentials';

function limitOf(due: DueCause, { settings: { rotationDays, minutesAfterReveal } }: EffectiveRotation): PlanValue {
  if (due === 'age') return { due, days: rotationDays };
  return due === 'revealed' ? { due, minutes: minutesAfterReveal } : { due };
}

function subjectOf({ name }: EffectiveRotation): Wanted['subject'] {
  return { account: name ?? builtinAdministrator };
}

function ageIn({ user, holding, now }: PasswordFacts): PlanValue {
  const current: Pick<HeldPassword, 'keptOn'> | null = holding?.current ?? dayOf(user);
  // The clock of the device may be a little ahead.
  return current === null ? null : { days: Math.max(0, ageOf(current, user, now)) };
}

/** Of a password that is not ours, the device alone knows the day. */
function dayOf(user: Pick<LocalUser, 'passwordSet'> | null): Pick<HeldPassword, 'keptOn'> | null {
  const set = user?.passwordSet ?? null;
  return set === null ? null : { keptOn: set };
}

const whyWords: Readonly<Record<DueCause, string>> = {
  new: 'nobody holds the password',
  unsettled: 'what became of the last rotation is not known yet',
  reset: 'somebody else has set the password since',
  reverted: 'the device has the password of another rotation than the one that is held',
  demands: 'the password is to be made of something else',
  revealed: 'somebody has read the password, and its time is up',
  age: 'the password is too old',
  asked: 'somebody asked for it',
};

function tell(diff: Diff, { rotation }: PasswordTarget, observed: PlanValue, holds: boolean, why: string | null): void {
  diff.decided?.push({
    key: passwordFacet(rotation.key),
    kind: 'password.rotate',
    subject: subjectOf(rotation),
    desired: { days: rotation.settings.rotationDays },
    observed,
    holds,
    rule: rotation.declared.rotationDays?.policy ?? rotation.policy,
    why,
  });
}
