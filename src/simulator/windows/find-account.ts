/** The account that a command means. */
import type { CommandParameters } from '../../endpoint/command.ts';
import { ActionFailed, demandSeam, textOf, windowsError } from './action.ts';
import { type MachineState, type SamUser, userNamed, userWithRid } from './state.ts';

export function existing(state: MachineState, parameters: CommandParameters): SamUser {
  const user = wanted(state, parameters);
  if (!user) throw windowsError(2221, 'there is no such local account');
  return user;
}

/** By RID or by name; both must mean the same account. Undefined: there is none. */
export function wanted(state: MachineState, parameters: CommandParameters): SamUser | undefined {
  demandSeam(state, 'Get-SamUser');
  const name = textOf(parameters, 'UserNameB64');
  const byName = name === null ? undefined : userNamed(state, name);
  if (parameters.UserRID === undefined) return byName;
  const byRid = userWithRid(state, Number(parameters.UserRID));
  if (name !== null && byRid !== byName) {
    throw new ActionFailed('bad-argument', `-UserRID ${parameters.UserRID} and -UserNameB64 ${name} are two accounts`);
  }
  return byRid;
}
