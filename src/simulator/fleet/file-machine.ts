/** The machine behind one entry of a fleet file: Windows' own accounts and groups, and what the entry says. */
import type { DeviceKind, GroupMember, Inventory, MemberKind } from '../../model/inventory.ts';
import { ADMINISTRATORS, compareText, isLocalSid, isSid, localSid, relativeSid, type Sid } from '../../model/sid.ts';
import { type MachineState, type SamGroup, type SamUser, userNamed, withUser } from '../windows/state.ts';
import { surroundingsFrom } from './file-surroundings.ts';
import { builtInGroups, builtInUsers, domainControllerOf, languages, type Release, ready } from './image.ts';
import { corpDirectory, domainAdmins } from './world.ts';
import type { YamlNode } from './yaml.ts';

export interface MachineFrame {
  readonly kind: DeviceKind;
  readonly release: Release;
  /** Joined to CORP, whose names it can look up. */
  readonly inDomain: boolean;
  readonly machineSid: Sid;
}

type Fields = ReadonlyMap<string, YamlNode>;

export function machineFrom(node: YamlNode, fields: Fields, frame: MachineFrame): MachineState {
  const { kind, release, inDomain } = frame;
  const base = {
    os: { build: matching(fields.get('build'), /^\d+(\.\d+){1,3}$/, 'a build, as 10.0.26100') ?? release.build, kind },
    powershell: matching(fields.get('powershell'), /^\d+(\.\d+){0,3}$/, 'a version in quotes, as "5.1"') ?? '5.1',
    language: fields.get('languageMode')?.oneOf(['full', 'constrained'] as const) ?? 'full',
    ...ready,
    ...readinessFrom(fields),
    ...surroundingsFrom(fields),
  };
  if (kind === 'dc') {
    for (const key of ['users', 'groups', 'laps']) fields.get(key)?.fail('a domain controller has no SAM of its own');
    return { ...domainControllerOf(release), ...base };
  }
  const language = fields.get('language')?.oneOf(languages) ?? 'en';
  const administrators = [localSid(500), ...(inDomain ? [domainAdmins] : [])];
  let state: MachineState = {
    ...base,
    users: builtInUsers(release, language),
    groups: builtInGroups(language, administrators, inDomain),
    laps: { mode: 'none', rid: null },
    rotations: [],
    nextRid: 1001,
  };
  for (const user of fields.get('users')?.list() ?? []) state = withUserFrom(state, user, release);
  for (const group of fields.get('groups')?.list() ?? []) state = withGroupFrom(state, group, frame);
  if (!state.groups.some((group) => group.sid === ADMINISTRATORS)) node.fail('there is no group Administrators');
  return { ...state, laps: lapsFrom(fields.get('laps'), state) };
}

function readinessFrom(fields: Fields): Partial<Pick<MachineState, 'bits' | 'localAccounts'>> {
  const localAccounts = fields.get('localAccounts')?.boolean();
  const bits = fields.get('bits')?.integer(32, 64);
  if (bits !== undefined && bits !== 32 && bits !== 64) fields.get('bits')?.fail('expected 32 or 64');
  return {
    ...(bits === 32 && { bits }),
    ...(localAccounts !== undefined && { localAccounts }),
  };
}

function lapsFrom(node: YamlNode | undefined, state: MachineState): Inventory['laps'] {
  const fields = node?.map(['mode', 'rid']);
  const mode = fields?.get('mode')?.oneOf(['none', 'ad', 'entra', 'legacy'] as const) ?? 'none';
  const rid = fields?.get('rid')?.integer(1, 0xffff_ffff) ?? 500;
  if (!state.users.some((user) => user.rid === rid)) fields?.get('rid')?.fail('there is no account of this RID');
  return { mode, rid: mode === 'none' ? null : rid };
}

const userKeys = [
  'rid',
  'name',
  'fullName',
  'description',
  'flags',
  'enabled',
  'locked',
  'expires',
  'passwordSet',
  'passwordSetAt',
  'password',
] as const;

function withUserFrom(state: MachineState, node: YamlNode, release: Release): MachineState {
  const fields = node.map(userKeys);
  const ridNode = fields.get('rid');
  const rid = ridNode?.integer(500, 0xffff_fffe) ?? state.nextRid;
  const replaced = state.users.find((user) => user.rid === rid);
  const nameNode = fields.get('name');
  const name = nameNode?.text() ?? replaced?.name ?? node.fail('name is missing');
  const sameName = userNamed(state, name);
  if (sameName && sameName.rid !== rid) (nameNode ?? node).fail(`there are two accounts ${name}`);
  const day = (key: 'expires' | 'passwordSet', otherwise: string | null): string | null => {
    const found = fields.get(key);
    if (!found) return otherwise;
    return found.isNull() ? null : (matching(found, /^\d{4}-\d{2}-\d{2}$/, 'a day, as 2026-02-11') ?? null);
  };
  const user: SamUser = {
    rid,
    name,
    fullName: fields.get('fullName')?.text() ?? replaced?.fullName ?? '',
    description: fields.get('description')?.text() ?? replaced?.description ?? '',
    flags:
      fields
        .get('flags')
        ?.list()
        .map((flag) => flag.oneOf(['nc', 'nr', 'nx'] as const))
        .toSorted(compareText) ??
      replaced?.flags ??
      [],
    enabled: fields.get('enabled')?.boolean() ?? replaced?.enabled ?? true,
    locked: fields.get('locked')?.boolean() ?? false,
    expires: day('expires', null),
    passwordSet: day('passwordSet', replaced ? replaced.passwordSet : release.imaged),
    passwordNumber: 1,
    ...passwordFrom(fields.get('passwordSetAt'), fields.get('password')),
  };
  return withUser(state, user);
}

/** The time to the second, which says the day too, and the text that somebody knows. */
function passwordFrom(
  at: YamlNode | undefined,
  text: YamlNode | undefined,
): Partial<Pick<SamUser, 'passwordSet' | 'passwordSetAt' | 'password'>> {
  const time =
    at && matching(at, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/, 'a time, as 2026-03-02T08:59:00Z in quotes');
  return {
    ...(time && { passwordSet: time.slice(0, 10), passwordSetAt: time }),
    ...(text && { password: text.text() }),
  };
}

function withGroupFrom(state: MachineState, node: YamlNode, frame: MachineFrame): MachineState {
  const fields = node.map(['sid', 'name', 'members']);
  const sidNode = fields.get('sid') ?? node.fail('sid is missing');
  const sid = relativeSid(sidNode.text(), frame.machineSid);
  if (!isSid(sid) && !isLocalSid(sid)) sidNode.fail('this is not a SID');
  const replaced = state.groups.find((group) => group.sid === sid);
  const members = new Map<Sid, GroupMember>();
  for (const memberNode of fields.get('members')?.list() ?? []) {
    const member = memberFrom(state, memberNode, frame);
    if (members.has(member.sid)) memberNode.fail(`${member.sid} is a member already`);
    members.set(member.sid, member);
  }
  const group: SamGroup = {
    sid,
    name: fields.get('name')?.text() ?? replaced?.name ?? node.fail('name is missing'),
    members: [...members.values()].toSorted((a, b) => compareText(a.sid, b.sid)),
  };
  const others = state.groups.filter((other) => other.sid !== sid);
  return { ...state, groups: [...others, group].toSorted((a, b) => compareText(a.sid, b.sid)) };
}

/** A SID, the name of a local account, or `{sid, name, kind}` of a principal that only this file knows. */
function memberFrom(state: MachineState, node: YamlNode, frame: MachineFrame): GroupMember {
  if (node.isText()) {
    const text = node.text();
    const user = userNamed(state, text);
    if (user) return { sid: localSid(user.rid), kind: 'u', name: null };
    return principal(node, text, frame, null, null);
  }
  const fields = node.map(['sid', 'name', 'kind']);
  const sidNode = fields.get('sid') ?? node.fail('sid is missing');
  const kind = fields.get('kind')?.oneOf(['u', 'g', 'c', 'x'] as const) ?? null;
  return principal(sidNode, sidNode.text(), frame, fields.get('name')?.text() ?? null, kind);
}

function principal(
  node: YamlNode,
  text: string,
  frame: MachineFrame,
  name: string | null,
  kind: MemberKind | null,
): GroupMember {
  const sid = relativeSid(text, frame.machineSid);
  if (isLocalSid(sid)) return { sid, kind: kind ?? 'u', name };
  if (!isSid(sid)) node.fail('a member is a SID, or the name of a local account that users has or Windows makes');
  const known = frame.inDomain ? corpDirectory.get(sid) : undefined;
  return { sid, kind: kind ?? known?.kind ?? 'x', name: name ?? known?.name ?? null };
}

function matching(node: YamlNode | undefined, pattern: RegExp, what: string): string | null {
  if (!node) return null;
  const text = node.text();
  return pattern.test(text) ? text : node.fail(`expected ${what}`);
}
