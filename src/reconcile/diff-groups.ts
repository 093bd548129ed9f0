import type { PolicyRef } from '../model/desired.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Sid } from '../model/sid.ts';
import { type Bearer, bearerOf, type OnDevice, presentBearer } from './bearer.ts';
import type { AccountsAhead } from './diff-accounts.ts';
import { memberName, whyLeft } from './handsoff.ts';
import type { Names } from './names.ts';
import { memberContradiction } from './ownership.ts';
import type { ResolvedGroup, ResolvedMember } from './resolve.ts';
import { compare, type Diff, type Hold, hold, lack, tellUndeclared, type Wanted } from './wanted.ts';

/** What a facet says of a member who is to go and was there when somebody looked first: that is no drift, then or later. */
export const leftAlone = 'left alone';

interface GroupOnDevice extends OnDevice {
  readonly diff: Diff;
  readonly group: ResolvedGroup;
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
  const declared = new Map<Sid, MemberClaim>();
  const claims: MemberClaim[] = [];
  for (const member of group.members) {
    const bearer = bearerOf(on, member);
    const first = bearer.sid === null ? undefined : declared.get(bearer.sid);
    if (first === undefined) {
      const claim = { member, bearer };
      claims.push(claim);
      if (bearer.sid !== null) declared.set(bearer.sid, claim);
    } else if (first.member.priority === member.priority && first.member.access !== member.access) {
      first.contrary ??= member;
    }
  }
  for (const claim of claims) compareClaim(on, claim);
  if (group.exact !== null) compareOthers(on, group.exact, declared);
  else if (diff.decided !== null) tellOthers(on, declared);
}

/** What is declared of one principal of the device, by whatever name. */
interface MemberClaim {
  readonly member: ResolvedMember;
  readonly bearer: Bearer;
  /** It contradicts the first with equal priority; left out: none does. */
  contrary?: ResolvedMember;
}

/** Of two that contradict each other stands the one that the device does not satisfy: what there would be to do is held. */
function compareClaim(on: GroupOnDevice, { member, bearer, contrary }: MemberClaim): void {
  if (contrary === undefined) return compareMember(on, member, bearer);
  const isUnmet = ({ access }: ResolvedMember): boolean => {
    if (access === 'persistent') return !isPresent(on, bearer);
    return isPresent(on, bearer) && (access === 'absent' || on.group.exact !== null);
  };
  const shown = !isUnmet(member) && isUnmet(contrary) ? contrary : member;
  compareMember(on, shown, { ...bearer, obstacle: memberContradiction(member, contrary) });
}

function isPresent({ present }: GroupOnDevice, { sid }: Bearer): boolean {
  return present !== null && sid !== null && present.has(sid);
}

function compareMember(on: GroupOnDevice, member: ResolvedMember, bearer: Bearer): void {
  const { diff, present } = on;
  const isMember = isPresent(on, bearer);
  const key = facetOf(on, bearer);
  switch (member.access) {
    case 'jita':
      compareTimed(on, member.policy, bearer, key, isMember);
      return;
    case 'absent':
      compare(diff, { key, value: 'absent' }, !isMember, () => removal(on, member.policy, bearer, null, isMember));
      if (isMember) diff.met.set(key, leftAlone);
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
  diff.met.set(key, leftAlone);
  diff.wanted.push({ ...removal(on, policy, bearer, null, true), facet });
}

function compareOthers(on: GroupOnDevice, exact: PolicyRef, declared: ReadonlyMap<Sid, unknown>): void {
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

function tellOthers(on: GroupOnDevice, declared: ReadonlyMap<Sid, unknown>): void {
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
    obstacle: bearer.obstacle ?? (orphan ? unresolvable : null),
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
