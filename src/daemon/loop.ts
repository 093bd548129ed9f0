/** Cycle after cycle until the signal: prepare anew, run, say, tell, sleep. */
import type { RunContext } from '../apply/context.ts';
import { briefOf, type ErrorBrief, isInterruption } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { runCycle } from './cycle.ts';
import { type DaemonEvent, eventsOf, type Told, toldNothing } from './events.ts';
import { type CycleOutcome, type CycleReport, statusOf } from './report.ts';
import type { CycleScan } from './scan.ts';
import type { Schedule } from './schedule.ts';

export interface Daemon {
  readonly enforce: boolean;
  /** Null: one cycle. */
  readonly schedule: Schedule | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Reads the configuration anew and opens what a cycle needs; null: it now is of another provider. */
  readonly prepare: () => Promise<Prepared | null>;
  readonly say: (report: CycleReport) => void;
  readonly notify: (event: DaemonEvent) => Promise<void>;
}

export interface Prepared {
  readonly context: RunContext;
  /** The scan before the cycle's own look at the fleet (#127); left out: there is none. */
  readonly scan?: () => Promise<CycleScan | null>;
  /** Why the configuration in force is an older one; null: it is not. */
  readonly configProblem: ErrorBrief | null;
  readonly close: () => Promise<void>;
}

export interface LoopEnd {
  /** `moved`: the configuration is of another provider now, for which the caller begins anew. */
  readonly why: 'done' | 'stopped' | 'moved';
  /** Of the last cycle. */
  readonly exitCode: number;
  /** What ended the last cycle early; null: nothing did. */
  readonly error: unknown;
}

/** Stopped between two cycles it ends with 0: nothing was interrupted. */
export async function loop(daemon: Daemon): Promise<LoopEnd> {
  let told: Told = toldNothing;
  for (let cycle = 1; ; cycle += 1) {
    const prepared = await daemon.prepare();
    if (prepared === null) return { why: 'moved', exitCode: 0, error: null };
    const began = new Date(daemon.clock.now());
    const { scan, outcome } = await runAndClose(prepared, daemon.enforce);
    const next = nextAfter(daemon, began, outcome);
    const report = reportOf(daemon, prepared, cycle, began, scan, outcome, next);
    daemon.say(report);
    const { provider } = prepared.context;
    const happening = {
      at: report.at,
      provider: provider.name,
      cycle,
      outcome,
      compliance: scan?.compliance ?? null,
      configProblem: prepared.configProblem,
    };
    const news = eventsOf(happening, told);
    told = news.told;
    for (const event of news.events) await daemon.notify(event);
    if (daemon.schedule === null) return { why: 'done', exitCode: outcome.exitCode, error: outcome.error };
    if (next === null) return { why: 'stopped', exitCode: outcome.exitCode, error: outcome.error };
    if (!(await slept(daemon, next))) return { why: 'stopped', exitCode: 0, error: whyStopped(daemon.signal) };
  }
}

async function runAndClose(
  prepared: Prepared,
  enforce: boolean,
): Promise<{ readonly scan: CycleScan | null; readonly outcome: CycleOutcome }> {
  try {
    const scan = (await prepared.scan?.()) ?? null;
    return { scan, outcome: await runCycle(prepared.context, enforce) };
  } finally {
    await prepared.close();
  }
}

function nextAfter({ schedule, clock, signal }: Daemon, began: Date, { error }: CycleOutcome): Date | null {
  if (schedule === null || signal.aborted || isInterruption(error)) return null;
  return schedule(began, new Date(clock.now()));
}

const longestSleep = 60_000;

/** False: the signal came first. */
async function slept({ clock, signal }: Daemon, until: Date): Promise<boolean> {
  try {
    // Step by step, by the clock and by what was slept, whichever comes first: a clock can be set forward or back.
    for (let rest = Number.POSITIVE_INFINITY; ; ) {
      rest = Math.min(rest, until.getTime() - Date.parse(clock.now()));
      if (rest <= 0) return true;
      const step = Math.min(rest, longestSleep);
      await clock.sleep(step, signal);
      rest -= step;
    }
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** An operator's signal between two cycles interrupts nothing; a lease that was lost is an error at any time. */
function whyStopped({ reason }: AbortSignal): unknown {
  return isInterruption(reason) ? null : reason;
}

function reportOf(
  { enforce, clock }: Daemon,
  { context, configProblem }: Prepared,
  cycle: number,
  began: Date,
  scan: CycleScan | null,
  outcome: CycleOutcome,
  next: Date | null,
): CycleReport {
  const { plan, result, drift, error, exitCode, run } = outcome;
  return {
    cycle,
    at: began.toISOString(),
    seconds: Math.round((Date.parse(clock.now()) - began.getTime()) / 100) / 10,
    mode: enforce ? 'enforce' : 'observe',
    status: statusOf(outcome),
    exitCode,
    provider: context.provider.name,
    config: context.desired.digest,
    configProblem,
    scan,
    run,
    plan: plan?.digest ?? null,
    devices:
      plan === null
        ? null
        : { selected: plan.scan.selected, observed: plan.scan.observed, answered: plan.scan.answered },
    changes: plan?.changes.length ?? 0,
    actions: result?.actions.length ?? 0,
    failed: result?.failed.length ?? 0,
    pending: result?.pending.length ?? plan?.pending.length ?? 0,
    held: result?.held ?? plan?.summary.held ?? 0,
    drift: { opened: drift.opened.length, resolved: drift.resolved.length },
    error: error === null ? null : briefOf(error),
    next: next?.toISOString() ?? null,
  };
}
