import { describe, expect, it } from 'vitest';
import type { AccountEvent } from '../../src/model/attribution.ts';
import type { DriftRecord } from '../../src/model/drift.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import { actorOf, eventsBehind, isSystem, mayLeave, type SeenState, systemName } from '../../src/reconcile/culprit.ts';
import { breakglass, contractor, domainAdmins, helpdesk, inventory, user } from './world.ts';

const today = '2026-03-02T09:00:00Z';
const ops = user(1004, 'ops');
/** Of before all events; the account that is gone has its number in the earlier one. */
const history: readonly SeenState[] = [
  { since: '2026-02-25T09:00:00Z', inventory: inventory({ users: [ops] }) },
  { since: '2026-02-20T09:00:00Z', inventory: inventory({ users: [breakglass, ops] }) },
];

function event(id: number, target: string, more: Partial<AccountEvent> = {}): AccountEvent {
  const at = '2026-03-02T08:00:00Z';
  return { id, at, by: helpdesk, byName: 'CORP\\helpdesk-7', target, member: null, name: null, ...more };
}

type Difference = Pick<DriftRecord, 'kind' | 'subject' | 'mended'>;

function ids(difference: Difference, ...events: readonly AccountEvent[]): number[] {
  return eventsBehind(difference, events, history).map(({ id }) => id);
}

function ofGroup(kind: 'group.add' | 'group.remove', member: string): Difference {
  return { kind, subject: { group: ADMINISTRATORS, member, name: null } };
}

describe('what made a difference', () => {
  it('of a member is that somebody gave or took exactly that one, in that group', () => {
    const added = event(4732, ADMINISTRATORS, { member: contractor });
    const removed = event(4733, ADMINISTRATORS, { member: contractor });
    expect(ids(ofGroup('group.remove', contractor), added, removed)).toEqual([4732]);
    expect(ids(ofGroup('group.add', contractor), added, removed)).toEqual([4733]);
    expect(ids(ofGroup('group.remove', helpdesk), added)).toEqual([]);
    expect(ids(ofGroup('group.remove', contractor), { ...added, target: 'S-1-5-32-555' })).toEqual([]);
    expect(ids(ofGroup('group.remove', '.\\OPS'), { ...added, member: '~-1004' })).toEqual([4732]);
  });

  it('of an account is what can have made just that difference', () => {
    const account = { account: 'ops' };
    const all = [4720, 4722, 4724, 4725, 4726, 4738, 4781].map((id) => event(id, '~-1004'));
    expect(ids({ kind: 'account.enable', subject: account }, ...all)).toEqual([4725]);
    expect(ids({ kind: 'account.disable', subject: account }, ...all)).toEqual([4722]);
    expect(ids({ kind: 'account.set', subject: { ...account, property: 'Description' } }, ...all)).toEqual([4738]);
    expect(ids({ kind: 'password.rotate', subject: account }, ...all)).toEqual([4724]);
    expect(ids({ kind: 'account.rename', subject: account }, ...all)).toEqual([4781]);
    expect(ids({ kind: 'account.delete', subject: account }, ...all)).toEqual([4720, 4781]);
    expect(ids({ kind: 'account.unlock', subject: account }, ...all)).toEqual([]);
    expect(ids({ kind: 'account.enable', subject: { account: 'built-in Administrator' } }, ...all)).toEqual([]);
    const builtin = { kind: 'account.enable', subject: { account: 'built-in Administrator' } } as const;
    expect(ids(builtin, event(4725, '~-500'))).toEqual([4725]);
  });

  it('of an account that is gone is found by the number that it had', () => {
    const gone = { kind: 'account.create', subject: { account: 'corp_breakglass' } } as const;
    expect(ids(gone, event(4726, '~-1001'), event(4726, '~-1004'))).toEqual([4726]);
    const fromGroup = ofGroup('group.add', '.\\corp_breakglass');
    expect(ids(fromGroup, event(4726, '~-1001'), event(4726, '~-1004'))).toEqual([4726]);
  });

  it('came after the newest state that has not the difference, by a clock that may differ by five minutes', () => {
    const on = inventory({ users: [ops], admins: [domainAdmins] });
    const off = inventory({ users: [{ ...ops, enabled: false }], admins: [contractor] });
    const differences: readonly (readonly [Difference, AccountEvent, good: Inventory, bad: Inventory])[] = [
      [{ kind: 'account.enable', subject: { account: 'ops' } }, event(4725, '~-1004'), on, off],
      [{ kind: 'account.disable', subject: { account: 'ops' } }, event(4722, '~-1004'), off, on],
      [{ kind: 'account.create', subject: { account: 'ops' } }, event(4726, '~-1004'), on, inventory()],
      [{ kind: 'account.delete', subject: { account: 'ops' } }, event(4720, '~-1004'), inventory(), on],
      [ofGroup('group.add', domainAdmins), event(4733, ADMINISTRATORS, { member: domainAdmins }), on, off],
      [ofGroup('group.remove', contractor), event(4732, ADMINISTRATORS, { member: contractor }), on, off],
    ];
    for (const [difference, one, good, bad] of differences) {
      const seen = (since: string): readonly SeenState[] => [
        { since: today, inventory: bad },
        { since: '2026-03-02T08:59:00Z', inventory: bad },
        { since, inventory: good },
        { since: '2026-02-01T09:00:00Z', inventory: on },
      ];
      expect(eventsBehind(difference, [one], seen('2026-03-02T08:04:59Z'))).toEqual([one]);
      expect(eventsBehind(difference, [one], seen('2026-03-02T08:05:01Z'))).toEqual([]);
    }
  });

  it('came after we mended it last', () => {
    const described = { kind: 'account.set', subject: { account: 'ops', property: 'Description' } } as const;
    const edit = event(4738, '~-1004');
    expect(ids(described, edit)).toEqual([4738]);
    expect(ids({ ...described, mended: ['2026-03-01T08:00:00.000Z', '2026-03-02T08:04:59.000Z'] }, edit)).toEqual([
      4738,
    ]);
    expect(ids({ ...described, mended: ['2026-03-02T08:05:01.000Z'] }, edit)).toEqual([]);
  });
});

describe('who did it', () => {
  it('goes by name, by SID where the log has none, and SYSTEM is the machine by whatever name', () => {
    expect(actorOf(event(4725, '~-1004'), 'SRV-1')).toBe('CORP\\helpdesk-7');
    expect(actorOf(event(4725, '~-1004', { byName: null }), 'SRV-1')).toBe(helpdesk);
    for (const system of [
      event(4725, '~-1004', { by: 'S-1-5-18', byName: 'CORP\\SRV-1$' }),
      event(4725, '~-1004', { byName: 'CORP\\srv-1$' }),
    ]) {
      expect(isSystem(system, 'SRV-1')).toBe(true);
      expect(actorOf(system, 'SRV-1')).toBe(systemName);
    }
    expect(isSystem(event(4725, '~-1004', { byName: 'CORP\\SRV-2$' }), 'SRV-1')).toBe(false);
  });

  it('may be ourselves only where an operation of ours leaves such an event', () => {
    const add = [{ kind: 'group.add', group: ADMINISTRATORS, members: [{ sid: contractor }] }] as const;
    expect(mayLeave(add, event(4732, ADMINISTRATORS))).toBe(true);
    expect(mayLeave(add, event(4732, 'S-1-5-32-555'))).toBe(false);
    expect(mayLeave(add, event(4733, ADMINISTRATORS))).toBe(false);
    expect(mayLeave([{ kind: 'account.disable', account: { rid: 1004 } }], event(4725, '~-1004'))).toBe(true);
  });
});
