/** What an action reported is believed once a fresh scan shows it. */

import { parseInventory } from '../endpoint/inventory.ts';
import type { DeviceFailure } from '../model/apply.ts';
import { subjectKey } from '../model/drift.ts';
import type { Observation } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { LastRollout, Recorded } from '../model/recorded.ts';
import { compareText } from '../model/sid.ts';
import type { Findings } from '../reconcile/findings.ts';
import type { RunContext } from './context.ts';
import type { Execution } from './execute.ts';
import { ObservationBuilder } from './intern.ts';
import { ask, conclude, type Look, readRecords, type Survey } from './survey.ts';

/**
 * A client repeats an answer that is younger than a second even to `?maxAge=1`. One that somebody else's question got
 * just before the action would show the old state: after this pause there is none.
 */
const cacheMilliseconds = 1000;

export interface SecondLook {
  readonly after: Survey;
  /** Computer IDs of devices that were asked and showed no state: what was seen of them before holds. */
  readonly unseen: ReadonlySet<string>;
}

/**
 * Looks again: at the records, and at exactly those devices that an action reached; of all others the look before
 * holds. One question for them all, past every cache. `rollout`: how this run leaves its waves, which no record says yet.
 */
export async function lookAgain(
  context: RunContext,
  before: Survey,
  reached: readonly string[],
  look: Look,
  rollout: LastRollout | null = null,
): Promise<SecondLook> {
  const records = turnedOn(await readRecords(context));
  const recorded = rollout === null ? records : { ...records, rollout };
  const { options, content } = before;
  const unseen = new Set(reached);
  const observation = reached.length === 0 ? before.observation : await observeAgain(context, before, unseen);
  // What somebody asked for is done once: it would be due again after every time.
  const again = { ...look, rotated: new Set(reached) };
  const after = {
    recorded,
    observation,
    options,
    content,
    ...conclude(context, recorded, observation, content, again),
  };
  return { after, unseen };
}

/** Whoever turned the integration off during the run wants to know all the same what was done before. */
function turnedOn(recorded: Recorded): Recorded {
  const { toggle } = recorded;
  return { ...recorded, toggle: toggle && { ...toggle, enabled: true } };
}

/** Takes those that are seen out of `unseen`. */
async function observeAgain(
  context: RunContext,
  { observation, options }: Survey,
  unseen: Set<string>,
): Promise<Observation> {
  await context.clock.sleep(cacheMilliseconds, context.signal);
  const { at, rows } = await ask(context, {
    sensor: options.sensor_name,
    maxAgeSeconds: 1,
    computerIds: [...unseen],
    timeoutSeconds: options.action_timeout_seconds,
  });
  const builder = new ObservationBuilder(parseInventory);
  builder.addAll(observation);
  for await (const row of rows) if (builder.addInventory(row)) unseen.delete(row.computerId);
  const { expected, groupMembers } = observation;
  return builder.build({ at, ageSeconds: 0, expected, groupMembers });
}

/** What the actions of a plan are to bring about, by `subjectKey`. */
export function carriedBy(plan: Pick<Plan, 'actions' | 'changes'>): ReadonlySet<string> {
  const carried = new Set(plan.actions.flatMap((action) => action.changes));
  const wanted = new Set<string>();
  for (const change of plan.changes) if (carried.has(change.id)) wanted.add(subjectKey(change.kind, change.subject));
  return wanted;
}

/** By Computer ID: what of it a look still finds to be done. */
export function notDone(
  wanted: ReadonlySet<string>,
  { differences }: Findings,
): ReadonlyMap<string, readonly string[]> {
  const left = new Map<string, string[]>();
  for (const { kind, subject, computerIds, held } of differences) {
    const key = subjectKey(kind, subject);
    if (held !== null || !wanted.has(key)) continue;
    for (const computerId of computerIds) {
      const known = left.get(computerId);
      if (known) known.push(key);
      else left.set(computerId, [key]);
    }
  }
  return left;
}

/** Devices whose action reported success for something that the scan afterwards still finds to be done. */
function notVerified(
  plan: Plan,
  { outcomes, reached }: Pick<Execution, 'outcomes' | 'reached'>,
  after: Findings,
): DeviceFailure[] {
  const sent = plan.actions.filter(({ key }) => reached.has(key));
  const { changes } = plan;
  const left = notDone(carriedBy({ actions: sent, changes }), after);
  return outcomes.flatMap(({ status, computerId, label }) => {
    const found = status === 'ok' ? left.get(computerId) : undefined;
    if (found === undefined) return [];
    // Of a run that stopped sending, or left it out, a device may have got a part of what others got whole.
    const own = sent.filter(({ key }) => reached.get(key)?.has(computerId));
    const reported = carriedBy({ actions: own, changes });
    const keys = found.filter((key) => reported.has(key));
    if (keys.length === 0) return [];
    const message = `the action reported success, and the scan afterwards still finds to be done: ${keys.toSorted().join('; ')}`;
    return [{ device: label, code: 'not-verified', message }];
  });
}

/** What devices reported, and what the look after it found, each device once; sorted. */
export function failuresOf(plan: Plan, after: Findings, execution: Execution): DeviceFailure[] {
  const byDevice = new Map<string, DeviceFailure>();
  const reported = execution.outcomes.flatMap(({ failure }) => (failure === null ? [] : [failure]));
  for (const failure of [...reported, ...notVerified(plan, execution, after)]) {
    if (!byDevice.has(failure.device)) byDevice.set(failure.device, failure);
  }
  return [...byDevice.values()].toSorted((a, b) => compareText(a.device, b.device));
}
