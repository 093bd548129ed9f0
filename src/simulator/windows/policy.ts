/** What SAM says of a new password. */
import { ActionFailed, canSeam, windowsError } from './action.ts';
import type { MachineState } from './state.ts';

/** The state in which SAM took the password. Throws where it did not: some are refused whatever they are. */
export function demandTaken(state: MachineState, password: string): MachineState {
  const { refuse, policy } = state;
  const left = refuse > 0 ? { ...state, refuse: refuse - 1 } : state;
  if (refuse === 0 && password.length >= (policy['MinLength'] ?? 0)) return left;
  const { code, message, native } = windowsError(2245, policyWords(state));
  throw new ActionFailed(code, message, native, left === state ? null : left);
}

/** One number stands for length, complexity, history and age alike: the device's own rules are told, as far as it knows. */
function policyWords(state: MachineState): string {
  const policy = canSeam(state, 'Get-SamPolicy') ? state.policy : {};
  const rules = ['MinLength', 'History', 'MinAgeDays', 'MaxAgeDays']
    .filter((name) => policy[name] !== undefined && policy[name] !== null)
    .map((name) => `${name} ${policy[name]}`);
  return rules.length === 0 ? 'the password was refused' : `the password was refused; here ${rules.join(', ')}`;
}
