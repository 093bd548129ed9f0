/** What one simulated Windows machine is made of; every change makes a new state, so that equal devices share one. */
import type { GroupMember, Inventory, LocalGroup, LocalUser } from '../../model/inventory.ts';
import { compareText, type Sid } from '../../model/sid.ts';

export interface MachineState extends Inventory, Surroundings {
  readonly users: readonly SamUser[];
  readonly groups: readonly SamGroup[];
  /** RIDs are never used twice: a name that is made anew has a new SID (windows-accounts.md C31). */
  readonly nextRid: number;
}

/**
 * What the scripts read and write beside SAM, in the spelling of their own seam functions (`fake.ps1` has the same).
 * Machines in which nothing of it was said share {@link quietSurroundings}.
 */
export interface Surroundings {
  /** `Get-SamPolicy`: MinLength, History, MinAgeDays, …; null: cannot be read. MinLength is enforced. */
  readonly policy: Readonly<Record<string, number | null>>;
  /** `HKLM:\\KEY|Name` → value. */
  readonly registry: Readonly<Record<string, unknown>>;
  /** By class; null: it cannot be read. */
  readonly cim: Readonly<Record<string, readonly Row[] | null>>;
  /** Scheduled tasks with a stored password. */
  readonly tasks: readonly { readonly Path: string; readonly UserId: string }[];
  /** IIS application pools with an account of their own. */
  readonly pools: readonly { readonly Name: string; readonly User: string }[];
  readonly events: readonly SecurityEvent[];
  /** The scripts' own state files: the rotation journal and the session key. */
  readonly files: Readonly<Record<string, string>>;
  /** Seam functions that are refused, take too long, or fail in a way that nobody foresaw. */
  readonly deny: readonly string[];
  readonly slow: readonly string[];
  readonly broken: readonly string[];
  /** So many passwords more are refused, whatever they are. */
  readonly refuse: number;
}

export type Row = Readonly<Record<string, unknown>>;

export interface SecurityEvent {
  readonly id: number;
  /** ISO time. */
  readonly time: string;
  /** `TargetSid`, `MemberSid`, `SubjectUserSid`, `SubjectDomainName`, `SubjectUserName`, `NewTargetUserName`; SIDs whole. */
  readonly data: Readonly<Record<string, string>>;
}

export const quietSurroundings: Surroundings = {
  policy: {},
  registry: {},
  cim: {},
  tasks: [],
  pools: [],
  events: [],
  files: {},
  deny: [],
  slow: [],
  broken: [],
  refuse: 0,
};

export interface SamUser extends LocalUser {
  /** Which password this is: grows with each one set. */
  readonly passwordNumber: number;
  /** When it was set, ISO to the second; missing: the day alone is known. */
  readonly passwordSetAt?: string;
  /** Its text, where somebody else may know it; missing: the device drew it and keeps it to itself. */
  readonly password?: string;
}

/** When the password was set, to the second. */
export function passwordTime({ passwordSet, passwordSetAt }: SamUser): Date | null {
  if (passwordSetAt !== undefined) return new Date(passwordSetAt);
  return passwordSet === null ? null : new Date(`${passwordSet}T00:00:00Z`);
}

export function withPassword(user: SamUser, password: string, now: Date): SamUser {
  const at = `${now.toISOString().slice(0, 19)}Z`;
  const passwordNumber = user.passwordNumber + 1;
  return { ...user, password, passwordNumber, passwordSet: at.slice(0, 10), passwordSetAt: at };
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
