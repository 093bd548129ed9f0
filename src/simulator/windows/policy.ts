/** What SAM says of a new password. */
import { ActionFailed, demandSeam, windowsError } from './action.ts';
import type { MachineState } from './state.ts';

/** The state in which SAM took the password. Throws where it did not: some are refused whatever they are. */
export function demandTaken(state: MachineState, password: string): MachineState {
  const { refuse, policy } = state;
  const left = refuse > 0 ? { ...state, refuse: refuse - 1 } : state;
  if (refuse === 0 && password.length >= (policy['MinLength'] ?? 0)) return left;
  demandSeam(state, 'Get-SamPolicy');
  const { code, message, native } = windowsError(2245, policyWords(state));
  throw new ActionFailed(code, message, native, left === state ? null : left);
}

/** One number stands for length, complexity, history and age alike: the device's own rules are told. */
function policyWords({ policy }: MachineState): string {
  const of = (name: string): string => String(policy[name] ?? '');
  return (
    `the password was refused; here the length is ${of('MinLength')}, the history ${of('History')}, ` +
    `the age ${of('MinAgeDays')} to ${of('MaxAgeDays')} days`
  );
}
