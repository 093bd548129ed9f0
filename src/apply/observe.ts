/** Looks and records what was found; changes nothing on any device and none of NPS-D's records. */
import type { Plan } from '../model/plan.ts';
import type { RunContext } from './context.ts';
import type { DriftNews } from './drift.ts';
import { keepLook } from './look.ts';
import { recordRun } from './run.ts';
import { survey, wholeLook } from './survey.ts';

export interface Observed {
  readonly run: string;
  readonly plan: Plan;
  readonly drift: DriftNews;
}

export async function observe(context: RunContext): Promise<Observed> {
  return recordRun(
    context,
    { kind: 'reconcile', plan: null },
    async (run) => {
      const found = await survey(context, { ...wholeLook, fresh: true });
      return { run, plan: found.plan, drift: await keepLook(context, run, found) };
    },
    ({ plan, drift }) => ({
      summary: {
        changes: plan.changes.length,
        held: plan.summary.held,
        driftOpened: drift.opened.length,
        driftResolved: drift.resolved.length,
      },
    }),
  );
}
