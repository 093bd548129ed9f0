/**
 * The inventory text: what the sensor answers, one line of JSON without host name, machine SID and clock, so that
 * devices in the same state answer the same text.
 */
import type { GroupMember, Inventory, LocalGroup, LocalUser, RotationMark } from '../model/inventory.ts';
import type { ObservedText } from '../model/observed.ts';
import { compareText, isLocalSid, isSid, type Sid } from '../model/sid.ts';
import { brief, check, type Fields, fieldsOf, isOneOf, Malformed } from './fields.ts';
import { asciiJson, isJsonObject } from './json.ts';
import { failureOf, markerOf } from './marker.ts';
import { recent } from './recent.ts';
import { parseWrappedJson } from './wrapped.ts';

/** Fixed order of keys, everything sorted, ASCII. */
export function inventoryText(inventory: Inventory): string {
  const { os, powershell, language, bits, localAccounts, users, groups, laps, rotations } = inventory;
  return asciiJson({
    v: 1,
    os: { build: os.build, kind: os.kind },
    ps: powershell,
    lang: language,
    ...(bits !== null && { bits }),
    ...(localAccounts !== null && { la: localAccounts }),
    users: users.toSorted((a, b) => a.rid - b.rid).map(userJson),
    groups: groups.toSorted((a, b) => compareText(a.sid, b.sid)).map(groupJson),
    laps: { mode: laps.mode, rid: laps.rid },
    rot: rotations
      .toSorted((a, b) => a.rid - b.rid || compareText(a.id, b.id))
      .map(({ rid, id, attempt, state }) => ({ rid, id, a: attempt, st: state })),
  });
}

/** A user as inventory and `LocalUser List` write it. */
export function userJson(user: LocalUser): Record<string, unknown> {
  return {
    rid: user.rid,
    n: user.name,
    fn: user.fullName,
    d: user.description,
    f: user.flags.toSorted(compareText),
    on: user.enabled,
    lock: user.locked,
    exp: user.expires,
    set: user.passwordSet,
  };
}

/** A group as inventory and `LocalGroup MemberList` write it. */
export function groupJson(group: LocalGroup): Record<string, unknown> {
  const members = group.members.toSorted((a, b) => compareText(a.sid, b.sid));
  return {
    sid: group.sid,
    m: members.map(({ sid, kind, name }) => ({ s: sid, k: kind, ...(name !== null && { n: name }) })),
  };
}

/** More is no sensor's answer: 10,000 members are a tenth of it. */
const maxLength = 8_000_000;

/** The texts of some thousand kinds of device. */
const mostRemembered = 8_000_000;
const remembered = recent(mostRemembered, parsed);

/**
 * Sorts a sensor's answer into what it is; an inventory is checked field by field. Never throws. Equal texts that come
 * one soon after the other have one answer.
 */
export function parseInventory(text: string): ObservedText {
  return remembered(text);
}

function parsed(text: string): ObservedText {
  const trimmed = text.trim();
  const marker = markerOf(trimmed);
  if (marker !== null) return { text, ...marker };
  if (trimmed.length > maxLength) return { text, kind: 'malformed', message: 'too long for an inventory' };
  const json = parseWrappedJson(trimmed);
  if (json === undefined) return { text, kind: 'malformed', message: 'neither JSON nor a known marker; perhaps cut' };
  const failure = failureOf(json);
  if (failure !== null) return { text, ...failure };
  if (!isJsonObject(json) || json['v'] === undefined || json['users'] === undefined) {
    return { text, kind: 'malformed', message: 'JSON, but not of this sensor' };
  }
  try {
    return { text, kind: 'inventory', inventory: inventoryOf(fieldsOf(json, 'inventory')) };
  } catch (error) {
    if (error instanceof Malformed) return { text, kind: 'malformed', message: error.message };
    throw error;
  }
}

function inventoryOf(fields: Fields): Inventory {
  check(fields.take('v') === 1, `version ${brief(fields.take('v'))} of the inventory is not known`);
  const os = fields.object('os');
  const laps = fields.object('laps');
  const lapsRid = laps.take('rid');
  return {
    os: {
      build: os.matching('build', /^\d{1,9}(\.\d{1,9}){1,3}$/),
      kind: os.oneOf('kind', ['workstation', 'server', 'dc'] as const),
    },
    powershell: fields.matching('ps', /^\d{1,9}(\.\d{1,9}){0,3}$/),
    language: fields.oneOf('lang', ['full', 'constrained'] as const),
    bits: fields.take('bits') === undefined ? null : fields.oneOf('bits', [32, 64] as const),
    localAccounts: fields.take('la') === undefined ? null : fields.boolean('la'),
    users: ordered(fields.list('users').map(userOf), (a, b) => a.rid - b.rid, fields, 'users'),
    groups: ordered(fields.list('groups').map(groupOf), (a, b) => compareText(a.sid, b.sid), fields, 'groups'),
    laps: {
      mode: laps.oneOf('mode', ['none', 'ad', 'entra', 'legacy'] as const),
      rid: lapsRid === null || lapsRid === undefined ? null : laps.rid('rid'),
    },
    rotations: fields
      .list('rot')
      .map(rotationOf)
      .toSorted((a, b) => a.rid - b.rid || compareText(a.id, b.id)),
  };
}

const allFlags = ['nx', 'nc', 'nr'] as const;

function userOf(fields: Fields): LocalUser {
  const flags = fields.take('f');
  if (!Array.isArray(flags) || !flags.every((flag) => isOneOf(flag, allFlags))) {
    throw new Malformed(`${fields.path}.f is not a list of nx, nc, nr`);
  }
  return {
    rid: fields.rid('rid'),
    name: fields.text('n'),
    fullName: fields.text('fn'),
    description: fields.text('d'),
    flags: ordered(flags as LocalUser['flags'], compareText, fields, 'f'),
    enabled: fields.boolean('on'),
    locked: fields.boolean('lock'),
    expires: fields.day('exp'),
    passwordSet: fields.day('set'),
  };
}

function groupOf(fields: Fields): LocalGroup {
  const members = ordered(fields.list('m').map(memberOf), (a, b) => compareText(a.sid, b.sid), fields, 'm');
  const sid = fields.sid('sid', isAnySid);
  return members.length === 0 ? emptyGroup(sid) : { sid, members };
}

/** Windows makes a score of groups in which nobody is: one object each for all devices. */
const emptyGroups = new Map<Sid, LocalGroup>();
const mostEmptyGroups = 256;

function emptyGroup(sid: Sid): LocalGroup {
  const known = emptyGroups.get(sid);
  if (known !== undefined) return known;
  const group: LocalGroup = { sid, members: [] };
  if (emptyGroups.size < mostEmptyGroups) emptyGroups.set(sid, group);
  return group;
}

function memberOf(fields: Fields): GroupMember {
  return {
    sid: fields.sid('s', isAnySid),
    kind: fields.oneOf('k', ['u', 'g', 'c', 'x'] as const),
    name: fields.take('n') === undefined ? null : fields.text('n'),
  };
}

/** A group that was made on the machine has a SID of the machine, as its users have. */
function isAnySid(text: string): boolean {
  return isSid(text) || isLocalSid(text);
}

function rotationOf(fields: Fields): RotationMark {
  const attempt = fields.take('a');
  check(Number.isSafeInteger(attempt) && (attempt as number) >= 1, `${fields.path}.a is not an attempt's number`);
  return {
    rid: fields.rid('rid'),
    id: fields.matching('id', /^[A-Za-z0-9-]{1,64}$/),
    attempt: attempt as number,
    state: fields.oneOf('st', ['made', 'set', 'changed'] as const),
  };
}

/** Each thing once, sorted; the script writes them so. */
function ordered<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  fields: Pick<Fields, 'path'>,
  key: string,
): readonly T[] {
  if (isRising(items, compare)) return items;
  const sorted = items.toSorted(compare);
  check(isRising(sorted, compare), `${fields.path}.${key} names one thing twice`);
  return sorted;
}

function isRising<T>(items: readonly T[], compare: (a: T, b: T) => number): boolean {
  for (let at = 1; at < items.length; at += 1) if (compare(items[at - 1] as T, items[at] as T) >= 0) return false;
  return true;
}
