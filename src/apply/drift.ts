/** The drift ledger: what a look at the fleet opens, keeps open and resolves. */
import { createHash } from 'node:crypto';
import { type DriftCause, type DriftKind, type DriftRecord, type DriftState, subjectKey } from '../model/drift.ts';
import type { Guard } from '../model/guard.ts';
import type { Subject } from '../model/plan.ts';
import type { Store } from '../ports.ts';
import type { Difference, Findings } from '../reconcile/findings.ts';

export interface DriftLook {
  readonly provider: string;
  readonly run: string;
  readonly now: string;
  /** Computer IDs of all devices that answered with an inventory, in scope or not. */
  readonly answered: ReadonlySet<string>;
  /** By Computer ID: subjects whose last corrective operation failed there. */
  readonly failedSubjects: ReadonlyMap<string, readonly string[]>;
  /** Computer IDs for which an action is still open: their drift is `pending`, not `open`. */
  readonly pending: ReadonlySet<string>;
}

export interface DriftNews {
  /** Opened by this look, for the first time or again. */
  readonly opened: readonly DriftRecord[];
  readonly resolved: readonly DriftRecord[];
}

/** Not wanted, or not ours to change: no drift. */
const outOfScope: ReadonlySet<Guard> = new Set<Guard>(['domain-controller', 'excluded', 'provider-off']);

/** Older times say nothing any more. */
const mostTimes = 10;

/** Resolved and back this many times: somebody else keeps setting it. */
const returnsOfOtherManager = 3;

/**
 * Writes what this look found. A difference that the operator's own edit made (`intent-changed`) is not drift; a
 * record of a device that did not answer stays as it is, and one of a device of which nobody declares anything any
 * more is resolved.
 */
export async function recordDrift(store: Store, findings: Findings, look: DriftLook): Promise<DriftNews> {
  const seenClearly = new Set(look.answered);
  for (const device of findings.devices) if (!device.observed) seenClearly.delete(device.computerId);

  const known = new Map<string, DriftRecord>();
  // Of checks, which are of another sensor, this look says nothing.
  for await (const record of store.drift({ about: 'changes' })) known.set(record.id, record);

  const opened: DriftRecord[] = [];
  const changed: DriftRecord[] = [];
  const seen = new Set<string>();
  const reverted = await revertedDevices(store, findings);
  for (const difference of findings.differences) {
    if (!isDrift(difference)) continue;
    if (difference.session) {
      // What was on record before the session goes on after it.
      for (const id of idsOf(look.provider, difference)) seen.add(id);
      continue;
    }
    for (const [index, computerId] of difference.computerIds.entries()) {
      const id = driftId(look.provider, computerId, difference.kind, difference.subject);
      seen.add(id);
      const before = known.get(id);
      const next = seenAgain(before, {
        id,
        computerId,
        device: difference.labels[index] ?? computerId,
        difference,
        cause: causeOf(difference, computerId, before, look, reverted),
        look,
      });
      changed.push(next);
      if (before === undefined || before.state === 'resolved') opened.push(next);
    }
  }

  const resolved: DriftRecord[] = [];
  for (const record of known.values()) {
    if (isOpen(record) && findings.excluded.has(record.computerId)) changed.push({ ...record, state: 'accepted' });
    if (record.state === 'resolved' || seen.has(record.id) || !seenClearly.has(record.computerId)) continue;
    const mended = isOurs(record, look) ? [...(record.mended ?? []), look.now].slice(-mostTimes) : record.mended;
    resolved.push({ ...record, state: 'resolved', ...(mended && { mended }), run: look.run });
  }
  await store.putDrift([...changed, ...resolved]);
  return { opened, resolved };
}

/** What an Exclusion leaves alone is accepted for as long as it says so. */
function isOpen({ state }: DriftRecord): boolean {
  return state !== 'resolved' && state !== 'accepted';
}

/** We put it right: it was there when this run looked first, or an action for it was still open. */
function isOurs({ run, state }: DriftRecord, look: DriftLook): boolean {
  return run === look.run || state === 'pending';
}

function isDrift(difference: Difference): boolean {
  // A password whose time is up is as it was declared.
  if (difference.reason === 'intent-changed' || difference.reason === 'due') return false;
  return difference.held === null || !outOfScope.has(difference.held);
}

interface Sight {
  readonly id: string;
  readonly computerId: string;
  readonly device: string;
  readonly difference: Difference;
  readonly cause: DriftCause;
  readonly look: DriftLook;
}

function seenAgain(before: DriftRecord | undefined, sight: Sight): DriftRecord {
  const { difference, look } = sight;
  const fresh: DriftRecord = {
    id: sight.id,
    computerId: sight.computerId,
    device: sight.device,
    policy: difference.policy,
    kind: difference.kind,
    subject: difference.subject,
    state: stateOf(sight),
    cause: sight.cause,
    actor: null,
    firstSeen: look.now,
    lastSeen: look.now,
    count: 1,
    run: look.run,
  };
  const orphan = orphanOf(before, sight);
  if (before === undefined) return { ...fresh, ...orphan };
  const { firstSeen, count, mended = [] } = before;
  if (before.state === 'resolved') {
    const lastActor = before.actor ?? before.lastActor;
    const again = { ...fresh, firstSeen, count: count + 1, mended, ...(lastActor === undefined ? {} : { lastActor }) };
    return { ...again, ...orphan };
  }
  const cause = sight.cause === 'failed-action' ? sight.cause : before.cause;
  return { ...fresh, firstSeen, count, cause, mended, ...attributionOf(before), ...orphan };
}

/** As long as it stays open, what is known of its beginning stays known. */
function attributionOf({ actor, at, log, lastActor }: DriftRecord): Partial<DriftRecord> {
  return {
    actor,
    ...(at === undefined ? {} : { at }),
    ...(log === undefined ? {} : { log }),
    ...(lastActor === undefined ? {} : { lastActor }),
  };
}

/**
 * A member that could be resolved in between, or that went, is no orphan: what was counted is forgotten. It counts
 * whatever else holds the removal, and goes on counting until the member has gone.
 */
function orphanOf(before: DriftRecord | undefined, { difference, look }: Sight): Pick<DriftRecord, 'orphan'> {
  if (!difference.unresolvable) return {};
  const known = before?.state === 'resolved' ? undefined : before?.orphan;
  if (!difference.neighboursResolve) return known === undefined ? {} : { orphan: known };
  return { orphan: { looks: (known?.looks ?? 0) + 1, since: known?.since ?? look.now } };
}

function stateOf({ difference, computerId, look }: Sight): DriftState {
  if (difference.held === 'contested') return 'contested';
  return look.pending.has(computerId) ? 'pending' : 'open';
}

function causeOf(
  difference: Difference,
  computerId: string,
  before: DriftRecord | undefined,
  look: DriftLook,
  reverted: ReadonlySet<string>,
): DriftCause {
  const failed = look.failedSubjects.get(computerId) ?? [];
  if (failed.includes(subjectKey(difference.kind, difference.subject))) return 'failed-action';
  if (difference.reason !== 'drifted') return 'unknown';
  if (reverted.has(computerId)) return 'snapshot-revert';
  if (before !== undefined && before.count + 1 >= returnsOfOtherManager) return 'other-manager';
  return 'outside-change';
}

/**
 * Devices that are, in several respects at once, exactly as they were before our last correction: a snapshot was
 * restored. One single thing that is back as before is more likely a person's doing.
 */
async function revertedDevices(store: Store, findings: Findings): Promise<ReadonlySet<string>> {
  const drifted = new Map<string, number>();
  for (const { reason, computerIds } of findings.differences) {
    if (reason !== 'drifted') continue;
    for (const id of computerIds) drifted.set(id, (drifted.get(id) ?? 0) + 1);
  }
  const reverted = new Set<string>();
  for (const [computerId, count] of drifted) {
    if (count < 2) continue;
    const [now, , ...earlier] = await store.history(computerId);
    if (now !== undefined && earlier.some((state) => state.text === now.text)) reverted.add(computerId);
  }
  return reverted;
}

function idsOf(provider: string, { computerIds, kind, subject }: Difference): string[] {
  return computerIds.map((computerId) => driftId(provider, computerId, kind, subject));
}

export function driftId(provider: string, computerId: string, kind: DriftKind, subject: Subject): string {
  const text = JSON.stringify([provider, computerId, subjectKey(kind, subject)]);
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
