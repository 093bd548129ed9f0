/**
 * Sessions that NPS-D lets begin while a run is under way: a gate, or the actions of a level, may be waited for so long
 * that what the plan knew of them is old.
 */
import type { Plan, PlannedAction } from '../model/plan.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import type { Sid } from '../model/sid.ts';
import { takesAccess } from '../reconcile/order.ts';
import type { RunContext } from './context.ts';
import { conclude, type Look, readComputers, type Survey } from './survey.ts';

/** Computer IDs of the devices of some actions on which a session has begun that the plan would end. */
export async function sessionsBegun(
  context: RunContext,
  before: Survey,
  plan: Plan,
  look: Look,
  actions: readonly PlannedAction[],
): Promise<readonly string[]> {
  const taking = actions.filter(({ operations }) => operations.some(takesAccess));
  if (taking.length === 0 || context.store.owner !== 'npsd') return [];
  const now = new Map((await readComputers(context.store)).map(({ id, sessions }) => [id, sessions]));
  // Those that the plan knew of it has reckoned with.
  const computers = before.recorded.computers.map((computer) => ({
    ...computer,
    sessions: begunSince(computer, now.get(computer.id)),
  }));
  if (computers.every(({ sessions }) => sessions.length === 0)) return [];
  // Which session stands in the way of what, and who is free of the guard, the planner says.
  const recorded = { ...before.recorded, computers };
  const { plan: anew } = conclude(context, recorded, before.observation, before.content, {
    ...look,
    allow: plan.allowances,
  });
  const held = anew.held.filter(({ guard }) => guard === 'active-session').flatMap(({ devices }) => devices);
  const busy = new Set(held);
  return taking.flatMap(({ devices, targets }) => targets.filter((_, index) => busy.has(devices[index] ?? '')));
}

function begunSince({ sessions }: RecordedComputer, now: RecordedComputer['sessions'] = []): readonly Sid[] {
  return now.filter((sid) => !sessions.includes(sid));
}
