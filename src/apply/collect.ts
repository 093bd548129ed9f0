/** Waits for one action and reads what each device reported. */

import type { IntegrationOptions } from '../model/options.ts';
import type { ActionLog, Clock, FleetActions, JournalEntry } from '../ports.ts';
import { type DeviceOutcome, type KnownIdentity, outcomeOf, pendingOutcome } from './outcome.ts';

export interface CollectContext {
  readonly actions: FleetActions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
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

/** A client shows its last words a little late: an empty log is asked for again this many times. */
const logAttempts = 3;

/**
 * Polls until every target has ended, the action has closed, or `action_timeout_seconds` are over; then fetches the
 * logs of those that ended. A target that said nothing is pending.
 */
export async function collect(
  context: CollectContext,
  entry: JournalEntry,
  targets: readonly Target[],
  options: Pick<IntegrationOptions, 'action_timeout_seconds' | 'action_check_interval_seconds'>,
  progress: (progress: CollectProgress) => void,
): Promise<readonly DeviceOutcome[]> {
  const actionId = entry.actionId;
  if (actionId === null) return targets.map((target) => pendingOutcome(target.computerId, target.label));
  const ended = await waitForEnd(context, actionId, targets, options, progress);
  const logs = await readLogs(context, entry, actionId, [...ended.keys()]);
  return targets.map((target) => {
    const state = ended.get(target.computerId);
    if (state === undefined) return pendingOutcome(target.computerId, target.label);
    return outcomeOf(entry, target.computerId, target.label, target.known, logs.get(target.computerId) ?? null);
  });
}

async function waitForEnd(
  context: CollectContext,
  actionId: string,
  targets: readonly Target[],
  options: Pick<IntegrationOptions, 'action_timeout_seconds' | 'action_check_interval_seconds'>,
  progress: (progress: CollectProgress) => void,
): Promise<ReadonlyMap<string, 'completed' | 'failed'>> {
  const wanted = new Set(targets.map((target) => target.computerId));
  const ended = new Map<string, 'completed' | 'failed'>();
  const deadline = Date.parse(context.clock.now()) + options.action_timeout_seconds * 1000;
  for (;;) {
    const { status, devices } = await context.actions.progress(actionId, context.signal);
    let failed = 0;
    for (const [computerId, state] of devices) {
      if (!wanted.has(computerId)) continue;
      if (state === 'completed' || state === 'failed') ended.set(computerId, state);
      if (state === 'failed') failed += 1;
    }
    progress({ answered: ended.size, failed });
    const over = status === 'closed' || status === 'stopped' || Date.parse(context.clock.now()) >= deadline;
    if (ended.size >= wanted.size || over) return ended;
    await context.clock.sleep(options.action_check_interval_seconds * 1000, context.signal);
  }
}

async function readLogs(
  context: CollectContext,
  entry: JournalEntry,
  actionId: string,
  computerIds: readonly string[],
): Promise<ReadonlyMap<string, ActionLog>> {
  const logs = new Map<string, ActionLog>();
  let missing = computerIds;
  for (let attempt = 1; missing.length > 0 && attempt <= logAttempts; attempt += 1) {
    if (attempt > 1) await context.clock.sleep(1000, context.signal);
    for await (const log of context.actions.logs(actionId, missing, context.signal)) logs.set(log.computerId, log);
    missing = missing.filter((id) => (logs.get(id)?.lines.length ?? 0) < entry.operations.length);
  }
  return logs;
}
