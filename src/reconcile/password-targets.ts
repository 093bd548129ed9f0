/** Which account of a device each PasswordRotationPolicy speaks of, by the names that its accounts will have. */
import type { Inventory, LocalUser } from '../model/inventory.ts';
import type { AccountRef } from '../model/operation.ts';
import { BUILTIN_ADMINISTRATOR_RID } from '../model/sid.ts';
import type { AccountsAhead } from './diff-accounts.ts';
import { userNamed, userNumbered } from './local-users.ts';
import { type EffectiveRotation, withRotation } from './policy-rotations.ts';

export interface PasswordTarget {
  readonly rotation: EffectiveRotation;
  /** Null: it is not there. */
  readonly user: LocalUser | null;
  /** How an operation addresses it. */
  readonly ref: AccountRef;
  /** Facet of its creation, which is planned; null: it is there, or nobody creates it. */
  readonly createdBy: string | null;
}

/** One for each account, though several names may be declared of it: as they come in `rotations`, the first counts. */
export function passwordTargets(
  inventory: Inventory,
  rotations: readonly EffectiveRotation[],
  ahead: AccountsAhead,
): PasswordTarget[] {
  const targets: PasswordTarget[] = [];
  for (const rotation of rotations) {
    const user = userOf(rotation, inventory, ahead);
    if (user !== null && ahead.removed.has(user.rid)) continue;
    const same = user === null ? -1 : targets.findIndex((target) => target.user === user);
    const known = targets[same];
    if (known === undefined) targets.push(targetOf(rotation, user, ahead));
    else targets[same] = { ...known, rotation: withRotation(known.rotation, rotation) };
  }
  return targets;
}

function userOf({ name }: EffectiveRotation, inventory: Inventory, ahead: AccountsAhead): LocalUser | null {
  if (name === null) return userNumbered(inventory, BUILTIN_ADMINISTRATOR_RID);
  const key = name.toLowerCase();
  return ahead.renamed.get(key) ?? userNamed(inventory, name) ?? ahead.declared.get(key) ?? null;
}

/** By name, which is the same on every device, so that they share an action; by RID where the name will not hold. */
function targetOf(rotation: EffectiveRotation, user: LocalUser | null, ahead: AccountsAhead): PasswordTarget {
  const name = rotation.name ?? '';
  if (user === null) {
    const created = ahead.created.get(name.toLowerCase());
    return { rotation, user, ref: { name: created?.name ?? name }, createdBy: created?.key ?? null };
  }
  const isNamed = rotation.name !== null && user.name.toLowerCase() === name.toLowerCase();
  const ref: AccountRef = isNamed && !ahead.unsettled.has(user.rid) ? { name: user.name } : { rid: user.rid };
  return { rotation, user, ref, createdBy: null };
}
