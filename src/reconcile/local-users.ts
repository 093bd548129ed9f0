/** The local accounts and groups of a device, as its inventory has them. */
import type { GroupMember, Inventory, LocalUser, UserFlag } from '../model/inventory.ts';
import type { PropertyKey } from '../model/operation.ts';
import type { Sid } from '../model/sid.ts';

/** None where the inventory does not show the group. */
export function membersIn({ groups }: Pick<Inventory, 'groups'>, group: Sid): readonly GroupMember[] {
  return groups.find(({ sid }) => sid === group)?.members ?? [];
}

export function userNumbered({ users }: Pick<Inventory, 'users'>, rid: number): LocalUser | null {
  return users.find((user) => user.rid === rid) ?? null;
}

export function userNamed({ users }: Pick<Inventory, 'users'>, name: string): LocalUser | null {
  return users[lowerNames(users).indexOf(name.toLowerCase())] ?? null;
}

const known = new WeakMap<Inventory['users'], readonly string[]>();

/** In the order of the users; made once for all that is asked of one inventory. */
export function lowerNames(users: Inventory['users']): readonly string[] {
  const names = known.get(users) ?? users.map(({ name }) => name.toLowerCase());
  known.set(users, names);
  return names;
}

/** As Windows compares them. */
export function sameName(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

const flagOf: Readonly<Partial<Record<PropertyKey, UserFlag>>> = {
  PasswordNeverExpires: 'nx',
  UserCannotChangePassword: 'nc',
  PasswordNotRequired: 'nr',
};

export function propertyOf(user: LocalUser, property: PropertyKey): string | boolean {
  if (property === 'FullName') return user.fullName;
  if (property === 'Description') return user.description;
  const flag = flagOf[property];
  return flag !== undefined && user.flags.includes(flag);
}
