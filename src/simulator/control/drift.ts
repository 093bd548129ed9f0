/** The body of `POST /_sim/drift`: what somebody does to a device. */
import { TrueupError } from '../../errors.ts';
import { findDevice } from '../fleet/find.ts';
import type { Disturbance, Fleet, SimulatedDevice } from '../fleet/fleet.ts';
import { isRecord, type Wire } from '../http/fields.ts';

/** @throws TRUEUP_SIMULATOR, naming what of the body is not to be read */
export function disturbanceFrom(
  fleet: Fleet,
  body: Wire,
): { readonly device: SimulatedDevice; readonly change: Disturbance } {
  demandKeys(body, ['device', 'user', 'group', 'actor'], '');
  const { device, user, group, actor } = body;
  if (typeof device !== 'string' && typeof device !== 'number') throw wrong('device is a name or a Computer ID');
  if (user === undefined && group === undefined) throw wrong('user or group says what happens');
  if (actor !== undefined && typeof actor !== 'string') throw wrong('actor is a text');
  return {
    device: findDevice(fleet, device),
    change: {
      ...(user === undefined ? {} : { user: userFrom(user) }),
      ...(group === undefined ? {} : { group: groupFrom(group) }),
      ...(actor === undefined ? {} : { actor }),
    },
  };
}

function userFrom(value: unknown): NonNullable<Disturbance['user']> {
  if (!isRecord(value)) throw wrong('user is an object');
  demandKeys(value, ['name', 'enabled', 'delete', 'password'], 'user.');
  const { name, enabled, delete: gone, password } = value;
  if (typeof name !== 'string') throw wrong('user.name is a text');
  if (enabled !== undefined && typeof enabled !== 'boolean') throw wrong('user.enabled is true or false');
  if (gone !== undefined && typeof gone !== 'boolean') throw wrong('user.delete is true or false');
  if (password !== undefined && typeof password !== 'string') throw wrong('user.password is a text');
  if (enabled === undefined && gone !== true && password === undefined) {
    throw wrong('user.enabled, user.delete or user.password says what happens');
  }
  return {
    name,
    ...(enabled === undefined ? {} : { enabled }),
    ...(gone === undefined ? {} : { delete: gone }),
    ...(password === undefined ? {} : { password }),
  };
}

function groupFrom(value: unknown): NonNullable<Disturbance['group']> {
  if (!isRecord(value)) throw wrong('group is an object');
  demandKeys(value, ['sid', 'add', 'remove'], 'group.');
  const { sid, add, remove } = value;
  if (typeof sid !== 'string') throw wrong('group.sid is a SID');
  if (add === undefined && remove === undefined) throw wrong('group.add or group.remove says what happens');
  return {
    sid,
    ...(add === undefined ? {} : { add: sidsFrom(add, 'group.add') }),
    ...(remove === undefined ? {} : { remove: sidsFrom(remove, 'group.remove') }),
  };
}

function sidsFrom(value: unknown, what: string): readonly string[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  const sids = list.filter((sid) => typeof sid === 'string');
  if (!Array.isArray(value) || sids.length < list.length) throw wrong(`${what} is a list of SIDs`);
  return sids;
}

function demandKeys(value: Wire, keys: readonly string[], path: string): void {
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw wrong(`unknown key ${path}${unknown}; there are ${keys.join(', ')}`);
}

function wrong(message: string): TrueupError {
  return new TrueupError('TRUEUP_SIMULATOR', message);
}
