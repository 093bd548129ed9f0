import type { PolicyRef } from '../model/desired.ts';
import type { Inventory } from '../model/inventory.ts';
import type { MemberRef } from '../model/operation.ts';
import { BUILTIN_ADMINISTRATOR_RID, isLocalSid, localSid, ridOf, type Sid } from '../model/sid.ts';
import { type AccountsAhead, builtinAdministrator, userNamed } from './diff-accounts.ts';
import { memberName, whyLeft } from './handsoff.ts';
import type { Names } from './names.ts';
import type { ResolvedGroup, ResolvedMember } from './resolve.ts';
import { compare, type Diff, type Hold, hold, lack, tellUndeclared, type Wanted } from './wanted.ts';

/** What a facet says of a member that nobody declares and that stays all the same: since this look, not a drift. */
export const leftAlone = 'left alone';

interface GroupOnDevice {
  readonly diff: Diff;
  readonly inventory: Inventory;
  readonly group: ResolvedGroup;
  readonly accounts: AccountsAhead;
  readonly names: Names;
  /** Null: the inventory does not show the group. */
  readonly present: ReadonlySet<Sid> | null;
}

export function diffGroup(
  diff: Diff,
  inventory: Inventory,
  group: ResolvedGroup,
  accounts: AccountsAhead,
  names: Names,
): void {
  const found = inventory.groups.find((one) => one.sid === group.group);
  const present = found ? new Set(found.members.map((member) => member.sid)) : null;
  const on: GroupOnDevice = { diff, inventory, group, accounts, names, present };
  const declared = new Set<Sid>();
  for (const member of group.members) {
    const bearer = bearerOf(on, member);
    if (bearer.sid !== null) {
      if (declared.has(bearer.sid)) continue;
      declared.add(bearer.sid);
    }
    compareMember(on, member, bearer);
  }
  if (group.exact !== null) compareOthers(on, group.exact, declared);
  else if (diff.decided !== null) tellOthers(on, declared);
}

/** The principal as this device has it. */
interface Bearer {
  readonly sid: Sid | null;
  readonly ref: MemberRef;
  /** The SID; of a local account `.\\name`, the same on every device and before the account is there. */
  readonly member: string;
  readonly name: string | null;
  readonly dependsOn: string | null;
  readonly obstacle: Hold | null;
}

function bearerOf(on: GroupOnDevice, { target, name }: ResolvedMember): Bearer {
  const nothing = { dependsOn: null, obstacle: null };
  if ('sid' in target) {
    if (isLocalSid(target.sid)) return { ...localBearer(on, target.sid), ...nothing };
    const ref = { sid: target.sid };
    return { sid: target.sid, ref, member: target.sid, name: name ?? on.names.nameOf(target.sid), ...nothing };
  }
  const { localName } = target;
  const key = localName.toLowerCase();
  const renamed = on.accounts.renamed.get(key);
  if (renamed !== undefined) {
    const bearer = localBearer(on, localSid(renamed.rid));
    return { ...bearer, member: localMember(localName), name: localName, ...nothing };
  }
  const user = userNamed(on.inventory, localName);
  if (user !== null) {
    const bearer = localBearer(on, localSid(user.rid));
    // As declared, since devices may spell it otherwise and are to share the change.
    return { ...bearer, ...('sid' in bearer.ref ? {} : { ref: { localName }, name: localName }), ...nothing };
  }
  const created = on.accounts.created.get(key);
  const ref = { localName: created?.name ?? localName };
  const ahead = { sid: null, ref, member: localMember(localName), name: localName };
  if (created !== undefined) return { ...ahead, dependsOn: created.key, obstacle: null };
  const obstacle: Hold = {
    guard: 'not-ready',
    message: `there is no local account ${localName}`,
    release: `Declare a LocalAccount ${localName} for the device`,
  };
  return { ...ahead, dependsOn: null, obstacle };
}

/**
 * By name: its SID is another one on each device, and devices that need the same should share an action. By SID where
 * it has no name, or one that the same sequence changes.
 */
function localBearer(
  { inventory, accounts }: GroupOnDevice,
  sid: Sid,
): Pick<Bearer, 'sid' | 'ref' | 'member' | 'name'> {
  const rid = ridOf(sid);
  const user = inventory.users.find((one) => one.rid === rid);
  const ref: MemberRef = user === undefined || accounts.unsettled.has(rid) ? { sid } : { localName: user.name };
  if (rid === BUILTIN_ADMINISTRATOR_RID) return { sid, ref, member: sid, name: builtinAdministrator };
  return { sid, ref, member: user === undefined ? sid : localMember(user.name), name: user?.name ?? null };
}

/** As Windows writes it; no account's name has a backslash, so that none can pass for a SID. */
function localMember(name: string): string {
  return `.\\${name.toLowerCase()}`;
}

function compareMember(on: GroupOnDevice, member: ResolvedMember, bearer: Bearer): void {
  const { diff, present } = on;
  const isMember = present !== null && bearer.sid !== null && present.has(bearer.sid);
  const key = facetOf(on, bearer);
  switch (member.access) {
    case 'jita':
      compareTimed(on, member.policy, bearer, key, isMember);
      return;
    case 'absent':
      compare(diff, { key, value: 'absent' }, !isMember, () => removal(on, member.policy, bearer, null, isMember));
      return;
    case 'persistent':
      compare(diff, { key, value: 'present' }, isMember, () => ({
        ...change(on, member.policy, bearer),
        kind: 'group.add',
        from: isMember ? 'member' : null,
        to: 'member',
        operations: [{ kind: 'group.add', group: on.group.group, members: [bearer.ref] }],
        impliedBy: null,
        obstacle: bearer.obstacle ?? (present === null ? groupUnseen(on) : null),
      }));
      return;
  }
}

/**
 * Never added; in an exact group it stays for as long as its session does, which is for a guard to say: that is another
 * one on each device. The facet says whether the group was exact, so that to make it so is an intent and no drift.
 */
function compareTimed(on: GroupOnDevice, policy: PolicyRef, bearer: Bearer, key: string, isMember: boolean): void {
  const { diff, inventory, group, names } = on;
  const facet = { key, value: group.exact === null ? 'jita' : 'jita, exact' };
  const left = bearer.sid === null ? null : whyLeft(inventory, group.group, group.keep, bearer.sid, names);
  const told = {
    subject: change(on, policy, bearer).subject,
    desired: 'jita',
    observed: isMember ? 'member' : 'absent',
    rule: policy,
    member: bearer.sid,
  };
  if (group.exact === null || !isMember || left !== null) {
    const why = left !== null && isMember ? left.why : 'may be a member for a time: no plan adds it';
    hold(diff, facet, () => ({ ...told, kind: null, why }));
    return;
  }
  lack(diff, key, () => ({ ...told, kind: 'group.remove', why: null }));
  diff.wanted.push({ ...removal(on, policy, bearer, null, true), facet });
}

function compareOthers(on: GroupOnDevice, exact: PolicyRef, declared: ReadonlySet<Sid>): void {
  const { diff, inventory, group, names, present } = on;
  const exactFacet = `group ${group.group} exact`;
  const told = (observed: string | null) => () => ({
    kind: null,
    subject: { group: group.group },
    desired: 'exact',
    observed,
    rule: exact,
    why: null,
  });
  if (present === null) {
    lack(diff, exactFacet, told(null));
    return;
  }
  const orphans: string[] = [];
  let excess = 0;
  for (const sid of present) {
    if (declared.has(sid)) continue;
    const bearer = presentBearer(on, sid);
    const key = facetOf(on, bearer);
    const left = whyLeft(inventory, group.group, group.keep, sid, names);
    if (left !== null) {
      hold(diff, { key, value: 'kept' }, () => {
        const { subject } = change(on, exact, bearer);
        return { kind: null, subject, desired: null, observed: 'member', member: sid, ...left };
      });
      continue;
    }
    compare(diff, { key, value: 'absent' }, false, () => removal(on, exact, bearer, exactFacet, true));
    if (memberName(inventory, sid, names) === null) orphans.push(key);
    else excess += 1;
  }
  if (excess > 0) {
    lack(diff, exactFacet, told('not exact'));
    return;
  }
  // Orphans are held for long: the group is as exact as it can be, and who comes later is a drift.
  hold(diff, { key: exactFacet, value: 'exact' }, told('exact'));
  for (const key of orphans) diff.met.set(key, leftAlone);
}

/** Somebody who is a member and whom nobody declares. */
function presentBearer(on: GroupOnDevice, sid: Sid): Bearer {
  const bearer = isLocalSid(sid)
    ? localBearer(on, sid)
    : { sid, ref: { sid }, member: sid, name: on.names.nameOf(sid) };
  return { ...bearer, dependsOn: null, obstacle: null };
}

function tellOthers(on: GroupOnDevice, declared: ReadonlySet<Sid>): void {
  for (const sid of on.present ?? []) {
    if (declared.has(sid)) continue;
    const { member, name } = presentBearer(on, sid);
    const subject = { group: on.group.group, member, name };
    const why = 'the group is not exact: who is there stays';
    tellUndeclared(on.diff, { subject, observed: 'member', why, member: sid });
  }
}

function removal(
  on: GroupOnDevice,
  policy: PolicyRef,
  bearer: Bearer,
  impliedBy: string | null,
  isMember: boolean,
): Omit<Wanted, 'facet'> {
  const orphan = bearer.sid !== null && memberName(on.inventory, bearer.sid, on.names) === null;
  return {
    ...change(on, policy, bearer),
    kind: 'group.remove',
    from: isMember ? 'member' : null,
    to: null,
    operations: [{ kind: 'group.remove', group: on.group.group, members: [bearer.ref] }],
    impliedBy,
    obstacle: orphan ? unresolvable : null,
  };
}

function change(
  on: GroupOnDevice,
  policy: PolicyRef,
  bearer: Bearer,
): Pick<Wanted, 'policy' | 'subject' | 'consequence' | 'sid' | 'dependsOn'> {
  return {
    policy,
    subject: { group: on.group.group, member: bearer.member, name: bearer.name },
    consequence: null,
    sid: bearer.sid,
    dependsOn: bearer.dependsOn,
  };
}

function facetOf({ group }: GroupOnDevice, { member }: Bearer): string {
  return `group ${group.group} ${member}`;
}

/** Gone, or only out of reach: nobody can tell from one look (windows-accounts.md C3). */
const unresolvable: Hold = {
  guard: 'orphan',
  message: 'nobody can resolve this SID: its account is gone, or no domain controller was in reach',
  release: 'Keep it by a keep pattern, or wait: after 14 days in which others of its domain resolve here it may go',
};

function groupUnseen({ group }: GroupOnDevice): Hold {
  return {
    guard: 'not-ready',
    message: `the inventory shows no group ${group.group}`,
    release: 'See whether the device has the group',
  };
}
