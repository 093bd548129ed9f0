/** Explains one device: the look that a plan takes, and what the store remembers of the device. Writes nothing. */
import { type DriftRecord, subjectKey } from '../model/drift.ts';
import type { ActionOfDevice, ExplainedFacet, Explanation, LastAction } from '../model/explanation.ts';
import type { Plan } from '../model/plan.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import type { Store } from '../ports.ts';
import { explainDevice } from '../reconcile/explain.ts';
import { type SurveyContext, survey, wholeLook } from './survey.ts';

/**
 * `device` is any of its names; `fresh`: a stored scan does not serve, whatever its age. Throws what `survey` throws, and
 * TRUEUP_DEVICE_NOT_FOUND.
 */
export async function explain(context: SurveyContext, device: string, fresh: boolean): Promise<Explanation> {
  const { desired, provider, labels, store, clock } = context;
  const { plan, recorded, observation } = await survey(context, { ...wholeLook, fresh });
  const told = explainDevice({ desired, provider, recorded, observation, labels, now: clock.now() }, device);
  const { computerId, record } = told;
  const computer = recorded.computers.find(({ id }) => id === record?.id);
  return {
    ...told,
    facets: told.facets.map((facet) => behindGate(facet, plan, told.device)),
    plan: { digest: plan.digest, refusal: plan.refusal, actions: actionsOf(plan, computerId) },
    lastAction: computerId === null ? null : await lastActionOf(store, computerId, computer ?? null),
    drift: computerId === null ? [] : await driftOf(store, computerId),
  };
}

/** Whether the wave of a device may begin is a matter of the whole plan, and not of the device. */
function behindGate(facet: ExplainedFacet, { held }: Plan, device: string): ExplainedFacet {
  const { change, subject, verdict } = facet;
  if (change === null || verdict !== 'differs') return facet;
  const key = subjectKey(change, subject);
  const hold = held.find(
    ({ guard, kind, subject: about, devices }) =>
      guard === 'gate' && kind !== null && subjectKey(kind, about ?? {}) === key && devices.includes(device),
  );
  if (hold === undefined) return facet;
  const { guard, message, release } = hold;
  return { ...facet, verdict: 'held', held: { guard, message, release } };
}

function actionsOf({ actions }: Plan, computerId: string | null): ActionOfDevice[] {
  if (computerId === null) return [];
  return actions
    .filter(({ targets }) => targets.includes(computerId))
    .map(({ key, stages, wave }, index, own) => ({ key, stages, wave, after: own[index - 1]?.key ?? null }));
}

async function lastActionOf(
  store: Store,
  computerId: string,
  computer: Pick<RecordedComputer, 'pendingUntil' | 'failedSubjects'> | null,
): Promise<LastAction | null> {
  const entry = await store.lastEntry(computerId);
  if (entry === null || entry.state === 'absent') return null;
  const { name, state, actionId, intendedAt, expiresAt } = entry;
  const run = await store.run(entry.run);
  return {
    name,
    state,
    actionId,
    intendedAt,
    expiresAt,
    outcome: outcomeOf(state, computer),
    run: run === null ? null : { id: run.id, kind: run.kind, status: run.status, by: run.by, startedAt: run.startedAt },
  };
}

/** The journal says when an action has ended, and the device's own note what came of it there. */
function outcomeOf(
  state: LastAction['state'],
  computer: Pick<RecordedComputer, 'pendingUntil' | 'failedSubjects'> | null,
): LastAction['outcome'] {
  if (state !== 'settled') return 'under way';
  if (computer === null) return 'done';
  if (computer.pendingUntil !== null) return 'pending';
  return computer.failedSubjects.length > 0 ? 'failed' : 'done';
}

async function driftOf(store: Store, computerId: string): Promise<DriftRecord[]> {
  const records: DriftRecord[] = [];
  for await (const record of store.drift({ computerIds: [computerId] })) records.push(record);
  return records;
}
