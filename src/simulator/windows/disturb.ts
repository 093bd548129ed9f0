/** What somebody with rights on a device does to it, past every guard of the scripts. */
import { TrueupError } from '../../errors.ts';
import { isLocalSid, isSid, relativeSid, ridOf, type Sid } from '../../model/sid.ts';
import type { Disturbance } from '../fleet/fleet.ts';
import type { Machine } from './action.ts';
import {
  groupWithSid,
  type MachineState,
  userNamed,
  userWithRid,
  withMembers,
  withoutMembers,
  withoutUser,
  withPassword,
  withUser,
} from './state.ts';

/** The state afterwards. Throws TRUEUP_SIMULATOR where the device has no such account, group or SID. */
export function disturbed(machine: Machine, change: Disturbance): MachineState {
  let { state } = machine;
  if (change.user) state = withChangedUser(machine, change.user);
  if (change.group) state = withChangedGroup({ ...machine, state }, change.group);
  return state;
}

function withChangedUser({ state, now }: Machine, change: NonNullable<Disturbance['user']>): MachineState {
  const user = userNamed(state, change.name);
  if (!user) throw new TrueupError('TRUEUP_SIMULATOR', `the device has no account ${change.name}`);
  if (change.delete) return withoutUser(state, user.rid);
  const { enabled = user.enabled, password } = change;
  const changed = enabled === user.enabled ? user : { ...user, enabled };
  return withUser(state, password === undefined ? changed : withPassword(changed, password, now));
}

function withChangedGroup(machine: Machine, change: NonNullable<Disturbance['group']>): MachineState {
  const group = groupWithSid(machine.state, relativeSid(change.sid, machine.machineSid));
  if (!group) throw new TrueupError('TRUEUP_SIMULATOR', `the device has no group ${change.sid}`);
  const removed = new Set((change.remove ?? []).map((sid) => checked(machine, sid)));
  const state = withoutMembers(machine.state, group.sid, removed);
  const present = new Set(groupWithSid(state, group.sid)?.members.map((member) => member.sid));
  const added = [...new Set((change.add ?? []).map((sid) => existing(machine, checked(machine, sid))))]
    .filter((sid) => !present.has(sid))
    .map((sid) => {
      const known = isLocalSid(sid) ? { kind: 'u' as const, name: null } : machine.directory.get(sid);
      return { sid, kind: known?.kind ?? ('x' as const), name: known?.name ?? null };
    });
  return withMembers(state, group.sid, added);
}

function checked({ machineSid }: Machine, text: string): Sid {
  const sid = relativeSid(text, machineSid);
  if (!isSid(sid) && !isLocalSid(sid)) throw new TrueupError('TRUEUP_SIMULATOR', `${text} is not a SID`);
  return sid;
}

function existing({ state }: Machine, sid: Sid): Sid {
  if (isLocalSid(sid) && !userWithRid(state, ridOf(sid))) {
    throw new TrueupError('TRUEUP_SIMULATOR', `the device has no account ${sid}`);
  }
  return sid;
}
