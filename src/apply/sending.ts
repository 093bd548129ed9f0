/** Sends the actions of one level, each for those of its devices that may get it still. */
import { encodeOperations, encodeStep } from '../endpoint/encode.ts';
import type { ResolvedRoute } from '../fleet-ports.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { Plan, PlannedAction } from '../model/plan.ts';
import type { SpendingLimits } from '../model/recorded.ts';
import { expenseOf } from '../reconcile/budget.ts';
import { pauseAt } from '../reconcile/pause.ts';
import type { Target } from './collect.ts';
import type { RunContext } from './context.ts';
import type { ExecutionRecords } from './execute.ts';
import { intend, issue } from './journal.ts';
import type { KnownIdentity } from './outcome.ts';
import { begin, withdraw } from './passwords/begin.ts';
import { isMadeHere, sessionStep } from './passwords/controller.ts';
import { assertEnabled } from './survey.ts';

export interface Sent {
  readonly action: PlannedAction;
  /** Each rotation with its id. */
  readonly operations: PlannedAction['operations'];
  readonly entry: JournalEntry;
  readonly targets: readonly Target[];
}

/** What all actions of a run have in common. */
export interface Sending {
  readonly run: string;
  readonly route: ResolvedRoute;
  readonly options: IntegrationOptions;
  /** Devices that get nothing further. */
  readonly stopped: Set<string>;
  readonly allowances: Plan['allowances'];
  readonly records: Pick<ExecutionRecords, 'known' | 'rotations'>;
  readonly limits: SpendingLimits;
  /** Devices, and operations of single devices, that a budget has counted already. */
  readonly counted: Set<string>;
}

/** Ends at the first that cannot be sent; an abort is thrown. */
export async function sendAll(
  context: RunContext,
  sending: Sending,
  level: readonly PlannedAction[],
): Promise<{ readonly sent: readonly Sent[]; readonly error: { readonly origin: unknown } | null }> {
  const sent: Sent[] = [];
  for (const action of level) {
    const targets = targetsOf(action, sending.stopped, sending.records.known);
    if (targets.length === 0) continue;
    // One that began meanwhile: what is left is held, as the look afterwards will say.
    if (!mayGo(context, sending.allowances, action)) {
      for (const { computerId } of targets) sending.stopped.add(computerId);
      continue;
    }
    try {
      context.signal.throwIfAborted();
      await context.assertHeld();
      await assertEnabled(context);
      const one = await send(context, sending, action, targets);
      if (one !== null) sent.push(one);
    } catch (origin) {
      context.signal.throwIfAborted();
      return { sent, error: { origin } };
    }
  }
  return { sent, error: null };
}

/** A freeze, a suspension or the end of a window does not stop an action whose devices are all exempt from it. */
function mayGo({ desired, clock }: RunContext, allowances: Plan['allowances'], { devices }: PlannedAction): boolean {
  const pause = pauseAt(desired.rollout, clock.now());
  if (pause === null) return true;
  return devices.every((label) => allowances.some(({ guard, device }) => guard === pause.guard && device === label));
}

/** Null: none of these devices may be asked, since each has a rotation that is not settled. */
async function send(
  context: RunContext,
  { run, route, options, limits, counted, stopped, records }: Sending,
  action: PlannedAction,
  planned: readonly Target[],
): Promise<Sent | null> {
  const expireSeconds = options.action_timeout_seconds;
  const { rollout } = context.desired;
  const begun = await begin(context, action.operations, planned, records.rotations);
  const { operations, targets } = begun;
  for (const { computerId } of planned)
    if (!targets.some((one) => one.computerId === computerId)) stopped.add(computerId);
  if (targets.length === 0) return null;
  const ids = targets.map((target) => target.computerId);
  // What a device is asked for once more was counted when it was asked first.
  const { spending, anew } = expenseOf(operations, ids, new Set([...counted, ...begun.counted]));
  const step = isMadeHere({ operations }) ? sessionStep : null;
  const intended = step === null ? { ...action, operations } : { key: action.key, operations: [], step };
  let entry: JournalEntry;
  try {
    entry = await intend(context, run, intended, ids, expireSeconds, { spending, limits, rollout });
  } catch (error) {
    await withdraw(context, begun);
    throw error;
  }
  for (const mark of anew) counted.add(mark);
  const labels = targets.map(({ label }) => label);
  const encoded = step === null ? encodeOperations(operations, action.attribution) : encodeStep(step);
  return { action, operations, targets, entry: await issue(context, route, entry, labels, encoded, expireSeconds) };
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
