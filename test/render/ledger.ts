/** A drift ledger: one record of each kind of news, and a long one. */
import type { DriftRecord } from '../../src/model/drift.ts';
import { contractor, helpdesk } from '../reconcile/world.ts';

export function drift(id: string, device: string, parts: Partial<DriftRecord> = {}): DriftRecord {
  return {
    id,
    computerId: device.replace(/\D/g, '') || '1',
    device,
    policy: 'server-admins',
    kind: 'group.remove',
    subject: { group: 'S-1-5-32-544', member: contractor, name: 'CORP\\contractor-x' },
    state: 'open',
    cause: 'outside-change',
    actor: null,
    firstSeen: '2026-03-02T09:00:00.000Z',
    lastSeen: '2026-03-02T10:30:00.000Z',
    count: 1,
    run: 'r1',
    ...parts,
  };
}

export const ledger: readonly DriftRecord[] = [
  drift('a', 'SRV-2', { state: 'resolved', count: 3 }),
  drift('b', 'SRV-1', { actor: 'CORP\\helpdesk-7', at: '2026-03-02T08:12:40Z', log: 'whole' }),
  drift('c', 'SRV-1', {
    kind: 'account.enable',
    policy: 'breakglass',
    subject: { account: 'corp_breakglass' },
    cause: 'failed-action',
  }),
  drift('d', 'SRV-3', {
    kind: 'group.add',
    subject: { group: 'S-1-5-32-555', member: helpdesk, name: null },
    state: 'contested',
    cause: 'other-manager',
    count: 4,
    log: 'part',
  }),
  drift('e', 'SRV-3', {
    kind: 'account.set',
    policy: 'breakglass',
    subject: { account: 'corp_breakglass', property: 'Description' },
    state: 'pending',
    cause: 'unknown',
  }),
  drift('f', 'SRV-4', { kind: 'computer.set', policy: 'servers', subject: { field: 'protect' }, state: 'accepted' }),
];

export const longLedger: readonly DriftRecord[] = Array.from({ length: 4000 }, (_, index) =>
  drift(`r${index}`, `SRV-${index % 900}`, {
    policy: `policy-${index % 3}`,
    subject: { group: 'S-1-5-32-544', member: `${contractor}${index % 50}`, name: `CORP\\user-${index % 50}` },
    state: index % 4 === 0 ? 'resolved' : 'open',
  }),
);
