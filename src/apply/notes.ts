/** What a run learns of single devices, written beside their records. */
import { subjectKey } from '../model/drift.ts';
import type { Operation } from '../model/operation.ts';
import type { Plan } from '../model/plan.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import type { Findings } from '../reconcile/findings.ts';
import type { ComputerNote, JournalEntry, Store } from '../ports.ts';
import type { DeviceOutcome } from './outcome.ts';

/** After an action: identity as first reported, what failed, what may still run. All or nothing per device. */
export async function noteOutcomes(
  store: Store,
  computers: ReadonlyMap<string, RecordedComputer>,
  entry: JournalEntry,
  plan: Plan | null,
  outcomes: readonly DeviceOutcome[],
): Promise<void> {
  const notes: ComputerNote[] = [];
  for (const outcome of outcomes) {
    const computer = computers.get(outcome.computerId);
    if (computer === undefined) continue;
    notes.push({
      id: computer.id,
      computerId: outcome.computerId,
      failedSubjects: failedSubjects(plan, entry.key, outcome.failedOperations),
      pendingUntil: outcome.status === 'pending' ? entry.expiresAt : null,
      ...(outcome.machineSid === null ? {} : { machineSid: outcome.machineSid }),
      ...(outcome.identityConflict === null ? {} : { identityConflict: outcome.identityConflict }),
    });
  }
  await store.note(notes);
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

/** After a look: what each device satisfies now, so that the next look can tell drift from a new intention. */
export async function noteApplied(
  store: Store,
  computers: ReadonlyMap<string, RecordedComputer>,
  findings: Findings,
): Promise<void> {
  const known = await store.applied();
  for (const [key, facets] of findings.applied) if (!known.has(key)) await store.saveApplied(key, facets);
  const notes: ComputerNote[] = [];
  for (const { computerId, recordId, appliedKey, observed } of findings.devices) {
    const computer = computers.get(computerId);
    if (recordId === null || computer === undefined || !observed) continue;
    const answered = computer.pendingUntil !== null ? { pendingUntil: null } : {};
    const unchanged = computer.appliedSignature === appliedKey && computer.computerId === computerId;
    if (unchanged && computer.pendingUntil === null) continue;
    notes.push({ id: recordId, computerId, appliedSignature: appliedKey, ...answered });
  }
  await store.note(notes);
}

export function byComputerId(computers: readonly RecordedComputer[]): Map<string, RecordedComputer> {
  const map = new Map<string, RecordedComputer>();
  for (const computer of computers) if (computer.computerId !== null) map.set(computer.computerId, computer);
  return map;
}
