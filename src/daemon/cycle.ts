/** One cycle: look and enforce, or look and record. It does not throw: what went wrong is part of its outcome. */
import { apply } from '../apply/apply.ts';
import type { RunContext } from '../apply/context.ts';
import { observe } from '../apply/observe.ts';
import { wholeLook } from '../apply/survey.ts';
import { refuseTurningOff } from '../apply/turn-off.ts';
import { asTrueupError } from '../errors.ts';
import type { Plan } from '../model/plan.ts';
import { exitCodeOf } from '../reconcile/exit-code.ts';
import type { CycleOutcome } from './report.ts';

const nothing: Omit<CycleOutcome, 'exitCode' | 'error'> = {
  run: null,
  plan: null,
  result: null,
  drift: { opened: [], resolved: [] },
};

export async function runCycle(context: RunContext, enforce: boolean): Promise<CycleOutcome> {
  try {
    return enforce ? await enforced(context) : await observed(context);
  } catch (error) {
    return { ...nothing, exitCode: asTrueupError(error).exitCode, error };
  }
}

async function enforced(context: RunContext): Promise<CycleOutcome> {
  const look = { ...wholeLook, attended: false };
  const request = { kind: 'reconcile', saved: null, look, confirm: stayOn } as const;
  const { plan, result, exitCode, drift } = await apply(context, request);
  return { exitCode, run: result.run, plan, result, drift, error: null };
}

/** A daemon asks nobody, so that a slip in the configuration must not end what it is there for. */
async function stayOn(plan: Plan): Promise<boolean> {
  refuseTurningOff(plan);
  return true;
}

async function observed(context: RunContext): Promise<CycleOutcome> {
  const { run, plan, drift } = await observe(context);
  return { exitCode: exitCodeOf(plan), run, plan, result: null, drift, error: null };
}
