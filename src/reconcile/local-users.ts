/** The local accounts of a device, as its inventory has them. */
import type { Inventory, LocalUser, UserFlag } from '../model/inventory.ts';
import type { PropertyKey } from '../model/operation.ts';

export function userNamed(inventory: Pick<Inventory, 'users'>, name: string): LocalUser | null {
  return inventory.users.find((user) => sameName(user.name, name)) ?? null;
}

/** As Windows compares them. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
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
