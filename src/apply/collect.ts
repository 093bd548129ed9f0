/** Waits for the actions that are out, all of them in turn, and reads what each device reported. */
import { type DecodedReports, decodeReports } from '../endpoint/report.ts';
import type { FleetActions } from '../fleet-ports.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { Clock } from '../ports.ts';
import { type DeviceOutcome, type KnownIdentity, outcomeOf, pendingOutcome } from './outcome.ts';

export interface CollectContext {
  readonly actions: FleetActions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Followed {
  readonly entry: JournalEntry;
  readonly targets: readonly Target[];
}

export interface Target {
  readonly computerId: string;
  readonly label: string;
  readonly known: KnownIdentity;
}

export interface CollectProgress {
  readonly answered: number;
  readonly failed: number;
}

export interface CollectWatch<F extends Followed> {
  /** Told after each look at an action. */
  readonly seen: (action: F, progress: CollectProgress) => void;
  /** Called once for each action, with the outcome of each of its targets in their order. */
  readonly ended: (action: F, outcomes: readonly DeviceOutcome[]) => Promise<void>;
}

/** So many are looked at at once: each look costs three requests, and the end a question for the output. */
const looksAtOnce = 6;
/** A client shows the last words of a command a little late: a log without all reports is asked for so many times. */
const logAttempts = 3;

/**
 * Looks at each action every `action_check_interval_seconds` until all of its targets have ended, it has closed, or it
 * has expired by this machine's clock; a target that said nothing by then is pending. No action waits for another one:
 * where one cannot be followed, the round is still ended for the others, and then the error goes on.
 */
export async function collect<F extends Followed>(
  context: CollectContext,
  actions: readonly F[],
  options: Pick<IntegrationOptions, 'action_check_interval_seconds'>,
  watch: CollectWatch<F>,
): Promise<void> {
  let open = actions.map((action) => ({ action, ended: new Map<string, 'completed' | 'failed'>() }));
  while (open.length > 0) {
    const still: typeof open = [];
    await eachOf(open, async (one) => {
      const { action, ended } = one;
      if (!(await look(context, action, ended, watch.seen))) still.push(one);
      else await watch.ended(action, await outcomesOf(context, action, [...ended.keys()]));
    });
    open = still;
    if (open.length > 0) await context.clock.sleep(options.action_check_interval_seconds * 1000, context.signal);
  }
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(looksAtOnce, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** True: there is nothing more to wait for. Adds the targets that have ended to `ended`. */
async function look<F extends Followed>(
  context: CollectContext,
  action: F,
  ended: Map<string, 'completed' | 'failed'>,
  seen: CollectWatch<F>['seen'],
): Promise<boolean> {
  const { entry, targets } = action;
  if (entry.actionId === null) return true;
  const wanted = new Set(targets.map((target) => target.computerId));
  const { status, devices } = await context.actions.progress(entry.actionId, context.signal);
  let failed = 0;
  for (const [computerId, state] of devices) {
    if (!wanted.has(computerId)) continue;
    if (state === 'completed' || state === 'failed') ended.set(computerId, state);
    if (state === 'failed') failed += 1;
  }
  seen(action, { answered: ended.size, failed });
  const expired = Date.parse(context.clock.now()) >= Date.parse(entry.expiresAt);
  return ended.size >= wanted.size || status === 'closed' || status === 'stopped' || expired;
}

async function outcomesOf(
  context: CollectContext,
  { entry, targets }: Followed,
  ended: readonly string[],
): Promise<readonly DeviceOutcome[]> {
  const reached = new Set(ended);
  const outcomes = await readOutcomes(context, entry, new Map(targets.map((one) => [one.computerId, one])), ended);
  return targets.map((target) => {
    if (!reached.has(target.computerId)) return pendingOutcome(entry, target.computerId, target.label);
    return outcomes.get(target.computerId) ?? outcomeIn(entry, target, decodeReports([]));
  });
}

/** What a report says is taken from it at once: an action of many devices would else hold them all. */
async function readOutcomes(
  context: CollectContext,
  entry: JournalEntry,
  targets: ReadonlyMap<string, Target>,
  computerIds: readonly string[],
): Promise<ReadonlyMap<string, DeviceOutcome>> {
  const outcomes = new Map<string, DeviceOutcome>();
  if (entry.actionId === null) return outcomes;
  const missing = new Set(computerIds);
  for (let attempt = 1; missing.size > 0 && attempt <= logAttempts; attempt += 1) {
    if (attempt > 1) await context.clock.sleep(1000, context.signal);
    for await (const { computerId, lines } of context.actions.logs(entry.actionId, [...missing], context.signal)) {
      const target = targets.get(computerId);
      if (target === undefined) continue;
      const decoded = decodeReports(lines);
      outcomes.set(computerId, outcomeIn(entry, target, decoded));
      if (decoded.cut) missing.add(computerId);
      else missing.delete(computerId);
    }
  }
  return outcomes;
}

function outcomeIn(entry: JournalEntry, { computerId, label, known }: Target, decoded: DecodedReports): DeviceOutcome {
  return outcomeOf(entry, computerId, label, known, decoded);
}
