/** Sends a plan's actions, level by level, and says what became of each device. */
import { encodeOperations } from '../endpoint/encode.ts';
import type { ActionResult } from '../model/apply.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { Plan, PlannedAction } from '../model/plan.ts';
import type { JournalEntry, ResolvedRoute } from '../ports.ts';
import { collect, type Target } from './collect.ts';
import type { RunContext } from './context.ts';
import { intend, issue, settle } from './journal.ts';
import type { DeviceOutcome, KnownIdentity } from './outcome.ts';
import { assertEnabled } from './survey.ts';

export interface Execution {
  readonly actions: readonly ActionResult[];
  readonly outcomes: readonly DeviceOutcome[];
  readonly entries: readonly JournalEntry[];
}

interface Sent {
  readonly action: PlannedAction;
  readonly entry: JournalEntry;
  readonly targets: readonly Target[];
}

/**
 * `known` tells what is recorded of a device by Computer ID. `settled` is called with each device's outcomes as they
 * come, so that what is known is written before the next action goes out. An abort leaves the journal as it stands:
 * the next run goes on from there.
 */
export async function execute(
  context: RunContext,
  run: string,
  plan: Plan,
  options: IntegrationOptions,
  known: (computerId: string, label: string) => KnownIdentity,
  settled: (entry: JournalEntry, outcomes: readonly DeviceOutcome[]) => Promise<void>,
): Promise<Execution> {
  if (plan.actions.length === 0) return { actions: [], outcomes: [], entries: [] };
  const route = await context.actions.route(
    {
      packageName: options.package_name,
      packageParamOffset: options.package_param_offset,
      actionGroupName: options.action_group_name,
    },
    context.signal,
  );
  const results: ActionResult[] = [];
  const outcomes: DeviceOutcome[] = [];
  const entries: JournalEntry[] = [];
  const stopped = new Set<string>();
  const total = new Set(plan.actions.flatMap((action) => action.targets)).size;
  const counter = { answered: 0, failed: 0 };

  for (const level of levelsOf(plan.actions)) {
    const sent: Sent[] = [];
    for (const action of level) {
      const targets = targetsOf(action, stopped, known);
      if (targets.length === 0) continue;
      context.signal.throwIfAborted();
      await assertEnabled(context);
      sent.push({ action, targets, entry: await send(context, run, route, action, targets, options) });
    }
    for (const { action, entry, targets } of sent) {
      const found = await collect(context, entry, targets, options, ({ answered, failed }) => {
        context.tell({
          kind: 'action',
          answered: counter.answered + answered,
          failed: counter.failed + failed,
          targets: total,
        });
      });
      for (const outcome of found) if (outcome.status !== 'ok') stopped.add(outcome.computerId);
      const result = resultOf(action, found);
      counter.answered += result.ok + result.failed;
      counter.failed += result.failed;
      await settled(entry, found);
      await settle(context, entry);
      results.push(result);
      outcomes.push(...found);
      entries.push(entry);
    }
  }
  return { actions: results, outcomes, entries };
}

async function send(
  context: RunContext,
  run: string,
  route: ResolvedRoute,
  action: PlannedAction,
  targets: readonly Target[],
  options: IntegrationOptions,
): Promise<JournalEntry> {
  const expireSeconds = options.action_timeout_seconds;
  const ids = targets.map((target) => target.computerId);
  const entry = await intend(context, run, action, ids, expireSeconds);
  return issue(context, route, entry, encodeOperations(action.operations), expireSeconds);
}

/** A device that failed or stayed silent gets nothing further in this run: it is planned anew at next sight. */
function targetsOf(
  action: PlannedAction,
  stopped: ReadonlySet<string>,
  known: (computerId: string, label: string) => KnownIdentity,
): readonly Target[] {
  const targets: Target[] = [];
  for (const [index, computerId] of action.targets.entries()) {
    if (stopped.has(computerId)) continue;
    const label = action.devices[index] ?? computerId;
    targets.push({ computerId, label, known: known(computerId, label) });
  }
  return targets;
}

/** Actions that wait for none, then those that wait for one of these, and so on. */
export function levelsOf(actions: readonly PlannedAction[]): readonly (readonly PlannedAction[])[] {
  const levelOf = new Map<string, number>();
  const levels: PlannedAction[][] = [];
  for (const action of actions) {
    const level = action.after === null ? 0 : (levelOf.get(action.after) ?? 0) + 1;
    levelOf.set(action.key, level);
    (levels[level] ??= []).push(action);
  }
  return levels;
}

function resultOf(action: PlannedAction, outcomes: readonly DeviceOutcome[]): ActionResult {
  const count = (status: DeviceOutcome['status']): number =>
    outcomes.filter((outcome) => outcome.status === status).length;
  return {
    key: action.key,
    devices: outcomes.length,
    ok: count('ok'),
    failed: count('failed'),
    pending: count('pending'),
  };
}
