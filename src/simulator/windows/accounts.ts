/** The actions of target LocalUser. */
import { type CommandParameters, propertyTypes, type RotationKey } from '../../endpoint/command.ts';
import { userJson } from '../../endpoint/inventory.ts';
import type { UserFlag } from '../../model/inventory.ts';
import type { PropertyKey } from '../../model/operation.ts';
import { BUILTIN_ADMINISTRATOR_RID, compareText } from '../../model/sid.ts';
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
import { existing, wanted } from './find-account.ts';
import { demandAdministrator } from './groups.ts';
import { demandIdle } from './idle.ts';
import { demandTaken } from './policy.ts';
import { firstOwnRid, type MachineState, type SamUser, sameName, userNamed, withoutUser, withUser } from './state.ts';

export function listUsers({ state }: Machine): Outcome {
  demandSeam(state, 'Get-SamUser');
  return unchanged({ users: state.users.map(userJson) });
}

export function getUser({ state }: Machine, parameters: CommandParameters): Outcome {
  return unchanged({ user: userJson(existing(state, parameters)) });
}

/** As long as what the script draws; its text is the device's own. */
const nobodysPassword = 'x'.repeat(64);

/** A disabled account with a random password that nobody keeps. One of that name is left as it is. */
export function createUser({ state, now }: Machine, parameters: CommandParameters): Outcome {
  const name = textOf(parameters, 'UserNameB64') ?? '';
  const present = userNamed(state, name);
  if (present) return unchanged({ rid: present.rid });
  demandName(state, name);
  demandSeam(state, 'New-SamUser');
  const taken = demandTaken(state, nobodysPassword);
  const at = `${now.toISOString().slice(0, 19)}Z`;
  const blank: SamUser = {
    rid: state.nextRid,
    name,
    fullName: '',
    description: '',
    flags: [],
    enabled: false,
    locked: false,
    expires: null,
    passwordSet: at.slice(0, 10),
    passwordSetAt: at,
    passwordNumber: 1,
  };
  const user = properties(parameters).reduce((made, [key, value]) => withProperty(made, key, value), blank);
  return { state: withUser(taken, user), data: { rid: user.rid } };
}

/** An account that is not there is deleted already. */
export function deleteUser(machine: Machine, parameters: CommandParameters): Outcome {
  const { state } = machine;
  const user = wanted(state, parameters);
  if (!user) return unchanged({});
  if (user.rid < firstOwnRid) throw windowsError(1371, `${user.name} is one of Windows' own accounts`);
  demandOurs(state, user);
  const after = withoutUser(state, user.rid);
  demandAdministrator(state, after);
  demandIdle(machine, user, given(parameters).Dependents);
  demandSeam(state, 'Remove-SamUser');
  return { state: after, data: { rid: user.rid } };
}

export function enableUser(machine: Machine, parameters: CommandParameters): Outcome {
  return edit(machine, parameters, (user) => ({ ...user, enabled: true }));
}

export function disableUser(machine: Machine, parameters: CommandParameters): Outcome {
  return edit(machine, parameters, (user) => ({ ...user, enabled: false }));
}

export function unlockUser(machine: Machine, parameters: CommandParameters): Outcome {
  return edit(machine, parameters, (user) => ({ ...user, locked: false }));
}

export function setProperties(machine: Machine, parameters: CommandParameters): Outcome {
  const values = properties(parameters);
  return edit(machine, parameters, (user) =>
    values.reduce((changed, [key, value]) => withProperty(changed, key, value), user),
  );
}

/**
 * By SID the account stays what it was, with its memberships; case alone may change too. A value without a key is the new
 * name.
 */
export function renameUser(machine: Machine, parameters: CommandParameters): Outcome {
  const named: CommandParameters = { PropertyKey: 'Name', ...parameters };
  const to = given(named).Name;
  if (to === undefined) throw new ActionFailed('bad-argument', 'Rename takes one new name');
  return edit(machine, named, (user) => {
    if (!sameName(user.name, to)) demandName(machine.state, to);
    return { ...user, name: to };
  });
}

function edit(machine: Machine, parameters: CommandParameters, change: (user: SamUser) => SamUser): Outcome {
  const { state } = machine;
  const user = existing(state, parameters);
  const changed = change(user);
  if (JSON.stringify(changed) === JSON.stringify(user)) return unchanged({ rid: user.rid });
  demandOurs(state, user);
  const after = withUser(state, changed);
  demandAdministrator(state, after);
  if ((user.enabled && !changed.enabled) || !sameName(user.name, changed.name)) {
    demandIdle(machine, user, given(parameters).Dependents);
  }
  demandSeam(state, changed.name === user.name ? 'Set-SamUser' : 'Rename-SamUser');
  return { state: after, data: { rid: user.rid } };
}

/** Windows LAPS in automatic mode blocks every edit of its account, not the password's alone (C28). */
export function demandOurs(state: MachineState, user: SamUser): void {
  if (state.laps.mode !== 'none' && (state.laps.rid ?? BUILTIN_ADMINISTRATOR_RID) === user.rid) {
    throw windowsError(8654, `${user.name} belongs to Windows LAPS`);
  }
}

/** Length and characters: windows-accounts.md C13; accounts and groups share one name space. */
function demandName(state: MachineState, name: string): void {
  if (name.length > 20 || /["/\\[\]:;|=,+*?<>@\p{Cc}]/u.test(name) || /^[. ]*$/.test(name)) {
    throw windowsError(2202, 'an account has 1 to 20 characters, none of "/\\[]:;|=,+*?<>@, and not only dots');
  }
  if (userNamed(state, name)) throw windowsError(2224, `there is an account ${name} already`);
  if (state.groups.some((group) => sameName(group.name, name))) throw windowsError(1379, `${name} is a group`);
}

const flagOf: Partial<Record<PropertyKey, UserFlag>> = {
  PasswordNeverExpires: 'nx',
  UserCannotChangePassword: 'nc',
  PasswordNotRequired: 'nr',
};

/** The values given, by their keys. */
export function given(parameters: CommandParameters): Readonly<Partial<Record<GivenKey, string>>> {
  return Object.fromEntries(properties(parameters));
}

type GivenKey = PropertyKey | RotationKey | 'Name';

/** The n-th value is that of the n-th key. */
function properties(parameters: CommandParameters): [GivenKey, string][] {
  const keys = typeof parameters.PropertyKey === 'string' ? parameters.PropertyKey.split(',') : [];
  const values = textsOf(parameters, 'PropertyValuesB64');
  if (keys.length !== values.length) {
    throw new ActionFailed('bad-argument', `${keys.length} properties and ${values.length} values`);
  }
  return keys.map((key, index) => [key as GivenKey, values[index] ?? '']);
}

function withProperty(user: SamUser, name: GivenKey, value: string): SamUser {
  // The table of commands lets no other through.
  const key = name as PropertyKey;
  if (propertyTypes[key] === 'text') {
    if (value.length > 256) throw new ActionFailed('bad-argument', `${key} is longer than 256 characters`);
    return key === 'FullName' ? { ...user, fullName: value } : { ...user, description: value };
  }
  const flag = flagOf[key];
  const on = /^true$/i.test(value);
  if (flag === undefined || (!on && !/^false$/i.test(value))) {
    throw new ActionFailed('bad-argument', `${key} is True or False`);
  }
  const others = user.flags.filter((other) => other !== flag);
  return { ...user, flags: on ? [...others, flag].toSorted(compareText) : others };
}
