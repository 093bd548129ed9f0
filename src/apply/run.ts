/** The record of a run: open before it does anything, closed with what became of it. */
import { isInterruption } from '../errors.ts';
import type { Plan } from '../model/plan.ts';
import { retentionAt } from '../model/retention.ts';
import type { Run, RunStatus } from '../model/run.ts';
import type { RunContext } from './context.ts';

export interface RunOpening {
  readonly kind: Run['kind'];
  readonly plan: Plan | null;
}

/** What is kept of a run. */
export type RunEnd = Pick<Run, 'summary' | 'failedGate'>;

/**
 * A run that ends also takes away what is over and old, a bounded part of it.
 *
 * `endOf` answers what is kept of it; what must be known even of a run that does not come to its end, `work` keeps by
 * itself. What `work` throws goes on, once the record says so.
 */
export async function recordRun<T>(
  context: RunContext,
  { kind, plan }: RunOpening,
  work: (run: string, keep: (known: RunEnd) => Promise<void>) => Promise<T>,
  endOf: (done: T) => RunEnd,
): Promise<T> {
  const run: Run = {
    id: context.ids.next(),
    kind,
    startedAt: context.clock.now(),
    endedAt: null,
    status: 'running',
    plan,
    config: context.desired.digest,
    by: context.by,
    summary: {},
  };
  const end = (status: RunStatus, known: RunEnd): Promise<void> =>
    context.store.putRun({ ...run, status, endedAt: context.clock.now(), ...known });
  await context.store.putRun(run);
  let kept: RunEnd = { summary: {} };
  let done: T;
  try {
    done = await work(run.id, async (known) => {
      kept = known;
      await context.store.putRun({ ...run, ...kept });
    });
    await end('done', endOf(done));
  } catch (error) {
    const interrupted = context.signal.aborted || isInterruption(error);
    await end(interrupted ? 'interrupted' : 'failed', kept);
    throw error;
  }
  await context.store.prune(retentionAt(context.clock.now()));
  return done;
}
