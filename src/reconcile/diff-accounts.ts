import type { Inventory, LocalUser } from '../model/inventory.ts';
import type { AccountRef, Operation, PropertyKey } from '../model/operation.ts';
import type { ChangeKind, PlanValue } from '../model/plan.ts';
import { localSid } from '../model/sid.ts';
import { claimsOn, nameOfNew } from './account-claims.ts';
import { propertyOf, sameName } from './local-users.ts';
import type { Declared } from './policy.ts';
import type { EffectiveAccount } from './policy-accounts.ts';
import { compare, type Diff, type Hold, hold, lack, type Told, tellUndeclared, type Wanted } from './wanted.ts';

/** How a plan calls RID 500, whose name is another one on each device. */
export const builtinAdministrator = 'built-in Administrator';

/** What becomes of the names of a device's accounts: members are declared by the names that will be. */
export interface AccountsAhead {
  /** Lower-case name → its account, which a rename of this plan will call so. */
  readonly renamed: ReadonlyMap<string, LocalUser>;
  /** RIDs of accounts that a rename is planned for: their name cannot be relied on in a sequence. */
  readonly unsettled: ReadonlySet<number>;
  /** Lower-case name → name and facet of an account that this plan creates. */
  readonly created: ReadonlyMap<string, { readonly name: string; readonly key: string }>;
  /** Lower-case name that an account is declared by → the account, whatever it is called now. */
  readonly declared: ReadonlyMap<string, LocalUser>;
  /** RIDs of accounts that a removal is planned for. */
  readonly removed: ReadonlySet<number>;
}

export function diffAccounts(diff: Diff, inventory: Inventory, accounts: readonly EffectiveAccount[]): AccountsAhead {
  const renamed = new Map<string, LocalUser>();
  const unsettled = new Set<number>();
  const created = new Map<string, { name: string; key: string }>();
  const declared = new Map<string, LocalUser>();
  const removed = new Set<number>();
  const claimed = new Set<number>();
  for (const { account, user, dispute, nameTaken } of claimsOn(inventory, accounts)) {
    const { ensure, renameTo } = account;
    const before = diff.wanted.length;
    if (user !== null) {
      claimed.add(user.rid);
      declared.set(account.key, user);
    }
    if (user === null && ensure.value === 'absent') {
      hold(diff, { key: facetOf(account), value: 'absent' }, () => existence(account, 'account.delete', 'absent'));
    } else if (user === null && account.name !== null) {
      const name = nameOfNew(account);
      created.set(name.toLowerCase(), { name, key: facetOf(account) });
      create(diff, account, name);
    } else if (user !== null && ensure.value === 'absent') {
      removed.add(user.rid);
      remove(diff, account, user);
    } else if (user !== null) {
      const renames = renameTo !== null && !sameName(renameTo.value, user.name);
      if (renames && nameTaken === null && dispute === null) {
        renamed.set(renameTo.value.toLowerCase(), user);
        unsettled.add(user.rid);
      }
      settle(diff, account, user, renames, nameTaken);
    }
    if (dispute !== null) holdAll(diff.wanted, before, dispute);
  }
  for (const { rid, name, enabled } of diff.decided === null ? [] : inventory.users) {
    if (claimed.has(rid)) continue;
    const observed = enabled ? 'enabled' : 'disabled';
    tellUndeclared(diff, { subject: { account: name }, observed, why: null });
  }
  return { renamed, unsettled, created, declared, removed };
}

/** Of `wanted` what one account added. */
function holdAll(wanted: Diff['wanted'], from: number, obstacle: Hold): void {
  for (const [index, change] of wanted.entries()) if (index >= from) wanted[index] = { ...change, obstacle };
}

function facetOf(account: EffectiveAccount, part = ''): string {
  return `account ${account.key}${part === '' ? '' : ` ${part}`}`;
}

function subjectName(account: EffectiveAccount): string {
  return account.name ?? builtinAdministrator;
}

/** One change with all that makes the new account what is declared: it is created disabled and bare. */
function create(diff: Diff, account: EffectiveAccount, name: string): void {
  const text = (property: PropertyKey): string | undefined => {
    const value = account.properties.find((one) => one.property === property)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const fullName = text('FullName');
  const description = text('Description');
  const operations: Operation[] = [
    {
      kind: 'account.create',
      name,
      ...(fullName === undefined ? {} : { fullName }),
      ...(description === undefined ? {} : { description }),
    },
  ];
  const to: Record<string, PlanValue> = {
    ...(sameName(name, subjectName(account)) ? {} : { name }),
    enabled: account.enabled?.value ?? false,
  };
  if (account.enabled?.value === true) operations.push({ kind: 'account.enable', account: { name } });
  for (const { property, value } of account.properties) {
    to[property] = value;
    if (value === true) operations.push({ kind: 'account.set', account: { name }, property, value });
  }
  const facet = { key: facetOf(account), value: 'present' };
  compare(diff, facet, false, () => ({
    ...base(account, account.ensure, 'account.create', null),
    from: null,
    to,
    operations,
  }));
  for (const { part, kind, subject, desired, rule } of partsDeclared(account)) {
    lack(diff, facetOf(account, part), () => ({ kind, subject, desired, observed: null, rule, why: null }));
  }
}

type DeclaredPart = Pick<Told, 'kind' | 'subject' | 'desired' | 'rule'> & { readonly part: string };

function partsDeclared(account: EffectiveAccount): DeclaredPart[] {
  const { enabled, unlocked, renameTo, properties } = account;
  const subject = { account: subjectName(account) };
  const parts: DeclaredPart[] = [];
  if (enabled) {
    const kind = enabled.value ? 'account.enable' : 'account.disable';
    parts.push({ part: 'enabled', kind, subject, desired: enabled.value, rule: enabled.policy });
  }
  if (unlocked)
    parts.push({ part: 'unlocked', kind: 'account.unlock', subject, desired: 'unlocked', rule: unlocked.policy });
  if (renameTo)
    parts.push({ part: 'name', kind: 'account.rename', subject, desired: renameTo.value, rule: renameTo.policy });
  for (const { property, value, policy } of properties) {
    const kind = 'account.set';
    parts.push({ part: property, kind, subject: { ...subject, property }, desired: value, rule: policy });
  }
  return parts;
}

/** Of an account that is there, or is not there, as declared. */
function existence(account: EffectiveAccount, kind: ChangeKind, state: 'present' | 'absent'): Told {
  const subject = { account: subjectName(account) };
  return { kind, subject, desired: state, observed: state, rule: account.ensure.policy, why: null };
}

function remove(diff: Diff, account: EffectiveAccount, user: LocalUser): void {
  compare(diff, { key: facetOf(account), value: 'absent' }, false, () => ({
    ...base(account, account.ensure, 'account.delete', user),
    from: user.name,
    to: null,
    operations: [{ kind: 'account.delete', account: refTo(account, user, false) }],
  }));
}

function settle(
  diff: Diff,
  account: EffectiveAccount,
  user: LocalUser,
  renames: boolean,
  nameTaken: Hold | null,
): void {
  const ref = refTo(account, user, renames);
  const { enabled, unlocked, renameTo } = account;
  hold(diff, { key: facetOf(account), value: 'present' }, () => existence(account, 'account.create', 'present'));
  if (enabled) {
    compare(diff, facet(account, 'enabled', enabled.value), user.enabled === enabled.value, () => ({
      ...base(account, enabled, enabled.value ? 'account.enable' : 'account.disable', user),
      from: user.enabled,
      to: enabled.value,
      operations: [{ kind: enabled.value ? 'account.enable' : 'account.disable', account: ref }],
    }));
  }
  if (unlocked) {
    compare(diff, facet(account, 'unlocked', true), !user.locked, () => ({
      ...base(account, unlocked, 'account.unlock', user),
      from: user.locked ? 'locked' : 'unlocked',
      to: 'unlocked',
      operations: [{ kind: 'account.unlock', account: ref }],
    }));
  }
  if (renameTo) {
    compare(diff, facet(account, 'name', renameTo.value), !renames, () => ({
      ...base(account, renameTo, 'account.rename', user),
      from: user.name,
      to: renameTo.value,
      operations: [{ kind: 'account.rename', account: ref, to: renameTo.value }],
      obstacle: nameTaken,
    }));
  }
  for (const declared of account.properties) {
    const { property, value } = declared;
    const now = propertyOf(user, property);
    compare(diff, facet(account, property, value), now === value, () => ({
      ...base(account, declared, 'account.set', user),
      subject: { account: subjectName(account), property },
      from: now,
      to: value,
      operations: [{ kind: 'account.set', account: ref, property, value }],
    }));
  }
}

function facet(account: EffectiveAccount, part: string, value: string | boolean): { key: string; value: string } {
  return { key: facetOf(account, part), value: String(value) };
}

/** By name, which is the same on every device, so that they share an action; by RID where the name will not hold. */
function refTo(account: EffectiveAccount, user: LocalUser, renames: boolean): AccountRef {
  return account.name === null || renames ? { rid: user.rid } : { name: user.name };
}

function base(
  account: EffectiveAccount,
  { policy }: Declared<unknown>,
  kind: ChangeKind,
  user: LocalUser | null,
): Omit<Wanted, 'facet' | 'from' | 'to' | 'operations'> {
  return {
    policy,
    kind,
    subject: { account: subjectName(account) },
    consequence: null,
    sid: user === null ? null : localSid(user.rid),
    impliedBy: null,
    obstacle: null,
    dependsOn: null,
  };
}
