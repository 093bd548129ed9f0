/**
 * Which account of a device each LocalAccount speaks of. Two that call it differently may speak of one: the built-in
 * Administrator goes by some name, and an account that is renamed goes by two. They count together then, field by field,
 * as policies of one name do.
 *
 * Names are those that the accounts will have: whoever declares the name that a rename gives speaks of the account that
 * gets it, and whoever declares the name that it takes away waits until that is done.
 */
import type { PolicyRef } from '../model/desired.ts';
import type { Inventory, LocalUser } from '../model/inventory.ts';
import { BUILTIN_ADMINISTRATOR_RID } from '../model/sid.ts';
import { mergedOn } from './account-merge.ts';
import { lowerNames, sameName, userNamed, userNumbered } from './local-users.ts';
import { nameClaimedTwice } from './ownership.ts';
import type { EffectiveAccount } from './policy-accounts.ts';
import type { Hold } from './wanted.ts';

export interface Claim {
  /** What all that speak of it declare together. */
  readonly account: EffectiveAccount;
  /** Null: it is not there. */
  readonly user: LocalUser | null;
  /** Why nothing at all is to be done to it; null: nobody contradicts anybody. */
  readonly dispute: Hold | null;
  /** Why it cannot get its new name; null: it can, or has it. */
  readonly nameTaken: Hold | null;
}

/** In the order of `accounts`. */
export function claimsOn(inventory: Inventory, accounts: readonly EffectiveAccount[]): Claim[] {
  const renames = renamesOn(inventory, accounts);
  const named = namesAhead(inventory, renames);
  const owners: Owner[] = [];
  for (const account of accounts) {
    const user = userOf(account, inventory, renames, named);
    if (user === 'later') continue;
    const known = user === null ? undefined : owners.find((owner) => owner.user === user);
    if (known) known.accounts.push(account);
    else owners.push({ user, accounts: [account] });
  }
  return owners.map((owner): Claim => {
    const { user, accounts: own } = owner;
    if (user === null) {
      const [account] = own;
      const { ensure } = account;
      const dispute = ensure.value === 'absent' ? null : whyClaimed(nameOfNew(account), ensure.policy, owner, owners);
      return { account, user, dispute, nameTaken: null };
    }
    const merged = mergedOn(user, own);
    const { renameTo } = merged.account;
    if (renameTo === null || sameName(renameTo.value, user.name)) return { ...merged, user, nameTaken: null };
    const claimed = whyClaimed(renameTo.value, renameTo.policy, owner, owners);
    const isThere = userNamed(inventory, renameTo.value) !== null;
    return { ...merged, user, nameTaken: claimed ?? (isThere ? nameIsThere(renameTo.value) : null) };
  });
}

interface Owner {
  readonly user: LocalUser | null;
  readonly accounts: [EffectiveAccount, ...EffectiveAccount[]];
}

interface Rename {
  readonly user: LocalUser;
  readonly by: EffectiveAccount;
  readonly to: string;
}

/** Those that are declared of accounts that are there under their old names. */
function renamesOn(inventory: Inventory, accounts: readonly EffectiveAccount[]): Rename[] {
  return accounts.flatMap((by): Rename[] => {
    const user = presentUser(inventory, by);
    if (user === null || by.renameTo === null || by.ensure.value === 'absent') return [];
    const to = by.renameTo.value;
    return sameName(to, user.name) ? [] : [{ user, by, to }];
  });
}

function presentUser(inventory: Inventory, { name }: EffectiveAccount): LocalUser | null {
  if (name !== null) return userNamed(inventory, name);
  return userNumbered(inventory, BUILTIN_ADMINISTRATOR_RID);
}

/** Of a lower-case name; a rename counts that has the name and the account for itself. */
function namesAhead(inventory: Inventory, renames: readonly Rename[]): (name: string) => LocalUser | undefined {
  const names = lowerNames(inventory.users);
  if (renames.length === 0) return (name) => inventory.users[names.lastIndexOf(name)];
  const ahead = new Map(inventory.users.map((user, at) => [names[at] ?? '', user]));
  for (const rename of renames) {
    const { user, to } = rename;
    if (userNamed(inventory, to) !== null || renames.some((other) => competes(rename, other))) continue;
    ahead.delete(user.name.toLowerCase());
    ahead.set(to.toLowerCase(), user);
  }
  return (name) => ahead.get(name);
}

/** One name for two accounts, or two names for one. */
function competes(a: Rename, b: Rename): boolean {
  return sameName(a.to, b.to) !== (a.user === b.user);
}

/** `later`: another account has the name now, and gives it up. */
function userOf(
  account: EffectiveAccount,
  inventory: Inventory,
  renames: readonly Rename[],
  named: (name: string) => LocalUser | undefined,
): LocalUser | null | 'later' {
  const present = presentUser(inventory, account);
  if (account.name === null || renames.some(({ by }) => by === account)) return present;
  const ahead = named(account.name.toLowerCase());
  if (ahead !== undefined) return ahead;
  // One that was renamed already goes by its new name.
  const renamed = account.renameTo === null ? null : userNamed(inventory, account.renameTo.value);
  if (renamed !== null) return renamed;
  return present === null ? null : 'later';
}

/** What an account that is not there would be called. */
export function nameOfNew({ name, renameTo }: EffectiveAccount): string {
  return renameTo?.value ?? name ?? '';
}

/** Why none of those who claim the name for different accounts gets it; null: it is for this one alone. */
function whyClaimed(name: string, policy: PolicyRef, owner: Owner, owners: readonly Owner[]): Hold | null {
  for (const other of owners) {
    const theirs = other === owner ? null : claimTo(name, other);
    if (theirs !== null) return nameClaimedTwice(name, policy, theirs);
  }
  return null;
}

/** The statement by which this account is to have the name; null: it is not. */
function claimTo(name: string, { user, accounts }: Owner): PolicyRef | null {
  for (const account of accounts) {
    const { ensure, renameTo } = account;
    if (ensure.value === 'absent') continue;
    if (renameTo !== null && sameName(renameTo.value, name)) return renameTo.policy;
    if (renameTo === null && sameName(user?.name ?? nameOfNew(account), name)) return ensure.policy;
  }
  return null;
}

function nameIsThere(name: string): Hold {
  return {
    guard: 'not-ready',
    message: `another account is called ${name} already`,
    release: `Rename or delete the other account ${name}`,
  };
}
