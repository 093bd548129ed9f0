/** Takes up what an earlier run left in the journal, before anything new is planned. */

import type { ActionInverse } from '../model/inverse.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import { inverseOf, madeBy } from '../reconcile/inverse.ts';
import { effectiveOptions } from '../reconcile/options.ts';
import { isOff } from '../reconcile/provider-records.ts';
import { noteActors } from './actors.ts';
import { devicesBefore, statesAt } from './before.ts';
import { collect, type Followed, type Target } from './collect.ts';
import type { RunContext } from './context.ts';
import { routeOf } from './execute.ts';
import { adopt, forget, settle } from './journal.ts';
import { byComputerId, noteOutcomes } from './notes.ts';
import type { DeviceOutcome } from './outcome.ts';
import { noteTold } from './passwords/acknowledge.ts';
import { takeSet } from './passwords/controller.ts';
import { takeIn } from './passwords/take-in.ts';
import { readRecords } from './survey.ts';

/** Brings the actions of earlier runs to their end; nothing is issued, and of a provider that is off nothing is asked. */
export async function recover(context: RunContext): Promise<void> {
  const entries = await context.store.unsettled();
  if (entries.length === 0) return;
  const recorded = await readRecords(context);
  if (isOff(context.provider, recorded)) return;
  const options = effectiveOptions(context.provider, recorded);
  const records = byComputerId(recorded.computers);
  const followed: Followed[] = [];
  for (const entry of entries) {
    context.tell({ kind: 'note', text: `taking up action ${entry.name} of an interrupted run` });
    const live = await liveOf(context, entry, options);
    if (live !== null) followed.push({ entry: live, targets: live.targets.map((id) => targetOf(id, records.get(id))) });
  }
  await collect(context, followed, options, {
    seen: () => {},
    ended: async ({ entry }, reported) => {
      const outcomes = await takePasswords(context, entry, reported);
      await noteActors(context.store, entry, outcomes);
      await settle(context, entry, await inverseAfter(context, records, entry, outcomes));
    },
  });
}

/** What it made of passwords is durable when it resolves. */
async function takePasswords(
  context: RunContext,
  entry: JournalEntry,
  outcomes: readonly DeviceOutcome[],
): Promise<readonly DeviceOutcome[]> {
  const { step } = entry;
  if (step === undefined) return takeIn(context, outcomes);
  await takeSet(context, entry, outcomes);
  await noteTold(context, step, outcomes);
  return outcomes;
}

/** Notes what an action left on its devices, and answers what undoes it; null: it was only to read. */
async function inverseAfter(
  { store }: RunContext,
  records: ReadonlyMap<string, RecordedComputer>,
  entry: JournalEntry,
  outcomes: readonly DeviceOutcome[],
): Promise<ActionInverse | null> {
  const { operations } = entry;
  if (operations.length === 0) return null;
  const plan = (await store.run(entry.run))?.plan ?? null;
  await noteOutcomes(store, records, entry, plan, outcomes);
  const made = madeBy(plan?.actions.flatMap((action) => action.operations) ?? operations);
  return inverseOf(operations, devicesBefore(outcomes, await statesAt(store, entry)), made);
}

/** Null: this Tanium has no such action, and the entry is closed; its devices are planned anew. */
async function liveOf(
  context: RunContext,
  entry: JournalEntry,
  options: IntegrationOptions,
): Promise<JournalEntry | null> {
  const { actions, signal } = context;
  if (entry.actionId !== null) {
    const ids = await actions.find(entry.name, signal);
    if (ids.includes(entry.actionId)) return entry;
  } else {
    const adopted = await adopt(context, entry, signal);
    if (adopted !== null) return adopted;
  }
  // A wrong host has no such action either: only one that has our package is believed.
  await actions.route(routeOf(options), signal);
  await (entry.actionId === null ? forget(context, entry) : settle(context, entry));
  return null;
}

function targetOf(computerId: string, computer: RecordedComputer | undefined): Target {
  const name = computer?.name ?? computerId;
  return { computerId, label: name, known: { name, machineSid: computer?.machineSid ?? null } };
}
