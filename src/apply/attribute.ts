/**
 * Asks devices who made the differences that are on record, by an action that changes nothing: one for all of them, or as
 * few as their number allows. It goes the way of every action: journal, budget of devices, action group.
 */
import { encodeOperations } from '../endpoint/encode.ts';
import { TrueupError } from '../errors.ts';
import type { AttributionRead } from '../model/attribution.ts';
import type { DriftRecord } from '../model/drift.ts';
import type { Guard } from '../model/guard.ts';
import type { JournalEntry } from '../model/journal.ts';
import { BUILTIN_ADMINISTRATOR_RID, localSid } from '../model/sid.ts';
import type { DriftStore } from '../ports.ts';

import { expenseOf, limitsOf } from '../reconcile/budget.ts';
import { builtinAdministrator } from '../reconcile/diff-accounts.ts';
import type { Difference } from '../reconcile/findings.ts';
import { sha256 } from '../reconcile/hash.ts';
import { compareIds } from '../reconcile/id-order.ts';
import { type LogNeed, readFor } from '../reconcile/log-read.ts';
import { isOff } from '../reconcile/provider-records.ts';
import { sharedOut } from '../reconcile/share-out.ts';
import { isAttributable, noteActors } from './actors.ts';
import { appendAudit } from './audit.ts';
import { collect, type Target } from './collect.ts';
import type { RunContext } from './context.ts';
import { routeOf } from './execute.ts';
import { intend, issue, settle } from './journal.ts';
import { byComputerId } from './notes.ts';
import { recover } from './recover.ts';
import { recordRun } from './run.ts';
import { assertEnabled, type Survey, survey, wholeLook } from './survey.ts';

export interface Attributed {
  /** Devices that were asked, and those of them that answered. */
  readonly asked: number;
  readonly answered: number;
}

/** Which of the ledger are meant. */
export type IsWanted = (record: DriftRecord) => boolean;

/** By Computer ID: differences that are open, whose actor nobody knows, and of which no log was read whole yet. */
export async function unattributed(
  store: Pick<DriftStore, 'drift'>,
  isWanted: IsWanted,
): Promise<ReadonlyMap<string, readonly DriftRecord[]>> {
  const open = new Map<string, DriftRecord[]>();
  for await (const record of store.drift({ states: ['open', 'pending', 'contested'], about: 'changes' })) {
    if (record.actor !== null || record.log === 'whole' || !isAttributable(record) || !isWanted(record)) continue;
    const same = open.get(record.computerId);
    if (same) same.push(record);
    else open.set(record.computerId, [record]);
  }
  return open;
}

/** The caller holds the provider's lease. Throws TRUEUP_PROVIDER_OFF, TRUEUP_BUDGET_EXCEEDED, and more. */
export async function attribute(context: RunContext, isWanted: IsWanted): Promise<Attributed> {
  await recover(context);
  const seen = await survey(context, { ...wholeLook, fresh: false });
  if (isOff(context.provider, seen.recorded)) {
    throw new TrueupError('TRUEUP_PROVIDER_OFF', 'The integration is off: no device is asked.');
  }
  const open = await unattributed(context.store, isWanted);
  const targets = [...differing(seen)].filter((id) => open.has(id)).toSorted(compareIds);
  if (targets.length === 0) return { asked: 0, answered: 0 };
  const records = targets.flatMap((id) => open.get(id) ?? []);
  return recordRun(
    context,
    { kind: 'attribute', plan: null },
    async (run) => {
      await appendAudit(context, [
        { kind: 'attribution', run, detail: { devices: targets.length, differences: records.length } },
      ]);
      return ask(context, run, seen, targets, readFor(records.map(needOf)));
    },
    ({ asked, answered }) => ({ summary: { asked, answered } }),
  );
}

/** Not wanted, or not ours to touch: not ours to ask either. */
const leftAlone: ReadonlySet<Guard | null> = new Set<Guard>(['domain-controller', 'excluded', 'provider-off']);

/** Devices that differ still, as far as anybody has seen. */
function differing({ findings }: Survey): ReadonlySet<string> {
  const wanted = ({ held }: Difference): boolean => !leftAlone.has(held);
  return new Set(findings.differences.filter(wanted).flatMap(({ computerIds }) => computerIds));
}

function needOf({ subject: { group, account } }: DriftRecord): LogNeed {
  if (typeof group === 'string') return { groups: [group], accounts: [] };
  return { groups: [], accounts: [account === builtinAdministrator ? localSid(BUILTIN_ADMINISTRATOR_RID) : null] };
}

interface Asked {
  readonly entry: JournalEntry;
  readonly targets: readonly Target[];
}

/** What is out is brought to its end before an error goes on. */
async function ask(
  context: RunContext,
  run: string,
  seen: Survey,
  ids: readonly string[],
  read: AttributionRead,
): Promise<Attributed> {
  const { options, recorded } = seen;
  const route = await context.actions.route(routeOf(options), context.signal);
  const known = byComputerId(recorded.computers);
  const labels = new Map(seen.findings.devices.map(({ computerId, label }) => [computerId, label]));
  const targets = ids.map((id) => targetOf(id, labels.get(id) ?? '', known.get(id)));
  const counted = new Set(recorded.spent.devices);
  const { rollout } = context.desired;
  const limits = limitsOf(rollout, seen.plan.scan.selected);
  const asked: Asked[] = [];
  const send = async (aim: readonly Target[]): Promise<void> => {
    const some = aim.map(({ computerId }) => computerId);
    await context.assertHeld();
    await assertEnabled(context);
    const action = { key: sha256(JSON.stringify([read, some])).slice(0, 12), operations: [], attribution: read };
    const { spending, anew } = expenseOf([], some, counted);
    const expireSeconds = options.action_timeout_seconds;
    const intended = await intend(context, run, action, some, expireSeconds, { spending, limits, rollout });
    for (const mark of anew) counted.add(mark);
    const names = aim.map(({ label }) => label);
    const entry = await issue(context, route, intended, names, encodeOperations([], read), expireSeconds);
    asked.push({ entry, targets: aim });
  };
  let failure: { readonly origin: unknown } | null = null;
  for (const part of sharedOut(targets, ({ label }) => label)) {
    try {
      context.signal.throwIfAborted();
      await send(part);
    } catch (origin) {
      context.signal.throwIfAborted();
      failure = { origin };
      break;
    }
  }
  let answered = 0;
  await collect(context, asked, options, {
    seen: (_, progress) => context.tell({ kind: 'action', ...progress, targets: ids.length }),
    ended: async ({ entry }, outcomes) => {
      await noteActors(context.store, entry, outcomes);
      await settle(context, entry);
      for (const { attribution } of outcomes) if (attribution !== null) answered += 1;
    },
  });
  if (failure !== null) throw failure.origin;
  return { asked: ids.length, answered };
}

function targetOf(
  computerId: string,
  label: string,
  computer: { readonly name: string; readonly machineSid: string | null } | undefined,
): Target {
  const name = computer?.name ?? computerId;
  return { computerId, label, known: { name, machineSid: computer?.machineSid ?? null } };
}
