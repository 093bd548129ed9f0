/** How machines drift away from `examples/minimal`: every way that such a policy can express, and none that is not. */
import { ADMINISTRATORS, localSid } from '../../model/sid.ts';
import {
  groupWithSid,
  type MachineState,
  type SamUser,
  userNamed,
  withMembers,
  withoutMembers,
  withoutUser,
  withUser,
} from '../windows/state.ts';
import { inTurn } from './random.ts';
import { breakglass, corpDirectory, domainAdmins, strangers } from './world.ts';

export type Drift =
  | 'domain-admins-missing'
  | 'breakglass-no-member'
  | 'stranger-member'
  | 'local-member'
  | 'breakglass-missing'
  | 'breakglass-disabled'
  | 'wrong-full-name'
  | 'wrong-description'
  | 'password-expires';

/** Of the account, which every device must have. */
export const accountDrifts: readonly Drift[] = [
  'breakglass-missing',
  'breakglass-disabled',
  'wrong-full-name',
  'wrong-description',
  'password-expires',
];
/** Of the group too, which only devices of the domain must have. */
export const allDrifts: readonly Drift[] = [
  'domain-admins-missing',
  'breakglass-no-member',
  'stranger-member',
  'local-member',
  ...accountDrifts,
];

/** The machine after somebody was at it. `variant` chooses among strangers, names and texts. */
export function drifted(state: MachineState, drift: Drift, variant: number): MachineState {
  switch (drift) {
    case 'domain-admins-missing':
      return withoutMembers(state, ADMINISTRATORS, new Set([domainAdmins]));
    case 'breakglass-no-member': {
      const user = userNamed(state, breakglass.name);
      return user ? withoutMembers(state, ADMINISTRATORS, new Set([localSid(user.rid)])) : state;
    }
    case 'stranger-member':
      return withStranger(state, inTurn(strangers, variant));
    case 'local-member':
      return withLocalAdministrator(state, inTurn(['tempadmin', 'setup', 'vendor'], variant));
    case 'breakglass-missing': {
      const user = userNamed(state, breakglass.name);
      return user ? withoutUser(state, user.rid) : state;
    }
    case 'breakglass-disabled':
      return withBreakglass(state, { enabled: false });
    case 'wrong-full-name':
      return withBreakglass(state, { fullName: inTurn(['', 'Breakglass'], variant) });
    case 'wrong-description':
      return withBreakglass(state, { description: inTurn(['', 'do not use', 'ask the help desk'], variant) });
    case 'password-expires':
      return withBreakglass(state, { flags: [] });
  }
}

function withBreakglass(state: MachineState, fields: Partial<SamUser>): MachineState {
  const user = userNamed(state, breakglass.name);
  return user ? withUser(state, { ...user, ...fields }) : state;
}

function withStranger(state: MachineState, sid: string): MachineState {
  if (groupWithSid(state, ADMINISTRATORS)?.members.some((member) => member.sid === sid)) return state;
  const known = corpDirectory.get(sid);
  return withMembers(state, ADMINISTRATORS, [{ sid, kind: known?.kind ?? 'x', name: known?.name ?? null }]);
}

function withLocalAdministrator(state: MachineState, name: string): MachineState {
  if (userNamed(state, name)) return state;
  const rid = state.nextRid;
  const user: SamUser = {
    rid,
    name,
    fullName: '',
    description: '',
    flags: [],
    enabled: true,
    locked: false,
    expires: null,
    passwordSet: '2026-02-24',
    passwordNumber: 1,
  };
  return withMembers(withUser(state, user), ADMINISTRATORS, [{ sid: localSid(rid), kind: 'u', name: null }]);
}
