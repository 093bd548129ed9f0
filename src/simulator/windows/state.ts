/** What one simulated Windows machine is made of; every change makes a new state, so that equal devices share one. */
import type { GroupMember, Inventory, LocalGroup, LocalUser } from '../../model/inventory.ts';
import { compareText, type Sid } from '../../model/sid.ts';

export interface MachineState extends Inventory {
  readonly users: readonly SamUser[];
  readonly groups: readonly SamGroup[];
  /** RIDs are never used twice: a name that is made anew has a new SID (windows-accounts.md C31). */
  readonly nextRid: number;
}

export interface SamUser extends LocalUser {
  /** Which password this is: grows with each one set. Its text is the device's own secret. */
  readonly passwordNumber: number;
}

export interface SamGroup extends LocalGroup {
  /** In the language of the installation: `Administratoren` (C6). */
  readonly name: string;
}

/** RIDs below are Windows' own accounts; those of people and programs begin here. */
export const firstOwnRid = 1000;

/** Names compare as SAM compares them, without case. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function userNamed(state: MachineState, name: string): SamUser | undefined {
  return state.users.find((user) => sameName(user.name, name));
}

export function userWithRid(state: MachineState, rid: number): SamUser | undefined {
  return state.users.find((user) => user.rid === rid);
}

export function groupWithSid(state: MachineState, sid: Sid): SamGroup | undefined {
  return state.groups.find((group) => group.sid === sid);
}

/** Adds the account, or puts it in the place of the one with its RID. */
export function withUser(state: MachineState, user: SamUser): MachineState {
  const others = state.users.filter((other) => other.rid !== user.rid);
  return {
    ...state,
    users: [...others, user].toSorted((a, b) => a.rid - b.rid),
    nextRid: Math.max(state.nextRid, user.rid + 1),
  };
}

/** SAM takes an account that it deletes out of its own groups. */
export function withoutUser(state: MachineState, rid: number): MachineState {
  const sid = `~-${rid}`;
  return {
    ...state,
    users: state.users.filter((user) => user.rid !== rid),
    groups: state.groups.map((group) =>
      group.members.some((member) => member.sid === sid)
        ? { ...group, members: group.members.filter((member) => member.sid !== sid) }
        : group,
    ),
  };
}

export function withMembers(state: MachineState, groupSid: Sid, added: readonly GroupMember[]): MachineState {
  return withGroup(state, groupSid, (members) => [...members, ...added]);
}

export function withoutMembers(state: MachineState, groupSid: Sid, removed: ReadonlySet<Sid>): MachineState {
  return withGroup(state, groupSid, (members) => members.filter((member) => !removed.has(member.sid)));
}

function withGroup(
  state: MachineState,
  sid: Sid,
  change: (members: readonly GroupMember[]) => readonly GroupMember[],
): MachineState {
  return {
    ...state,
    groups: state.groups.map((group) =>
      group.sid === sid
        ? { ...group, members: change(group.members).toSorted((a, b) => compareText(a.sid, b.sid)) }
        : group,
    ),
  };
}
