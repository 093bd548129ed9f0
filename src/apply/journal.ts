/**
 * One action in Tanium, journal first: the entry is durable before the POST, the action's name is the entry's name, so
 * whatever dies in between, the next run finds the action by its name and never issues it twice.
 */
import { TrueupError } from '../errors.ts';
import type { FleetActions, ResolvedRoute } from '../fleet-ports.ts';
import { maxByNumber } from '../model/aim.ts';
import type { RolloutPolicy, Spending } from '../model/desired.ts';
import type { ActionInverse } from '../model/inverse.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { SpendingLimits } from '../model/recorded.ts';
import type { Clock, Store } from '../ports.ts';
import { spentMeanwhile, windowStart } from '../reconcile/budget.ts';

export interface JournalContext {
  readonly store: Store;
  readonly actions: FleetActions;
  readonly clock: Clock;
}

/** How long after a doubtful POST the action may still appear: the client's timeout of 30 s, plus 30 s. */
const doubtSeconds = 60;
const lookIntervalMilliseconds = 1000;

/** What an action takes of the budgets, and what they are. */
export interface RunExpense {
  readonly spending: Spending;
  readonly limits: SpendingLimits;
  readonly rollout: RolloutPolicy;
}

/** `part`: what its name has besides, where more than one action is made of the one that was planned. */
export type IntendedAction = Pick<JournalEntry, 'key' | 'operations' | 'attribution' | 'step'> & {
  readonly part?: string;
};

export async function intend(
  context: JournalContext,
  run: string,
  action: IntendedAction,
  targets: readonly string[],
  expireSeconds: number,
  expense: RunExpense,
): Promise<JournalEntry> {
  const intendedAt = context.clock.now();
  const entry: JournalEntry = {
    name: action.part === undefined ? `Trueup ${run} ${action.key}` : `Trueup ${run} ${action.key} ${action.part}`,
    run,
    key: action.key,
    state: 'intended',
    actionId: null,
    operations: action.operations,
    ...(action.attribution === undefined ? {} : { attribution: action.attribution }),
    ...(action.step === undefined ? {} : { step: action.step }),
    targets,
    intendedAt,
    expiresAt: secondsAfter(intendedAt, expireSeconds),
  };
  await context.store.putEntry(entry);
  await spend(context, entry, expense);
  return entry;
}

/**
 * The plan was within the budgets; what others have sent since counts too. After the entry, so that whatever dies, the
 * next run finds what was taken for nothing. Throws TRUEUP_BUDGET_EXCEEDED, and nothing was taken.
 */
async function spend(
  context: JournalContext,
  entry: JournalEntry,
  { spending, limits, rollout }: RunExpense,
): Promise<void> {
  const { name, intendedAt: at } = entry;
  const over = await context.store.spend({ name, at, spending }, windowStart(at), limits);
  if (over.length === 0) return;
  await settleAs(context, entry, 'absent', null);
  const { words, source } = spentMeanwhile(over, rollout);
  throw new TrueupError(
    'TRUEUP_BUDGET_EXCEEDED',
    `The next action would take more than 24 hours allow of ${words}: another run spent some meanwhile.`,
    source === null ? {} : { source: `${source.file}:${source.line}` },
  );
}

/**
 * Sends what is intended. After a doubtful answer it looks for the action instead of sending again; where none
 * appears, the entry ends as `absent` and the error goes on. `labels`: of the entry's targets, in their order.
 */
export async function issue(
  context: JournalContext,
  route: ResolvedRoute,
  entry: JournalEntry,
  labels: readonly string[],
  encodedCommand: string,
  expireSeconds: number,
): Promise<JournalEntry> {
  let id: string;
  try {
    const groupId = hasGroup(entry) ? await context.actions.makeGroup(entry.name, labels) : null;
    id = await context.actions.issue(route, {
      name: entry.name,
      comment: `run ${entry.run}`,
      encodedCommand,
      computerIds: entry.targets,
      ...(groupId === null ? {} : { groupId }),
      expireSeconds,
    });
  } catch (error) {
    if (!(error instanceof TrueupError && error.doubtful)) {
      await forget(context, entry);
      throw error;
    }
    const adopted = await adopt(context, entry);
    if (adopted !== null) return adopted;
    await forget(context, entry);
    throw error;
  }
  // Where this cannot be written the entry stays as intended, and the next run finds the action by its name.
  return settleAs(context, entry, 'issued', id);
}

/** Looks for the action of an entry that may or may not have been created; null: the server has none. */
export async function adopt(
  context: JournalContext,
  entry: JournalEntry,
  signal?: AbortSignal,
): Promise<JournalEntry | null> {
  const until = Date.parse(entry.intendedAt) + doubtSeconds * 1000;
  // Counted too: the clock may have been set back since.
  for (let waited = 0; ; waited += lookIntervalMilliseconds) {
    const [id] = await context.actions.find(entry.name, signal);
    if (id !== undefined) return settleAs(context, entry, 'issued', id);
    if (Date.parse(context.clock.now()) >= until || waited >= doubtSeconds * 1000) return null;
    await context.clock.sleep(lookIntervalMilliseconds, signal);
  }
}

/** The server never made it: what it would have taken from the budgets is there again. */
export async function forget(context: JournalContext, entry: JournalEntry): Promise<void> {
  await context.store.refund(entry.name);
  await removeGroup(context, entry);
  await settleAs(context, entry, 'absent', null);
}

/** `inverse`: what undoes it; null: nobody knows what it did. */
export async function settle(
  context: JournalContext,
  entry: JournalEntry,
  inverse: ActionInverse | null = null,
): Promise<void> {
  await removeGroup(context, entry);
  await settleAs(context, inverse === null ? entry : { ...entry, inverse }, 'settled', entry.actionId);
}

/** It goes before the entry is closed: of one that is open, the next run knows that there may be a group. */
async function removeGroup({ actions }: JournalContext, entry: JournalEntry): Promise<void> {
  if (hasGroup(entry)) await actions.removeGroup(entry.name);
}

function hasGroup({ targets }: JournalEntry): boolean {
  return targets.length > maxByNumber;
}

async function settleAs(
  context: JournalContext,
  entry: JournalEntry,
  state: JournalEntry['state'],
  actionId: string | null,
): Promise<JournalEntry> {
  const next = { ...entry, state, actionId };
  await context.store.putEntry(next);
  return next;
}

export function secondsAfter(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1000).toISOString();
}
