/** What a run learns of single devices, written beside their records. */
import { subjectKey } from '../model/drift.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Operation } from '../model/operation.ts';
import type { Plan } from '../model/plan.ts';
import type { ComputerNote, Recorded, RecordedComputer } from '../model/recorded.ts';
import type { Store } from '../ports.ts';
import type { Findings } from '../reconcile/findings.ts';
import { refusalKey, withRefusal } from '../reconcile/in-use.ts';
import { secondsAfter } from './journal.ts';
import type { DeviceOutcome } from './outcome.ts';

/** How long a change is owed to a device that did not answer: afterwards it is just one that nobody has seen. */
const pendingSeconds = 24 * 3600;
/** Characters of a device's words that are kept. */
const mostMessage = 400;

/** After an action: identity as first reported, what failed, what may still run. All or nothing per device. */
export async function noteOutcomes(
  store: Store,
  records: ReadonlyMap<string, RecordedComputer>,
  entry: JournalEntry,
  plan: Plan | null,
  outcomes: readonly DeviceOutcome[],
): Promise<void> {
  const notes: ComputerNote[] = [];
  for (const outcome of outcomes) {
    const computer = records.get(outcome.computerId);
    if (computer === undefined) continue;
    notes.push({
      id: computer.id,
      computerId: outcome.computerId,
      failedSubjects: failedSubjects(plan, entry.key, outcome.failedOperations),
      ...inUseAfter(computer, entry, outcome),
      pendingUntil: outcome.status === 'pending' ? secondsAfter(entry.intendedAt, pendingSeconds) : null,
      ...(outcome.machineSid === null ? {} : { machineSid: outcome.machineSid }),
      ...(outcome.identityConflict === null ? {} : { identityConflict: outcome.identityConflict }),
    });
  }
  await store.note(notes);
}

/** A refusal stays known although other actions succeed: it holds until it is not believed any more. */
function inUseAfter(
  { inUse = {} }: RecordedComputer,
  { intendedAt }: JournalEntry,
  { inUse: refused }: DeviceOutcome,
): Pick<ComputerNote, 'inUse'> {
  if (refused === null) return {};
  const refusal = { at: intendedAt, message: refused.message.slice(0, mostMessage) };
  return { inUse: withRefusal(inUse, refusalKey(refused.operation), refusal) };
}

function failedSubjects(plan: Plan | null, key: string, failed: readonly Operation[]): readonly string[] {
  const action = plan?.actions.find((candidate) => candidate.key === key);
  if (plan === null || action === undefined || failed.length === 0) return [];
  const kinds = new Set<string>(failed.map((operation) => operation.kind));
  const ids = new Set(action.changes);
  return plan.changes
    .filter((change) => ids.has(change.id) && kinds.has(change.kind))
    .map((change) => subjectKey(change.kind, change.subject))
    .toSorted();
}

/**
 * After a look: what each device satisfies now, so that the next look can tell drift from a new intention; and which
 * machine a record is of, so that whatever dies afterwards, an action's reports find their record again.
 * `pending`: Computer IDs that an open action still has to reach; what is seen of them is from before it.
 */
export async function noteApplied(
  store: Store,
  known: Recorded['applied'],
  records: ReadonlyMap<string, RecordedComputer>,
  findings: Findings,
  pending: ReadonlySet<string>,
): Promise<void> {
  for (const [key, facets] of findings.applied) if (!known.has(key)) await store.saveApplied(key, facets);
  const notes: ComputerNote[] = [];
  for (const { computerId, appliedKey, observed, met } of findings.devices) {
    const computer = records.get(computerId);
    if (computer === undefined || !observed) continue;
    const note = {
      ...(computer.computerId === computerId ? {} : { computerId }),
      ...(computer.appliedSignature === appliedKey ? {} : { appliedSignature: appliedKey }),
      ...(computer.pendingUntil === null || pending.has(computerId) ? {} : { pendingUntil: null }),
      ...(met && computer.failedSubjects.length > 0 ? { failedSubjects: [] } : {}),
    };
    if (Object.keys(note).length > 0) notes.push({ id: computer.id, ...note });
  }
  await store.note(notes);
}

/** The record of each device that a look found one for, by Computer ID. */
export function recordsOf(
  findings: Pick<Findings, 'devices'>,
  computers: readonly RecordedComputer[],
): ReadonlyMap<string, RecordedComputer> {
  const byId = new Map(computers.map((computer) => [computer.id, computer]));
  const records = new Map<string, RecordedComputer>();
  for (const { computerId, recordId } of findings.devices) {
    const record = recordId === null ? undefined : byId.get(recordId);
    if (record !== undefined) records.set(computerId, record);
  }
  return records;
}

/** Of the computers that a scan has matched to a machine. */
export function byComputerId(computers: readonly RecordedComputer[]): Map<string, RecordedComputer> {
  const records = new Map<string, RecordedComputer>();
  for (const computer of computers) if (computer.computerId !== null) records.set(computer.computerId, computer);
  return records;
}
