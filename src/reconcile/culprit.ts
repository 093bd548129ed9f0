/** Who made a difference, as the device's own log tells it (windows-accounts.md; Microsoft Learn, "Audit Account Management"). */
import type { AccountEvent } from '../model/attribution.ts';
import type { DriftRecord } from '../model/drift.ts';
import type { Operation } from '../model/operation.ts';
import { isLocalSid, localSid, type Sid } from '../model/sid.ts';

/** The accounts that a device has, and had before. */
export interface KnownAccounts {
  /** SIDs of the accounts that go, or went, by a name; the name of RID 500 is a matter of the plan. */
  readonly sidsOf: (name: string) => readonly Sid[];
}

/** By the change that would mend it: what somebody must have done. */
const deeds: Readonly<Partial<Record<DriftRecord['kind'], readonly number[]>>> = {
  'group.add': [4733, 4726],
  'group.remove': [4732],
  'account.create': [4726, 4781],
  'account.delete': [4720, 4781],
  'account.enable': [4725],
  'account.disable': [4722],
  'account.set': [4738],
  'account.rename': [4781],
};

/** What Windows writes for an operation of ours: any change of an account is a 4738 too. */
const traces: Record<Operation['kind'], readonly number[]> = {
  'account.create': [4720, 4722, 4724, 4738],
  'account.enable': [4722, 4738],
  'account.disable': [4725, 4738],
  'account.unlock': [4738],
  'account.rename': [4781, 4738],
  'account.set': [4738],
  'account.delete': [4726, 4733],
  'group.add': [4732],
  'group.remove': [4733],
};

/** Whether an action with these operations can have left the event. */
export function mayLeave(
  operations: readonly Operation[],
  { id, target }: Pick<AccountEvent, 'id' | 'target'>,
): boolean {
  return operations.some((operation) => {
    if (!traces[operation.kind].includes(id)) return false;
    return operation.kind === 'group.add' || operation.kind === 'group.remove' ? operation.group === target : true;
  });
}

/** As much as the clocks of a domain may differ before Kerberos refuses (Microsoft Learn, "Maximum tolerance"). */
const skewMilliseconds = 5 * 60 * 1000;

/** Newest first: what may have made the difference since it was last seen as declared. */
export function eventsBehind(
  { kind, subject, good }: Pick<DriftRecord, 'kind' | 'subject' | 'good'>,
  events: readonly AccountEvent[],
  accounts: KnownAccounts,
): readonly AccountEvent[] {
  const ids = deeds[kind] ?? [];
  const { group, member = null, account = null } = subject;
  const since = good === undefined ? Number.NEGATIVE_INFINITY : Date.parse(good) - skewMilliseconds;
  const whom = new Set(group === undefined ? accounts.sidsOf(account ?? '') : sidsOfMember(member, accounts));
  return events.filter((event) => {
    if (!ids.includes(event.id) || Date.parse(event.at) < since) return false;
    // Whoever deletes an account takes it out of its groups too.
    if (group !== undefined && event.id === 4726) return whom.has(event.target);
    if (group !== undefined) return event.target === group && event.member !== null && whom.has(event.member);
    return whom.has(event.target) || (kind === 'account.delete' && sameName(event.name, account));
  });
}

/** `.\name` is an account of the machine itself. */
function sidsOfMember(member: string | null, { sidsOf }: KnownAccounts): readonly Sid[] {
  if (member === null) return [];
  return member.startsWith('.\\') ? sidsOf(member.slice(2)) : [member];
}

function sameName(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a.toLowerCase() === b.toLowerCase();
}

const systemSid = 'S-1-5-18';
/** Also what Group Policy and every service with that account are; Microsoft Learn, "Security identifiers". */
export const systemName = 'NT AUTHORITY\\SYSTEM';

/** The machine itself, which the log calls by the name of its own account in the domain. */
export function isSystem({ by, byName }: Pick<AccountEvent, 'by' | 'byName'>, computer: string): boolean {
  const name = byName?.slice(byName.indexOf('\\') + 1).toLowerCase();
  return by === systemSid || (!isLocalSid(by) && name === `${computer.toLowerCase()}$`);
}

export function actorOf(event: Pick<AccountEvent, 'by' | 'byName'>, computer: string): string {
  return isSystem(event, computer) ? systemName : (event.byName ?? event.by);
}

/** RID 500, as every plan calls it. */
export function accountsIn(
  inventories: readonly { readonly users: readonly { readonly rid: number; readonly name: string }[] }[],
  builtin: { readonly name: string; readonly rid: number },
): KnownAccounts {
  return {
    sidsOf: (name) => {
      if (name === builtin.name) return [localSid(builtin.rid)];
      const sids = inventories.flatMap(({ users }) =>
        users.filter((user) => sameName(user.name, name)).map(({ rid }) => localSid(rid)),
      );
      return [...new Set(sids)];
    },
  };
}
