/** What runs as an account, against a change that would keep it from starting again (windows-accounts.md C10). */
import { ActionFailed, type Machine } from './action.ts';
import type { SamUser } from './state.ts';
import { usesOf } from './usage.ts';

/** Services, tasks and pools are: people who are logged on stay so. */
const starting = ['services', 'tasks', 'pools'] as const;

/** Throws `in-use`, and what could not be asked is taken for use. `dependents`: undefined is `refuse`. */
export function demandIdle(machine: Machine, user: SamUser, dependents: string | undefined): void {
  if (dependents !== undefined && dependents !== 'refuse' && dependents !== 'ignore') {
    throw new ActionFailed('bad-argument', 'Dependents is refuse or ignore');
  }
  if (dependents === 'ignore') return;
  const { complete, accounts } = usesOf(machine, [user], starting.length);
  const [use] = accounts;
  const held = starting
    .map((kind) => [kind, use?.[kind] ?? []] as const)
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${kind} ${names.join(', ')}`);
  if (held.length > 0) throw new ActionFailed('in-use', `${user.name} is in use: ${held.join('; ')}`);
  if (!complete) throw new ActionFailed('in-use', `what uses ${user.name} could not be asked`);
}
