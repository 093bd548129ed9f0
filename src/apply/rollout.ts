/** What the last run in waves left for the next one. */

import type { Plan } from '../model/plan.ts';
import type { FailedGate, LastRollout } from '../model/recorded.ts';
import type { Run } from '../model/run.ts';
import { hasWaves } from '../model/waves.ts';
import type { RunContext } from './context.ts';

/** Null: none was made, or of another configuration, or no waves are declared now. */
export async function readRollout({
  desired,
  store,
}: Pick<RunContext, 'desired' | 'store'>): Promise<LastRollout | null> {
  if (!hasWaves(desired.rollout)) return null;
  const last = await store.lastRollout();
  if (last === null || last.config !== desired.digest) return null;
  return { run: last.id, failed: last.failedGate ?? null, waiting: waitingIn(last.plan) };
}

/** How a run leaves the fleet for the look after it; null: its plan has no waves. */
export function leftBy(run: string, plan: Plan, failed: FailedGate | null): LastRollout | null {
  return plan.rollout === undefined ? null : { run, failed, waiting: waitingIn(plan) };
}

function waitingIn(plan: Plan | null): ReadonlyMap<string, number> {
  const waiting = new Map<string, number>();
  for (const { number, held } of plan?.rollout?.waves ?? []) for (const label of held) waiting.set(label, number);
  return waiting;
}

/**
 * A figure of its summary, by which `store.lastRollout` finds a run. One of a part says nothing of the whole; and where
 * nobody looked, one that had nothing to do leaves what was before it as it was.
 */
export function wavesIn({ only, rollout }: Plan, attended: boolean): Run['summary'] {
  if (only !== null || rollout === undefined) return {};
  const waves = rollout.waves.length;
  return waves === 0 && !attended ? {} : { waves };
}
