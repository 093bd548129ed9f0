/**
 * Tells devices that their passwords are kept, so that what they have sealed may go: one action for each rotation, whatever
 * the number of devices. What cannot be told now a later run tells; nothing depends on it.
 */
import { encodeStep } from '../../endpoint/encode.ts';
import { messageOf } from '../../errors.ts';
import type { ResolvedRoute } from '../../fleet-ports.ts';
import type { RotationStep } from '../../model/operation.ts';
import type { IntegrationOptions } from '../../model/options.ts';

import { sha256 } from '../../reconcile/hash.ts';
import { compareIds } from '../../reconcile/id-order.ts';
import { pauseAt } from '../../reconcile/pause.ts';
import { sharedOut } from '../../reconcile/share-out.ts';
import { acknowledged, currentOf } from '../../rotation/keep.ts';
import { collect, type Followed, type Target } from '../collect.ts';
import type { RunContext } from '../context.ts';
import { intend, issue, type RunExpense, settle } from '../journal.ts';
import type { DeviceOutcome } from '../outcome.ts';
import { assertEnabled } from '../survey.ts';
import { type Amendment, amend, recordsOf } from './records.ts';
import type { Tended } from './tended.ts';

/** It changes nothing that a budget counts. */
const free: RunExpense['spending'] = { removals: 0, disables: 0, rotations: 0, devices: 0 };
const unlimited: RunExpense['limits'] = {
  own: { removals: null, disables: null, rotations: null, devices: null },
  all: { removals: null, disables: null, rotations: null, devices: null },
};

/** Never throws but where the run is to end, or the store fails. */
export async function acknowledge(
  context: RunContext,
  run: string,
  { options, route, reachable, targetOf }: Tended,
): Promise<void> {
  const { desired, clock } = context;
  if (reachable.length === 0 || pauseAt(desired.rollout, clock.now()) !== null) return;
  const owed = await owedTo(context, reachable);
  if (owed.size === 0) return;
  const sent: Followed[] = [];
  try {
    const resolved = await route();
    for (const [rotation, ids] of owed) {
      for (const part of sharedOut(ids.map(targetOf), ({ label }) => label))
        sent.push(await send(context, run, resolved, options, rotation, part));
    }
  } catch (error) {
    context.signal.throwIfAborted();
    context.tell({
      kind: 'note',
      text: `devices will be told later that their passwords are kept: ${messageOf(error)}`,
    });
  }
  await collect(context, sent, options, {
    seen: () => {},
    ended: async ({ entry }, outcomes) => {
      if (entry.step !== undefined) await noteTold(context, entry.step, outcomes);
      await settle(context, entry);
    },
  });
}

/** Id of the rotation → Computer IDs, in their order. */
async function owedTo(
  { store }: Pick<RunContext, 'store'>,
  reachable: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const owed = new Map<string, Set<string>>();
  for (const [computerId, records] of await recordsOf(store, reachable)) {
    for (const record of records) {
      const current = currentOf(record);
      if (current === null || current.acknowledged) continue;
      owed.set(current.rotation, (owed.get(current.rotation) ?? new Set()).add(computerId));
    }
  }
  return new Map([...owed].map(([rotation, ids]) => [rotation, [...ids].toSorted(compareIds)]));
}

async function send(
  context: RunContext,
  run: string,
  route: ResolvedRoute,
  options: IntegrationOptions,
  rotation: string,
  targets: readonly Target[],
): Promise<Followed> {
  context.signal.throwIfAborted();
  await context.assertHeld();
  await assertEnabled(context);
  const step: RotationStep = { kind: 'password.acknowledge', rotation };
  const ids = targets.map(({ computerId }) => computerId);
  const action = { key: sha256(JSON.stringify([step, ids])).slice(0, 12), operations: [], step };
  const expireSeconds = options.action_timeout_seconds;
  const expense = { spending: free, limits: unlimited, rollout: context.desired.rollout };
  const entry = await intend(context, run, action, ids, expireSeconds, expense);
  const labels = targets.map(({ label }) => label);
  return { entry: await issue(context, route, entry, labels, encodeStep(step), expireSeconds), targets };
}

/** What devices have let go of. Of an acknowledgement alone. */
export async function noteTold(
  { store }: Pick<RunContext, 'store'>,
  step: RotationStep,
  outcomes: readonly DeviceOutcome[],
): Promise<void> {
  if (step.kind !== 'password.acknowledge') return;
  const { rotation } = step;
  const told = outcomes.filter(({ status }) => status === 'ok').map(({ computerId }) => computerId);
  const amendments: Amendment[] = [];
  for (const [computerId, records] of await recordsOf(store, told)) {
    for (const { account, credentials } of records) {
      if (credentials.every((one) => one.rotation !== rotation || one.acknowledged)) continue;
      amendments.push({ computerId, account: () => account, change: (record) => acknowledged(record, rotation) });
    }
  }
  await amend(store, amendments);
}
