/** Who made a difference, as the device's own log tells it (Microsoft Learn, "Audit Account Management"). */
import type { AccountEvent } from '../model/attribution.ts';
import type { DriftRecord } from '../model/drift.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Operation } from '../model/operation.ts';
import type { Subject } from '../model/plan.ts';
import { BUILTIN_ADMINISTRATOR_RID, isLocalSid, localSid, type Sid } from '../model/sid.ts';
import { builtinAdministrator } from './diff-accounts.ts';
import { membersIn, sameName, userNamed } from './local-users.ts';

/** A state of a device, and the ISO time of the look from which on it held. */
export interface SeenState {
  readonly since: string;
  readonly inventory: Inventory;
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
  'password.rotate': [4724],
};

/** What Windows writes for an operation of ours: any change of an account is a 4738 too. */
const traces: Record<Operation['kind'], readonly number[]> = {
  'account.create': [4720, 4722, 4724, 4738],
  'account.enable': [4722, 4738],
  'account.disable': [4725, 4738],
  'account.unlock': [4738],
  'account.rename': [4781, 4738],
  'account.set': [4738],
  'password.rotate': [4724, 4738],
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
export const skewMilliseconds: number = 5 * 60 * 1000;

type Difference = Pick<DriftRecord, 'kind' | 'subject' | 'mended'>;

/**
 * Newest first: what may have made the difference since it was last seen as declared. `history`: the device's states,
 * newest first. An account that is gone is found by the number that it had in an earlier one.
 */
export function eventsBehind(
  difference: Difference,
  events: readonly AccountEvent[],
  history: readonly SeenState[],
): readonly AccountEvent[] {
  const { kind, subject } = difference;
  const ids = deeds[kind] ?? [];
  const { group, member = null, account = null } = subject;
  const since = lastGood(difference, history) - skewMilliseconds;
  const sidsOf = (name: string): Sid[] => history.flatMap(({ inventory }) => sidNamed(inventory, name) ?? []);
  const whom = new Set(group === undefined ? sidsOf(account ?? '') : sidsOfMember(member, sidsOf));
  return events.filter((event) => {
    if (!ids.includes(event.id) || Date.parse(event.at) < since) return false;
    // Whoever deletes an account takes it out of its groups too.
    if (group !== undefined && event.id === 4726) return whom.has(event.target);
    if (group !== undefined) return event.target === group && event.member !== null && whom.has(event.member);
    return (
      whom.has(event.target) ||
      (kind === 'account.delete' && event.name !== null && account !== null && sameName(event.name, account))
    );
  });
}

/**
 * Milliseconds: the begin of the newest state that does not show the difference, or the time at which we mended it last;
 * minus infinity: nothing is known. Later than that it may have been good still, but nobody can be sure of it: whoever
 * looked may have died before the ledger knew.
 */
function lastGood({ kind, subject, mended = [] }: Difference, history: readonly SeenState[]): number {
  const state = history.find(({ inventory }) => shows(kind, subject, inventory) === false);
  const times = [state?.since, mended.at(-1)].flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
  return Math.max(Number.NEGATIVE_INFINITY, ...times);
}

/** Whether a state has the difference; null: that cannot be told from what the ledger knows of it. */
function shows(kind: DriftRecord['kind'], subject: Subject, inventory: Inventory): boolean | null {
  const { group, member = null, account = null } = subject;
  if (typeof group === 'string') {
    const [sid] = sidsOfMember(member, (name) => sidNamed(inventory, name) ?? []);
    return membersIn(inventory, group).some((one) => one.sid === sid) === (kind === 'group.remove');
  }
  const sid = sidNamed(inventory, account ?? '');
  const user = inventory.users.find(({ rid }) => localSid(rid) === sid);
  switch (kind) {
    case 'account.create':
      return user === undefined;
    case 'account.delete':
      return user !== undefined;
    case 'account.enable':
      return user?.enabled === false;
    case 'account.disable':
      return user?.enabled === true;
    default:
      return null;
  }
}

/** `.\name` is an account of the machine itself. */
function sidsOfMember(member: string | null, sidsOf: (name: string) => Sid | readonly Sid[]): readonly Sid[] {
  if (member === null) return [];
  return [member.startsWith('.\\') ? sidsOf(member.slice(2)) : member].flat();
}

/** Null: the state has no such account. */
function sidNamed(inventory: Inventory, name: string): Sid | null {
  if (name === builtinAdministrator) return localSid(BUILTIN_ADMINISTRATOR_RID);
  const user = userNamed(inventory, name);
  return user === null ? null : localSid(user.rid);
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
