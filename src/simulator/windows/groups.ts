/** The actions of target LocalGroup. */
import type { CommandParameters } from '../../endpoint/command.ts';
import { groupJson } from '../../endpoint/inventory.ts';
import type { GroupMember } from '../../model/inventory.ts';
import {
  ADMINISTRATORS,
  BUILTIN_ADMINISTRATOR_RID,
  isLocalSid,
  localSid,
  relativeSid,
  ridOf,
  type Sid,
} from '../../model/sid.ts';
import {
  ActionFailed,
  demandSeam,
  type Machine,
  type Outcome,
  textOf,
  textsOf,
  unchanged,
  windowsError,
} from './action.ts';
import {
  groupWithSid,
  type MachineState,
  type SamGroup,
  sameName,
  userNamed,
  userWithRid,
  withMembers,
  withoutMembers,
} from './state.ts';

export function listGroups({ state }: Machine): Outcome {
  demandSeam(state, 'Get-SamGroup');
  return unchanged({ groups: state.groups.map(({ sid, name }) => ({ sid, n: name })) });
}

export function listMembers({ state }: Machine, parameters: CommandParameters): Outcome {
  const group = groupOf(state, parameters);
  demandSeam(state, 'Get-SamMember');
  return unchanged({ group: groupJson(group) });
}

export function addMembers(machine: Machine, parameters: CommandParameters): Outcome {
  const group = groupOf(machine.state, parameters);
  demandSeam(machine.state, 'Get-SamUser', 'Get-SamMember');
  const present = new Set(group.members.map((member) => member.sid));
  const wanted = new Map<Sid, GroupMember>();
  for (const sid of sidsOf(machine, parameters)) wanted.set(sid, memberOf(machine, sid));
  for (const name of textsOf(parameters, 'MemberNameB64')) {
    const user = userNamed(machine.state, name);
    if (!user) throw windowsError(1332, `there is no local account ${name}`);
    wanted.set(localSid(user.rid), { sid: localSid(user.rid), kind: 'u', name: null });
  }
  const added = [...wanted.values()].filter((member) => !present.has(member.sid));
  const data = { group: group.sid, members: added.map((member) => member.sid) };
  if (added.length > 0) demandSeam(machine.state, 'Add-SamMember');
  return added.length === 0 ? unchanged(data) : { state: withMembers(machine.state, group.sid, added), data };
}

export function removeMembers(machine: Machine, parameters: CommandParameters): Outcome {
  const group = groupOf(machine.state, parameters);
  demandSeam(machine.state, 'Get-SamUser', 'Get-SamMember');
  const leaving = new Set<Sid>(sidsOf(machine, parameters));
  for (const name of textsOf(parameters, 'MemberNameB64')) {
    const user = userNamed(machine.state, name);
    if (user) leaving.add(localSid(user.rid));
  }
  if (group.sid === ADMINISTRATORS && leaving.has(localSid(BUILTIN_ADMINISTRATOR_RID))) {
    throw windowsError(1371, 'the built-in Administrator cannot leave Administrators');
  }
  const removed = group.members.filter((member) => leaving.has(member.sid)).map((member) => member.sid);
  const data = { group: group.sid, members: removed };
  if (removed.length === 0) return unchanged(data);
  const state = withoutMembers(machine.state, group.sid, new Set(removed));
  demandAdministrator(machine.state, state);
  demandSeam(machine.state, 'Remove-SamMember');
  return { state, data };
}

/**
 * The script's own last line of defence behind the plan's: a change must not end with nobody in Administrators who
 * could log on, neither an enabled local account nor a principal from elsewhere. A SID that cannot be looked up may be
 * nobody any more; those of Entra ID never can (windows-accounts.md C1). A machine that has nobody already is no worse
 * for it.
 */
export function demandAdministrator(before: MachineState, after: MachineState): void {
  if (hasAdministrator(before) && !hasAdministrator(after)) {
    throw windowsError(1322, 'nobody would be left who can administer this machine');
  }
}

const ofEntra = 'S-1-12-1-';

function hasAdministrator(state: MachineState): boolean {
  const members = groupWithSid(state, ADMINISTRATORS)?.members ?? [];
  return members.some(({ sid, kind }) => {
    if (!isLocalSid(sid)) return kind !== 'x' || sid.startsWith(ofEntra);
    const user = userWithRid(state, ridOf(sid));
    return user?.enabled === true && !user.locked;
  });
}

/** By SID, by name, or Administrators where neither is given; both must mean the same group. */
function groupOf(state: MachineState, parameters: CommandParameters): SamGroup {
  demandSeam(state, 'Get-SamGroup');
  const name = textOf(parameters, 'GroupNameB64');
  const sid = parameters.GroupSID ?? (name === null ? ADMINISTRATORS : undefined);
  const bySid = typeof sid === 'string' ? groupWithSid(state, sid) : undefined;
  const byName = name === null ? undefined : state.groups.find((group) => sameName(group.name, name));
  if (sid !== undefined && !bySid) throw windowsError(1376, `there is no local group ${String(sid)}`);
  if (name !== null && !byName) throw windowsError(2220, `there is no local group ${name}`);
  if (bySid && byName && bySid !== byName) {
    throw new ActionFailed('bad-argument', `-GroupSID ${bySid.sid} and -GroupNameB64 ${name} are two groups`);
  }
  const group = bySid ?? byName;
  if (!group) throw windowsError(1376, 'there is no such local group');
  return group;
}

/** The members given by SID, with the machine's own as `~-RID`. */
function sidsOf(machine: Machine, parameters: CommandParameters): Sid[] {
  const value = parameters.MemberSID;
  return typeof value === 'string' ? value.split(',').map((sid) => relativeSid(sid, machine.machineSid)) : [];
}

/** Windows takes any SID of another authority, also one that nobody can resolve (windows-accounts.md C4). */
function memberOf(machine: Machine, sid: Sid): GroupMember {
  if (isLocalSid(sid)) {
    if (!userWithRid(machine.state, ridOf(sid))) throw windowsError(1387, `there is no local account ${sid}`);
    return { sid, kind: 'u', name: null };
  }
  if (sid.startsWith('S-1-5-32-')) throw windowsError(1388, `${sid} is a local group and cannot be a member`);
  const known = machine.directory.get(sid);
  return { sid, kind: known?.kind ?? 'x', name: known?.name ?? null };
}
