/** Records for the store's tests. */
import type { DriftRecord } from '../../src/model/drift.ts';
import type { JournalEntry } from '../../src/model/journal.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Run } from '../../src/model/run.ts';
import type { DeviceRow } from '../../src/ports.ts';
import { hostileNames } from '../hygiene/names.ts';

/** Names that a store might take for something else: operators, paths, ends of text, halves of characters. */
export const hostile: readonly string[] = hostileNames;
export const hostileText: string = hostile.join(' ');

export function row(computerId: string, text: string, more: Partial<DeviceRow> = {}): DeviceRow {
  return {
    computerId,
    name: `PC-${computerId}.corp.example`,
    os: 'Windows 11',
    domain: 'corp.example',
    text,
    ...more,
  };
}

export function aDrift(id: string, device: string, more: Partial<DriftRecord> = {}): DriftRecord {
  return {
    id,
    computerId: '1',
    device,
    policy: 'administrators',
    kind: 'group.remove',
    subject: { group: 'S-1-5-32-544', member: '~-1001', name: null },
    state: 'open',
    cause: 'outside-change',
    actor: null,
    firstSeen: '2026-03-02T09:00:00Z',
    lastSeen: '2026-03-02T09:00:00Z',
    count: 1,
    run: 'r1',
    ...more,
  };
}

export function aRun(id: string, plan: Plan | null): Run {
  return {
    id,
    kind: 'apply',
    startedAt: '2026-03-02T09:00:00.000Z',
    endedAt: null,
    status: 'running',
    plan,
    config: '4d1e2f9',
    by: 'root@host',
    summary: { change: 1, 'a.$b': 2 },
  };
}

export function aPlan(): Plan {
  return {
    version: 1,
    digest: '7f3c9a1e',
    config: '4d1e2f9',
    provider: 'Production Tanium',
    only: null,
    allowances: [],
    scan: {
      at: '2026-03-02T09:14Z',
      ageSeconds: 0,
      expected: 1,
      answered: 1,
      selected: 1,
      observed: 1,
      unmatched: 0,
    },
    changes: [
      {
        id: 'c1',
        policy: 'administrators',
        policyKind: 'LocalGroupMembership',
        source: { file: 'a.yaml', line: 1 },
        kind: 'group.remove',
        subject: { group: 'S-1-5-32-544', member: '~-1001', name: 'PC-1\\$where.\ud800' },
        from: true,
        to: false,
        reason: 'drifted',
        consequence: null,
        devices: ['PC-1'],
      },
    ],
    held: [],
    pending: [],
    actions: [],
    bounds: { actions: 0, lowerBound: 0, optimal: true },
    budgets: [],
    refusal: null,
    notActedOn: [],
    warnings: [],
    summary: { create: 0, change: 0, remove: 1, rotate: 0, held: 0 },
  };
}

export function anEntry(name: string, more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    name,
    run: 'r1',
    key: 'a',
    state: 'intended',
    actionId: null,
    operations: [{ kind: 'group.add', group: 'S-1-5-32-544', members: [{ localName: 'a.$b' }] }],
    targets: ['1', '2'],
    intendedAt: '2026-03-02T09:00:00.000Z',
    expiresAt: '2026-03-02T10:00:00.000Z',
    ...more,
  };
}

export async function collect<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
