/**
 * One run: take up what an earlier one left, look, plan, write records, act, look again, record.
 *
 * Whatever stops it in between, nothing is lost and nothing is done twice: each step is durable before the next one
 * begins, and the next run goes on from the journal.
 */

import type { ResolvedRoute } from '../fleet-ports.ts';
import type { ApplyResult, GateResult } from '../model/apply.ts';
import type { Desired } from '../model/desired.ts';
import type { Plan } from '../model/plan.ts';
import type { FailedGate } from '../model/recorded.ts';
import type { Run } from '../model/run.ts';
import { compareText } from '../model/sid.ts';
import { exitCodeOf } from '../reconcile/exit-code.ts';
import { inverseOf, madeBy } from '../reconcile/inverse.ts';
import { noteActors } from './actors.ts';
import { appendAudit, draftAfter, draftsBefore } from './audit.ts';
import { devicesBefore, statesIn } from './before.ts';
import { isContent } from './content.ts';
import { contentFirst } from './content-first.ts';
import type { RunContext } from './context.ts';
import type { DriftNews } from './drift.ts';
import { type Execution, execute, routeFor } from './execute.ts';
import { measure } from './gate.ts';
import { keepLook } from './look.ts';
import { byComputerId, noteOutcomes, recordsOf } from './notes.ts';
import type { DeviceOutcome } from './outcome.ts';
import { rotationsFound } from './passwords/begin.ts';
import { confirmSeen, giveUp } from './passwords/confirm.ts';
import { sealForRecovery, tend } from './passwords/tend.ts';
import { tendedIn } from './passwords/tended.ts';
import { writeRecords } from './records.ts';
import { recover } from './recover.ts';
import { leftBy, wavesIn } from './rollout.ts';
import { recordRun } from './run.ts';
import { revive } from './saved.ts';
import { sessionsBegun } from './sessions.ts';
import { type Look, lookOf, readComputers, type Survey, survey } from './survey.ts';
import { failuresOf, lookAgain } from './verify.ts';

export interface ApplyRequest {
  readonly kind: Extract<Run['kind'], 'apply' | 'reconcile'>;
  /** A plan that was reviewed earlier; null: the plan of this moment. */
  readonly saved: Plan | null;
  readonly look: Look;
  /** Shown the plan before anything is written; false: nothing is. Not asked where there is nothing to do. */
  readonly confirm: (plan: Plan) => Promise<boolean>;
}

export interface Applied {
  /** What was to be done. */
  readonly plan: Plan;
  readonly result: ApplyResult;
  /** 0, 2, 3, 4 or 6, see 1-product.md. */
  readonly exitCode: number;
  readonly drift: DriftNews;
  /** False: the operator said no, and nothing was written. */
  readonly confirmed: boolean;
  /** The gate that holds what is left of the waves; null: none does. */
  readonly stopped: FailedGate | null;
}

/**
 * The caller holds the provider's lease. Throws what a run can fail of; TRUEUP_PLAN_STALE where a plan that was saved,
 * or that was long looked at, is no longer that of the moment.
 */
export async function apply(context: RunContext, request: ApplyRequest): Promise<Applied> {
  await recover(context);
  const { before, plan, confirmed } = await agreed(context, request);
  if (!confirmed) return declined(plan);

  return recordRun(
    context,
    { kind: request.kind, plan },
    async (run, keep) => {
      // What waits, and a gate that failed, hold the next run too, whatever becomes of this one.
      const leave: Leave = (failed) =>
        keep({ ...(failed && { failedGate: failed }), summary: wavesIn(plan, request.look.attended) });
      const applied = await carryOut(context, request.look, run, before, plan, leave);
      if (isCarriedOut(plan)) await appendAudit(context, [draftAfter(run, applied.result)]);
      return applied;
    },
    ({ result, drift, stopped }) => ({
      ...(stopped === null ? {} : { failedGate: stopped }),
      summary: {
        changes: plan.changes.length,
        actions: result.actions.length,
        failed: result.failed.length,
        pending: result.pending.length,
        held: result.held,
        driftOpened: drift.opened.length,
        driftResolved: drift.resolved.length,
        ...wavesIn(plan, request.look.attended),
      },
    }),
  );
}

/** An answer that took longer than this many seconds is one to a state that may be gone. */
const freshSeconds = 60;

async function agreed(
  context: RunContext,
  { saved, look, confirm }: ApplyRequest,
): Promise<{ readonly before: Survey; readonly plan: Plan; readonly confirmed: boolean }> {
  const { rollout } = context.desired;
  const before = await survey(context, { ...look, fresh: true });
  const plan = saved === null ? before.plan : revive(saved, before.plan, rollout, before.recorded.spent);
  if (plan.refusal !== null || plan.changes.length === 0) return { before, plan, confirmed: true };
  const asked = Date.parse(context.clock.now());
  const confirmed = await confirm(plan);
  const took = Math.abs(Date.parse(context.clock.now()) - asked) / 1000;
  if (!confirmed || took <= freshSeconds) return { before, plan, confirmed };
  const again = await survey(context, { ...look, placed: lookOf(plan).placed, fresh: true });
  return { before: again, plan: revive(plan, again.plan, rollout, again.recorded.spent), confirmed };
}

/** Makes durable how the run leaves its waves so far. */
type Leave = (failed: FailedGate | null) => Promise<void>;

const nothingSent: Execution = { actions: [], outcomes: [], reached: new Map(), gates: [], stopped: null };

async function carryOut(
  context: RunContext,
  look: Look,
  run: string,
  before: Survey,
  plan: Plan,
  leave: Leave,
): Promise<Applied> {
  const first = await keepLook(context, run, before);
  await confirmSeen(context, before);
  const failedBefore = before.recorded.rollout?.failed ?? null;
  if (plan.refusal !== null) return refused(plan, run, first, failedBefore);
  // Whoever saw that a gate had failed, and went on, has dealt with it.
  const earlier = look.attended ? null : failedBefore;
  const made = await contentFirst(context, run, plan, before);
  // Whatever is wrong with package or group, or with a key, is known before anything is written.
  const route = await routeFor(context, plan, before.options);
  const passwords = tendedIn(context, before, route);
  await sealForRecovery(context, passwords);
  if (isCarriedOut(plan) && made === before) await appendAudit(context, draftsBefore(run, plan));
  const written = await writeRecords(context, plan, before);
  if (written === 0 && plan.actions.length === 0) {
    await tend(context, run, passwords);
    const { after } = made === before ? { after: before } : await lookAgain(context, made, [], look);
    return concluded(context, run, plan, after, nothingSent, first, earlier);
  }
  const executed = route === null ? nothingSent : await act(context, run, look, before, plan, route, leave);
  await tend(context, run, passwords);
  const stopped = executed.gates.flatMap((gate) => failureOf(run, gate) ?? [])[0] ?? earlier;
  const reached = executed.outcomes.filter(({ status }) => status !== 'pending').map(({ computerId }) => computerId);
  const { after, unseen } = await lookAgain(
    context,
    made,
    reached,
    lookAfter(look, plan, stopped),
    leftBy(run, plan, stopped),
  );
  const execution = { ...executed, outcomes: executed.outcomes.map((outcome) => asSeen(outcome, unseen)) };
  const pending = new Set(
    execution.outcomes.filter(({ status }) => status === 'pending').map(({ computerId }) => computerId),
  );
  const second = await keepLook(context, run, after, pending);
  await confirmSeen(context, after, new Set(reached.filter((computerId) => !unseen.has(computerId))));
  await giveUp(context, after, execution.outcomes);
  const drift = {
    opened: [...first.opened, ...second.opened],
    resolved: [...first.resolved, ...second.resolved],
  };
  return concluded(context, run, plan, after, execution, drift, stopped);
}

/** What waits in its wave stays there, and what a gate stopped is held by it. */
function lookAfter(look: Look, plan: Plan, stopped: FailedGate | null): Look {
  if (plan.rollout === undefined) return look;
  return { ...look, placed: lookOf(plan).placed, attended: stopped === null && look.attended };
}

/** Null: it was passed. */
function failureOf(run: string, { wave, devices, healthy, passed }: GateResult): FailedGate | null {
  return passed ? null : { run, wave, devices, healthy };
}

/** A look that found nothing to do is no deed. */
function isCarriedOut({ refusal, changes }: Plan): boolean {
  return refusal === null && changes.length > 0;
}

/** Whoever reported success and cannot be seen is neither converged nor failed. */
function asSeen(outcome: DeviceOutcome, unseen: ReadonlySet<string>): DeviceOutcome {
  return outcome.status === 'ok' && unseen.has(outcome.computerId) ? { ...outcome, status: 'pending' } : outcome;
}

/** Records are read again: the first stage of the plan may just have made them. */
async function act(
  context: RunContext,
  run: string,
  look: Look,
  before: Survey,
  plan: Plan,
  route: ResolvedRoute,
  leave: Leave,
): Promise<Execution> {
  const { gate } = context.desired.rollout;
  if (plan.rollout?.waves.some(({ held }) => held.length > 0)) await leave(null);
  const computers = await readComputers(context.store);
  const states = statesIn(before.observation);
  const made = madeBy(plan.actions.flatMap(({ operations }) => operations));
  const records = new Map([...recordsOf(before.findings, computers), ...byComputerId(computers)]);
  return execute(context, run, plan, before.options, route, {
    known: (computerId, label) => {
      const record = records.get(computerId);
      return { name: record?.name ?? label, machineSid: record?.machineSid ?? null };
    },
    rotations: rotationsFound(before.findings.rotations),
    states,
    earlier: before.recorded.spent.devices,
    inSession: (level) => sessionsBegun(context, before, plan, look, level),
    settled: async (entry, outcomes) => {
      await noteActors(context.store, entry, outcomes);
      await noteOutcomes(context.store, records, entry, plan, outcomes);
      return inverseOf(entry.operations, devicesBefore(outcomes, states), made);
    },
    gate:
      gate &&
      (async (wave) => {
        const result = await measure(context, gate, before, plan, look, wave);
        const failure = failureOf(run, result);
        if (failure !== null) await leave(failure);
        return result;
      }),
  });
}

function concluded(
  { desired }: Pick<RunContext, 'desired'>,
  run: string,
  plan: Plan,
  { plan: after, findings }: Pick<Survey, 'plan' | 'findings'>,
  execution: Execution,
  drift: DriftNews,
  stopped: FailedGate | null,
): Applied {
  const { gates } = execution;
  const failed = failuresOf(plan, findings, execution);
  const pending = new Set(after.pending);
  for (const { status, label } of execution.outcomes) if (status === 'pending') pending.add(label);
  const unwell = failed.length > 0 || gates.some(({ passed }) => !passed);
  // A fleet that could not be asked before its sensor was made has yet to be looked at.
  const isUnasked = plan.scan.at === null && plan.changes.some(isContent);
  const open = unwell ? 6 : pending.size > 0 || isUnasked ? 2 : exitCodeOf({ ...after, refusal: null });
  return {
    plan,
    exitCode: open,
    drift,
    confirmed: true,
    stopped,
    result: {
      run,
      plan: plan.digest,
      actions: execution.actions,
      converged: open === 0 && !isWithoutData(desired, after),
      failed,
      pending: [...pending].toSorted(compareText),
      held: after.summary.held,
      ...(plan.rollout === undefined ? {} : { gates }),
      ...(execution.stopped === null ? {} : { stopped: execution.stopped }),
    },
  };
}

/** Policies and no device in their scope: nothing is known, neither good nor bad (#139). */
function isWithoutData({ computers, memberships, accounts }: Desired, { scan }: Plan): boolean {
  const policies = computers.length + memberships.length + accounts.length;
  return policies > 0 && scan.at !== null && scan.selected === 0;
}

function refused(plan: Plan, run: string, drift: DriftNews, stopped: FailedGate | null): Applied {
  return { plan, exitCode: exitCodeOf(plan), drift, confirmed: true, stopped, result: nothingDone(plan, run) };
}

function declined(plan: Plan): Applied {
  const drift = { opened: [], resolved: [] };
  return { plan, exitCode: exitCodeOf(plan), drift, confirmed: false, stopped: null, result: nothingDone(plan, null) };
}

function nothingDone(plan: Plan, run: string | null): ApplyResult {
  return {
    run,
    plan: plan.digest,
    actions: [],
    converged: false,
    failed: [],
    pending: plan.pending,
    held: plan.summary.held,
    ...(plan.rollout === undefined ? {} : { gates: [] }),
  };
}
