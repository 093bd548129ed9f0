/** Sends a plan's actions, level by level, and says what became of each device. */
import { encodeOperations } from '../endpoint/encode.ts';
import { TrueupError } from '../errors.ts';
import type { ActionRoute, ResolvedRoute } from '../fleet-ports.ts';
import type { ActionResult, GateResult, StoppedSending } from '../model/apply.ts';
import type { ActionInverse } from '../model/inverse.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { Plan, PlannedAction } from '../model/plan.ts';
import type { SpendingLimits } from '../model/recorded.ts';
import { expenseOf, limitsOf } from '../reconcile/budget.ts';
import { pauseAt } from '../reconcile/pause.ts';
import { type CollectProgress, collect, type Target } from './collect.ts';
import type { RunContext } from './context.ts';
import type { WaveInHand } from './gate.ts';
import { intend, issue, settle } from './journal.ts';
import { levelsOf } from './levels.ts';
import type { DeviceOutcome, KnownIdentity } from './outcome.ts';
import { otherScripts } from './script-version.ts';
import { assertEnabled } from './survey.ts';

export interface Execution {
  readonly actions: readonly ActionResult[];
  readonly outcomes: readonly DeviceOutcome[];
  /** By the key of each of these actions: Computer IDs of those that it was sent to. */
  readonly reached: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of the waves that another one was to follow; the last of them may have failed. */
  readonly gates: readonly GateResult[];
  /** Why nothing further was sent; null: all was that was to be. */
  readonly stopped: StoppedSending | null;
}

export interface ExecutionRecords {
  /** What is recorded of a device. */
  readonly known: (computerId: string, label: string) => KnownIdentity;
  /** Computer IDs that the budget of devices has counted within the day. */
  readonly earlier: ReadonlySet<string>;
  /**
   * Called with the outcomes of each action as they come, so that they are written before the next one goes out. Answers
   * what undoes the action.
   */
  readonly settled: (entry: JournalEntry, outcomes: readonly DeviceOutcome[]) => Promise<ActionInverse>;
  /** Computer IDs of devices on which a session has begun that a level would end; asked before each of them. */
  readonly inSession: (level: readonly PlannedAction[]) => Promise<readonly string[]>;
  /** Called after a wave that another one is to follow; null: nothing need hold for that. */
  readonly gate: ((wave: WaveInHand) => Promise<GateResult>) | null;
}

interface Sent {
  readonly action: PlannedAction;
  readonly entry: JournalEntry;
  readonly targets: readonly Target[];
}

/**
 * Wave by wave, with the gate between them, and in each level by level: all actions of a level are out before the first
 * is waited for. Where one cannot be sent, those that are out are still brought to their end before the error goes on; a
 * budget that was spent meanwhile, and an integration that was turned off, are no error then but the end of the run. An
 * abort leaves the journal as it stands: the next run goes on from there.
 */
export async function execute(
  context: RunContext,
  run: string,
  plan: Plan,
  options: IntegrationOptions,
  route: ResolvedRoute,
  records: ExecutionRecords,
): Promise<Execution> {
  const done = new Map<PlannedAction, readonly DeviceOutcome[]>();
  const stopped = new Set<string>();
  const tally = tallyOf(context, plan);
  const limits = limitsOf(context.desired.rollout, plan.scan.selected);
  const sending: Sending = {
    run,
    route,
    options,
    stopped,
    allowances: plan.allowances,
    known: records.known,
    limits,
    counted: new Set(records.earlier),
  };
  const leftOut = new Set<string>();
  const sendLevel = async (level: readonly PlannedAction[]): Promise<StoppedSending | null> => {
    for (const computerId of await records.inSession(level)) {
      if (!stopped.has(computerId)) leftOut.add(computerId);
      stopped.add(computerId);
    }
    const { sent, error } = await sendAll(context, sending, level);
    if (error !== null && sent.length > 0) context.tell({ kind: 'note', text: stoppedSending(sent.length) });
    await collect(context, sent, options, {
      seen: tally,
      ended: async ({ action, entry }, outcomes) => {
        await settle(context, entry, await records.settled(entry, outcomes));
        done.set(action, outcomes);
        for (const outcome of outcomes) if (outcome.status !== 'ok') stopped.add(outcome.computerId);
      },
    });
    if (error === null) return null;
    const refusal = refusalIn(error.origin);
    // Of a run that has sent nothing, that is all there is to say.
    if (refusal === null || done.size === 0) throw error.origin;
    return refusal;
  };
  let refused: StoppedSending | null = null;
  const gates: GateResult[] = [];
  const waves = wavesIn(plan);
  const last = plan.rollout?.waves.at(-1)?.number ?? 0;
  for (const wave of waves) {
    const began = context.clock.now();
    for (const level of levelsOf(wave.actions)) refused ??= await sendLevel(level);
    if (refused !== null) break;
    // Also before one that waits for somebody: whoever releases it wants to know.
    if (records.gate === null || wave.number >= last) continue;
    const ended = wholeOutcomes(wave.actions.flatMap((action) => done.get(action) ?? []));
    // Whoever was left out in the middle is neither well nor unwell.
    const outcomes = ended.filter(({ computerId }) => !leftOut.has(computerId));
    // Of which nothing was sent, nothing can be said: a freeze has begun.
    if (outcomes.length === 0) break;
    const gate = await records.gate({ wave, outcomes, began });
    gates.push(gate);
    if (!gate.passed) break;
  }
  const results = plan.actions.flatMap((action) => {
    const outcomes = done.get(action);
    return outcomes === undefined ? [] : [{ action, outcomes }];
  });
  const outcomes = wholeOutcomes(results.flatMap((result) => result.outcomes));
  const others = otherScripts(outcomes);
  if (others !== null) context.tell({ kind: 'note', text: others });
  if (leftOut.size > 0) context.tell({ kind: 'note', text: leftAlone(leftOut.size) });
  return {
    actions: results.map((result) => resultOf(result.action, result.outcomes)),
    outcomes,
    reached: new Map(results.map((result) => [result.action.key, new Set(result.outcomes.map(idOf))])),
    gates,
    stopped: refused,
  };
}

/** The actions of each wave, in the order of the waves. */
function wavesIn({ actions, rollout }: Plan): (WaveInHand['wave'] & { readonly actions: readonly PlannedAction[] })[] {
  const numbers = [...new Set(actions.map(({ wave }) => wave))].toSorted((a, b) => a - b);
  return numbers.map((number) => ({
    number,
    name: rollout?.waves.find((wave) => wave.number === number)?.name ?? '',
    actions: actions.filter(({ wave }) => wave === number),
  }));
}

/** Null: the plan has no action, and nothing is looked for. Throws where Tanium lacks what the options name. */
export async function routeFor(
  context: RunContext,
  { actions }: Plan,
  options: IntegrationOptions,
): Promise<ResolvedRoute | null> {
  return actions.length === 0 ? null : context.actions.route(routeOf(options), context.signal);
}

export function routeOf(options: IntegrationOptions): ActionRoute {
  return {
    packageName: options.package_name,
    packageParamOffset: options.package_param_offset,
    actionGroupName: options.action_group_name,
  };
}

/** Null: it is an error like any other. */
function refusalIn(error: unknown): StoppedSending | null {
  if (!(error instanceof TrueupError)) return null;
  const { code, message } = error;
  return code === 'TRUEUP_BUDGET_EXCEEDED' || code === 'TRUEUP_PROVIDER_OFF' ? { code, message } : null;
}

function stoppedSending(sent: number): string {
  return `an action could not be sent; ${sent === 1 ? 'the one' : `the ${sent}`} before it will be brought to an end first`;
}

function leftAlone(devices: number): string {
  const left =
    devices === 1 ? '1 device was left out: a session has' : `${devices} devices were left out: sessions have`;
  return `${left} begun there since the plan was made, and what is left waits for the end of it`;
}

function idOf({ computerId }: DeviceOutcome): string {
  return computerId;
}

/** What all actions of a run have in common. */
interface Sending {
  readonly run: string;
  readonly route: ResolvedRoute;
  readonly options: IntegrationOptions;
  /** Devices that get nothing further. */
  readonly stopped: Set<string>;
  readonly allowances: Plan['allowances'];
  readonly known: ExecutionRecords['known'];
  readonly limits: SpendingLimits;
  /** Devices, and operations of single devices, that a budget has counted already. */
  readonly counted: Set<string>;
}

async function sendAll(
  context: RunContext,
  sending: Sending,
  level: readonly PlannedAction[],
): Promise<{ readonly sent: readonly Sent[]; readonly error: { readonly origin: unknown } | null }> {
  const sent: Sent[] = [];
  for (const action of level) {
    const targets = targetsOf(action, sending.stopped, sending.known);
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
      sent.push({ action, targets, entry: await send(context, sending, action, targets) });
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

/** Of a device that several actions reached, one after the other, the last word: what stopped it, or ok. */
function wholeOutcomes(outcomes: readonly DeviceOutcome[]): readonly DeviceOutcome[] {
  return [...new Map(outcomes.map((outcome) => [outcome.computerId, outcome])).values()];
}

/** The progress of the whole run, in devices; of each action the newest figures count. */
function tallyOf(context: Pick<RunContext, 'tell'>, plan: Plan): (sent: Sent, seen: CollectProgress) => void {
  const targets = plan.actions.reduce((sum, action) => sum + action.targets.length, 0);
  const latest = new Map<PlannedAction, CollectProgress>();
  return ({ action }, seen) => {
    latest.set(action, seen);
    let [answered, failed] = [0, 0];
    for (const one of latest.values()) {
      answered += one.answered;
      failed += one.failed;
    }
    context.tell({ kind: 'action', answered, failed, targets });
  };
}

async function send(
  context: RunContext,
  { run, route, options, limits, counted }: Sending,
  action: PlannedAction,
  targets: readonly Target[],
): Promise<JournalEntry> {
  const expireSeconds = options.action_timeout_seconds;
  const ids = targets.map((target) => target.computerId);
  if (action.operations.some((one) => one.kind === 'password.rotate' && one.rotation === null)) {
    throw new TrueupError('TRUEUP_INTERNAL', 'a password without a key to seal it to: nothing is sent');
  }
  const { spending, anew } = expenseOf(action.operations, ids, counted);
  const { rollout } = context.desired;
  const entry = await intend(context, run, action, ids, expireSeconds, { spending, limits, rollout });
  for (const mark of anew) counted.add(mark);
  return issue(context, route, entry, encodeOperations(action.operations, action.attribution), expireSeconds);
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
