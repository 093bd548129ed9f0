/** What a device has against what its policies want: accounts first, since memberships speak of them. */
import type { Inventory } from '../model/inventory.ts';
import { ADMINISTRATORS } from '../model/sid.ts';
import { diffAccounts } from './diff-accounts.ts';
import { diffGroup } from './diff-groups.ts';
import type { Names } from './names.ts';
import { type PasswordTarget, passwordTargets } from './password-targets.ts';
import type { ResolvedPolicy } from './resolve.ts';
import { type Diff, emptyDiff } from './wanted.ts';

export interface DeviceDiff {
  readonly diff: Diff;
  /** Accounts whose passwords are rotated; how these stand, the inventory alone does not tell. */
  readonly passwords: readonly PasswordTarget[];
}

/** Of one inventory text and one effective policy: done once for all devices that share both. */
export function diffDevice(
  inventory: Inventory,
  policy: ResolvedPolicy,
  names: Names,
  diff: Diff = emptyDiff(),
): DeviceDiff {
  const accounts = diffAccounts(diff, inventory, policy.accounts);
  for (const group of policy.groups) diffGroup(diff, inventory, group, accounts, names);
  if (diff.decided !== null && !policy.groups.some(({ group }) => group === ADMINISTRATORS)) {
    // Nobody declares them; whoever asks about a device asks about its administrators.
    diffGroup(diff, inventory, { group: ADMINISTRATORS, exact: null, members: [], keep: [] }, accounts, names);
  }
  return { diff, passwords: passwordTargets(inventory, policy.rotations, accounts) };
}
