/** A policy that said something and says nothing now takes nobody's access (4-plan-engine.md, `empty-desired`). */
import { describe, expect, it } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { AppliedFacets, Recorded, RecordedComputer } from '../../src/model/recorded.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import { explainDevice } from '../../src/reconcile/explain.ts';
import {
  account,
  computer,
  computers,
  contractor,
  domainAdmins,
  heldLines,
  helpdesk,
  inputOf,
  inventory,
  lines,
  look,
  member,
  membership,
  pattern,
  plan,
  recovery,
  type Seen,
} from './world.ts';

const reachable = computers({ protect: 'JITA', recovery: recovery(domainAdmins) });
const exact = membership({ name: 'baseline', mode: 'exact', members: [member(domainAdmins)] });
const helpers = (selector: string, members = [member(helpdesk)]) =>
  membership({ name: 'helpers', line: 4, selector: { name: [pattern(selector)] }, members });
const state = inventory({ admins: [domainAdmins, helpdesk] });
const seen: readonly Seen[] = ['1', '2', '3'].map((id) => ({ id, state }));
const before = '2026-03-01T09:14:31Z';

type Records = Pick<Recorded, 'applied' | 'computers'>;

/** What the records say after a look at which these devices were found so. */
function after(desired: Partial<Desired>, devices: readonly Seen[], records: Records = fresh(devices)): Records {
  const { findings } = look({ desired, recorded: records, seen: devices });
  const keyOf = new Map(findings.devices.map(({ computerId, appliedKey }) => [computerId, appliedKey]));
  return {
    applied: new Map([...records.applied, ...findings.applied]),
    computers: records.computers.map(
      (one): RecordedComputer => ({
        ...one,
        appliedSignature: keyOf.get(one.computerId ?? '') ?? one.appliedSignature,
        lastSeenAt: keyOf.has(one.computerId ?? '') ? before : one.lastSeenAt,
      }),
    ),
  };
}

function fresh(devices: readonly Seen[]): Records {
  return { applied: new Map(), computers: devices.map(({ id }) => computer(id)) };
}

function facets({ applied, computers: known }: Records, id: string): AppliedFacets {
  const key = known.find((one) => one.id === id)?.appliedSignature ?? '';
  return applied.get(key) ?? {};
}

const good = { computers: [reachable], memberships: [exact, helpers('SRV-*')] };
const mistyped = { computers: [reachable], memberships: [exact, helpers('SVR-*')] };
const known = after(good, seen);

describe('empty-desired', () => {
  it('holds what a mistyped selector would take away, on every device that it used to match', () => {
    const planned = plan({ desired: mistyped, recorded: known, seen });
    expect(planned.changes).toEqual([]);
    expect(planned.held).toMatchObject([
      {
        guard: 'empty-desired',
        message:
          'LocalGroupMembership helpers (helpers.yaml:4) matches nothing now, and matched 3 devices at 2026-03-01T09:14Z',
        release: 'Mend its selector, or delete the policy; or apply with --allow empty-desired=DEVICE',
        policy: 'baseline',
        subject: { member: helpdesk },
        devices: ['SRV-1', 'SRV-2', 'SRV-3'],
      },
    ]);
    expect(planned.warnings).toEqual([`${planned.held[0]?.message}: what takes access there is held.`]);
    expect(exitCodeOf(planned)).toBe(2);
  });

  it('holds from look to look, and goes on saying since when', () => {
    const later = after(mistyped, seen, after(mistyped, seen, known));
    const aged = {
      ...later,
      computers: later.computers.map((one) => ({ ...one, lastSeenAt: '2026-03-02T00:00:00Z' })),
    };
    expect(plan({ desired: mistyped, recorded: aged, seen }).held).toEqual(
      plan({ desired: mistyped, recorded: known, seen }).held,
    );
  });

  it('holds disables and deletes too, and lets the rest of the device be changed', () => {
    const accounts = (selector: string) => [
      account({ name: 'off', enabled: false, properties: { Description: 'd' } }),
      account({ name: 'gone', account: { name: 'old' }, ensure: 'absent' }),
      account({ name: 'emptied', account: { name: 'kept' }, selector: { name: [pattern(selector)] } }),
    ];
    const users = inventory({
      users: [1001, 1002, 1003].map((rid, index) => ({
        ...(state.users[0] as Inventory['users'][number]),
        rid,
        name: ['corp_breakglass', 'old', 'kept'][index] ?? '',
        enabled: true,
      })),
    });
    const devices = [{ id: '1', state: users }];
    const records = after({ computers: [reachable], accounts: accounts('SRV-1') }, devices);
    const planned = plan({
      desired: { computers: [reachable], accounts: accounts('SRV-9') },
      recorded: records,
      seen: devices,
    });
    expect(heldLines(planned)).toEqual([
      'empty-desired account.delete old',
      'empty-desired account.disable corp_breakglass',
    ]);
    expect(lines(planned.changes)).toEqual(['account.set corp_breakglass Description']);
  });

  it('holds where an exact policy lost its members, until it names some', () => {
    const own = (...sids: string[]) => ({
      computers: [reachable],
      memberships: [membership({ line: 3, mode: 'exact', members: sids.map((sid) => member(sid)) })],
    });
    const records = after(own(domainAdmins, helpdesk), seen);
    const planned = plan({ desired: own(), recorded: after(own(), seen, records), seen });
    expect(planned.changes).toEqual([]);
    expect(new Set(planned.held.map(({ guard }) => guard))).toEqual(new Set(['empty-desired']));
    expect(planned.held[0]).toMatchObject({
      message:
        'LocalGroupMembership administrators (administrators.yaml:3) names no members now, and named some for 3 devices at 2026-03-01T09:14Z',
      release: 'Name its members, those who are to go with access: absent; or apply with --allow empty-desired=DEVICE',
    });
    const told = plan({ desired: own(domainAdmins), recorded: records, seen });
    expect(lines(told.changes)).toEqual(['group.remove CORP\\helpdesk-7']);
  });

  it('holds where a policy lost its members, and the exact one is another', () => {
    const both = (...sids: string[]) => ({
      computers: [reachable],
      memberships: [
        exact,
        helpers(
          'SRV-*',
          sids.map((sid) => member(sid)),
        ),
      ],
    });
    const planned = plan({ desired: both(), recorded: after(both(helpdesk), seen), seen });
    expect(planned.changes).toEqual([]);
    expect(heldLines(planned)).toEqual(['empty-desired group.remove CORP\\helpdesk-7']);
  });

  it('knows still that members were named, once the selector of that policy had a slip as well', () => {
    const own = (selector: string, ...sids: string[]) => ({
      computers: [reachable],
      memberships: [
        membership({ selector: { name: [pattern(selector)] }, mode: 'exact', members: sids.map((sid) => member(sid)) }),
      ],
    });
    const records = after(own('SVR-*'), seen, after(own('SRV-*', domainAdmins, helpdesk), seen));
    const planned = plan({ desired: own('SRV-*'), recorded: records, seen });
    expect([planned.changes, new Set(planned.held.map(({ guard }) => guard))]).toEqual([
      [],
      new Set(['empty-desired']),
    ]);
  });

  it('never holds for a policy that named nobody from the start', () => {
    const bare = {
      computers: [reachable],
      memberships: [membership({ mode: 'exact', keep: [pattern('CORP\\*Admins')] })],
    };
    const records = after(bare, seen);
    expect(lines(plan({ desired: bare, recorded: records, seen }).changes)).toEqual(['group.remove CORP\\helpdesk-7']);
  });

  it('does not hold for a policy that was deleted: that is an intent, and says so', () => {
    const planned = plan({ desired: { computers: [reachable], memberships: [exact] }, recorded: known, seen });
    expect(planned.held).toEqual([]);
    expect(planned.changes.map(({ reason, devices }) => [reason, devices.length])).toEqual([['intent-changed', 3]]);
  });

  it('does not hold as long as the policy matches one device', () => {
    const fewer = { computers: [reachable], memberships: [exact, helpers('SRV-1')] };
    const planned = plan({ desired: fewer, recorded: known, seen });
    expect(planned.held).toEqual([]);
    expect(planned.changes.map(({ devices }) => devices)).toEqual([['SRV-2', 'SRV-3']]);
    expect(facets(after(fewer, seen, known), '2')).not.toHaveProperty(['policy LocalGroupMembership helpers']);
  });

  it('counts a match of a device that is silent, or that something else holds whole', () => {
    const one = { computers: [reachable], memberships: [exact, helpers('SRV-4')] };
    const records = { ...known, computers: [...known.computers, computer('4')] };
    expect(plan({ desired: one, recorded: records, seen }).held.map(({ guard }) => guard)).toEqual(['unobserved']);
  });

  it('does not hold for a policy of new devices, once there are none', () => {
    const young = (insertedWithinSeconds: number) => ({
      computers: [reachable],
      memberships: [
        exact,
        membership({ name: 'setup', selector: { insertedWithinSeconds }, members: [member(helpdesk)] }),
      ],
    });
    const records = after(young(86_400 * 365), seen);
    expect(lines(plan({ desired: young(60), recorded: records, seen }).changes)).toEqual([
      'group.remove CORP\\helpdesk-7',
    ]);
  });

  it('holds no device that the policy never matched', () => {
    const others: readonly Seen[] = [
      ...seen,
      { id: '4', name: 'WS-4', state: inventory({ admins: [domainAdmins, contractor] }) },
    ];
    const records = after(good, others, {
      applied: new Map(),
      computers: [...fresh(seen).computers, computer('4', { name: 'WS-4' })],
    });
    const planned = plan({ desired: mistyped, recorded: records, seen: others });
    expect(planned.changes.map(({ devices }) => devices)).toEqual([['WS-4']]);
    expect(planned.held.flatMap(({ devices }) => devices)).toEqual(['SRV-1', 'SRV-2', 'SRV-3']);
  });

  it('is set aside for one device, with a reason', () => {
    const allow = [{ guard: 'empty-desired' as const, device: 'SRV-2', reason: 'CHG-1' }];
    const planned = plan({ desired: mistyped, recorded: known, seen, allow });
    expect(planned.changes.map(({ devices }) => devices)).toEqual([['SRV-2']]);
    expect(planned.held.flatMap(({ devices }) => devices)).toEqual(['SRV-1', 'SRV-3']);
  });

  it('says nothing where Tanium was not asked who is in its groups', () => {
    const grouped = (group: string) => ({
      computers: [reachable],
      memberships: [
        exact,
        membership({ name: 'helpers', selector: { taniumGroup: [group] }, members: [member(helpdesk)] }),
      ],
    });
    const { provider: named } = inputOf({});
    const planned = plan({ desired: grouped('none'), recorded: known, provider: { ...named, enable: false } });
    expect(planned.warnings).toEqual(['The integration is declared off: no device is scanned or changed.']);
  });

  it('is told by explain, which looks at one device and knows of all', () => {
    const { facets: told } = explainDevice(inputOf({ desired: mistyped, recorded: known, seen }), 'SRV-2');
    expect(told.flatMap(({ held }) => held?.message ?? [])).toEqual(
      plan({ desired: mistyped, recorded: known, seen }).held.map(({ message }) => message),
    );
  });
});
