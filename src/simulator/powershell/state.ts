/**
 * The state of a simulated machine as `fake.ps1` has it, and back. What nothing has touched comes back as the very
 * objects that went: a day alone stays a day.
 */
import type { JsonObject } from '../../endpoint/json.ts';
import type { GroupMember, UserFlag } from '../../model/inventory.ts';
import { absoluteSid, compareText, relativeSid, type Sid } from '../../model/sid.ts';
import type { Machine } from '../windows/action.ts';
import type { Signature } from '../windows/script.ts';
import type { MachineState, SamGroup, SamUser } from '../windows/state.ts';

/** What a run may change, of the state JSON of `host.ps1`. */
export interface FakeState extends JsonObject, Pick<MachineState, 'nextRid' | 'files' | 'refuse'> {
  readonly users: readonly FakeUser[];
  readonly groups: readonly FakeGroup[];
}

interface FakeUser {
  readonly rid: number;
  readonly name: string;
  readonly fullName: string;
  readonly description: string;
  readonly userFlags: number;
  /** Times with `Z`, in whole seconds. */
  readonly expires: string | null;
  readonly passwordSet: string | null;
  readonly password: string | null;
}

interface FakeGroup {
  readonly sid: Sid;
  readonly name: string;
  readonly members: readonly GroupMember[];
}

/** Bits of UserFlags. The last two are set in each account of people, and no state of ours says so. */
const disabled = 0x2;
const locked = 0x10;
const flagBits: readonly (readonly [UserFlag, number])[] = [
  ['nc', 0x40],
  ['nr', 0x20],
  ['nx', 0x1_0000],
];
const always = 0x201;

const productTypes = { workstation: 1, dc: 2, server: 3 } as const;

export function fakeStateOf(machine: Machine, { computer, domain }: Signature): FakeState {
  const { state, machineSid, directory, now } = machine;
  const { os, powershell, language, bits, localAccounts, rotations: _, users, groups, ...rest } = state;
  return {
    machine: {
      Name: computer,
      Sid: machineSid,
      Domain: domain,
      Build: os.build,
      ProductType: productTypes[os.kind],
      PS: powershell,
      Language: language,
      Bits: bits ?? 64,
      LocalAccounts: localAccounts ?? true,
    },
    now: now.toISOString(),
    users: users.map(fakeUser),
    groups: groups.map((group) => fakeGroup(group, machineSid)),
    directory: Object.fromEntries(directory),
    ...rest,
  };
}

function fakeUser(user: SamUser): FakeUser {
  const bits = flagBits.reduce((sum, [flag, bit]) => (user.flags.includes(flag) ? sum | bit : sum), always);
  return {
    rid: user.rid,
    name: user.name,
    fullName: user.fullName,
    description: user.description,
    userFlags: bits | (user.enabled ? 0 : disabled) | (user.locked ? locked : 0),
    expires: midnight(user.expires),
    passwordSet: user.passwordSetAt ?? midnight(user.passwordSet),
    password: user.password ?? null,
  };
}

function fakeGroup({ sid, name, members }: SamGroup, machineSid: Sid): FakeGroup {
  return {
    sid: absoluteSid(sid, machineSid),
    name,
    members: members.map((member) => ({ ...member, sid: absoluteSid(member.sid, machineSid) })),
  };
}

function midnight(day: string | null): string | null {
  return day === null ? null : `${day}T00:00:00Z`;
}

function dayOf(time: string | null): string | null {
  return time === null ? null : time.slice(0, 10);
}

function isMidnight(time: string): boolean {
  return time.endsWith('T00:00:00Z');
}

/** The state after a run. */
export function machineStateOf(fake: FakeState, { state, machineSid }: Machine): MachineState {
  return {
    ...state,
    nextRid: fake.nextRid,
    users: fake.users.map((user) => samUser(user, state)).toSorted((a, b) => a.rid - b.rid),
    groups: fake.groups.map((group) => samGroup(group, state, machineSid)),
    files: fake.files,
    refuse: fake.refuse,
  };
}

function samUser(fake: FakeUser, state: MachineState): SamUser {
  const before = state.users.find(({ rid }) => rid === fake.rid);
  const was = before === undefined ? null : fakeUser(before);
  if (before !== undefined && was !== null && isSame(fake, was)) return before;
  const isSet = was === null || was.password !== fake.password || was.passwordSet !== fake.passwordSet;
  return {
    rid: fake.rid,
    name: fake.name,
    fullName: fake.fullName,
    description: fake.description,
    flags: flagBits.filter(([, bit]) => (fake.userFlags & bit) !== 0).map(([flag]) => flag),
    enabled: (fake.userFlags & disabled) === 0,
    locked: (fake.userFlags & locked) !== 0,
    expires: dayOf(fake.expires),
    passwordSet: dayOf(fake.passwordSet),
    passwordNumber: before === undefined ? 1 : before.passwordNumber + (isSet ? 1 : 0),
    ...(fake.passwordSet !== null && !isMidnight(fake.passwordSet) && { passwordSetAt: fake.passwordSet }),
    ...(fake.password !== null && { password: fake.password }),
  };
}

function samGroup({ sid, name, members }: FakeGroup, state: MachineState, machineSid: Sid): SamGroup {
  const before = state.groups.find((group) => absoluteSid(group.sid, machineSid) === sid);
  const known = new Map(before?.members.map((member) => [member.sid, member]));
  const found = members.map((member) => {
    const short = relativeSid(member.sid, machineSid);
    return known.get(short) ?? { sid: short, kind: member.kind, name: member.name };
  });
  if (before && found.length === before.members.length && found.every((member) => known.has(member.sid))) return before;
  return { sid: relativeSid(sid, machineSid), name, members: found.toSorted((a, b) => compareText(a.sid, b.sid)) };
}

function isSame(one: FakeUser, other: FakeUser): boolean {
  return (Object.keys(other) as (keyof FakeUser)[]).every((key) => one[key] === other[key]);
}
