/** Sends a plan's actions, level by level, and says what became of each device. */
import { TrueupError } from '../errors.ts';
import type { ActionRoute, ResolvedRoute } from '../fleet-ports.ts';
import type { ActionResult, GateResult, StoppedSending } from '../model/apply.ts';
import type { Inventory } from '../model/inventory.ts';
import type { ActionInverse } from '../model/inverse.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { Plan, PlannedAction } from '../model/plan.ts';
import { limitsOf } from '../reconcile/budget.ts';
import { type CollectProgress, collect } from './collect.ts';
import type { RunContext } from './context.ts';
import type { WaveInHand } from './gate.ts';
import { settle } from './journal.ts';
import { levelsOf } from './levels.ts';
import type { DeviceOutcome, KnownIdentity } from './outcome.ts';
import type { RotationsFound } from './passwords/begin.ts';
import { deliver, isMadeHere } from './passwords/controller.ts';
import { takeIn } from './passwords/take-in.ts';
import { otherScripts } from './script-version.ts';
import { type Sending, type Sent, sendAll } from './sending.ts';

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
  /** What was found of the passwords that are rotated, and of the devices, before anything was sent. */
  readonly rotations: RotationsFound;
  readonly states: ReadonlyMap<string, Inventory>;
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
    records,
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
    const sessions: { readonly sent: Sent; readonly outcomes: readonly DeviceOutcome[] }[] = [];
    const close = (action: PlannedAction, outcomes: readonly DeviceOutcome[]): void => {
      done.set(action, outcomes);
      for (const outcome of outcomes) if (outcome.status !== 'ok') stopped.add(outcome.computerId);
    };
    const settled = async (entry: JournalEntry, outcomes: readonly DeviceOutcome[]): Promise<void> =>
      settle(context, entry, await records.settled(entry, outcomes));
    await collect(context, sent, options, {
      seen: tally,
      ended: async (one, reported) => {
        if (isMadeHere(one)) {
          await settle(context, one.entry);
          sessions.push({ sent: one, outcomes: reported });
          return;
        }
        // Before the entry is settled: whatever dies here, the next run takes them from the action once more.
        const outcomes = await takeIn(context, reported);
        await settled(one.entry, outcomes);
        close(one.action, outcomes);
      },
    });
    for (const { sent: one, outcomes } of sessions) {
      const waiting = one.targets.flatMap((target) => {
        const outcome = outcomes.find(({ computerId }) => computerId === target.computerId);
        return outcome === undefined ? [] : [{ target, outcome }];
      });
      const { rollout } = context.desired;
      const delivery = { run, route, options, found: records.rotations, states: records.states, rollout, settled };
      close(one.action, await deliver(context, { key: one.action.key, operations: one.operations }, waiting, delivery));
    }
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
