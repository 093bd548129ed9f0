/** What a device has against what its policies want: accounts first, since memberships speak of them. */
import type { Inventory } from '../model/inventory.ts';
import { ADMINISTRATORS } from '../model/sid.ts';
import { diffAccounts } from './diff-accounts.ts';
import { diffGroup } from './diff-groups.ts';
import type { Names } from './names.ts';
import type { ResolvedPolicy } from './resolve.ts';
import { type Diff, emptyDiff } from './wanted.ts';

/** Of one inventory text and one effective policy: done once for all devices that share both. */
export function diffDevice(inventory: Inventory, policy: ResolvedPolicy, names: Names, diff: Diff = emptyDiff()): Diff {
  const accounts = diffAccounts(diff, inventory, policy.accounts);
  for (const group of policy.groups) diffGroup(diff, inventory, group, accounts, names);
  if (diff.decided !== null && !policy.groups.some(({ group }) => group === ADMINISTRATORS)) {
    // Nobody declares them; whoever asks about a device asks about its administrators.
    diffGroup(diff, inventory, { group: ADMINISTRATORS, exact: null, members: [], keep: [] }, accounts, names);
  }
  return diff;
}
