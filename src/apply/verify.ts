/** What an action reported is believed once a fresh scan shows it. */
import type { DeviceFailure } from '../model/apply.ts';
import { subjectKey } from '../model/drift.ts';
import type { Observation } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
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
 * holds. One question for them all, past every cache.
 */
export async function lookAgain(
  context: RunContext,
  before: Survey,
  reached: readonly string[],
  look: Look,
): Promise<SecondLook> {
  const recorded = await readRecords(context);
  const { options } = before;
  const unseen = new Set(reached);
  const observation = reached.length === 0 ? before.observation : await observeAgain(context, before, unseen);
  const after = { recorded, observation, options, ...conclude(context, recorded, observation, look) };
  return { after, unseen };
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
  const builder = new ObservationBuilder();
  builder.addAll(observation);
  for await (const row of rows) if (builder.addInventory(row)) unseen.delete(row.computerId);
  const { expected, groupMembers } = observation;
  return builder.build({ at, ageSeconds: 0, expected, groupMembers });
}

/** Devices whose action reported success for something that the scan afterwards still finds to be done. */
export function notVerified(plan: Plan, execution: Execution, after: Plan): DeviceFailure[] {
  const done = new Set(execution.outcomes.filter(({ status }) => status === 'ok').map(({ label }) => label));
  const carried = new Set(plan.actions.flatMap((action) => action.changes));
  const wanted = new Set<string>();
  for (const change of plan.changes) if (carried.has(change.id)) wanted.add(subjectKey(change.kind, change.subject));
  const left = new Map<string, string[]>();
  for (const { kind, subject, devices } of after.changes) {
    const key = subjectKey(kind, subject);
    if (!wanted.has(key)) continue;
    for (const device of devices) {
      if (!done.has(device)) continue;
      const known = left.get(device);
      if (known) known.push(key);
      else left.set(device, [key]);
    }
  }
  return [...left].map(([device, keys]) => ({
    device,
    code: 'not-verified',
    message: `the action reported success, and the scan afterwards still finds to be done: ${keys.toSorted().join('; ')}`,
  }));
}
