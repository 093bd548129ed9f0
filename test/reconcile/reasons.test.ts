import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { AppliedFacets } from '../../src/model/recorded.ts';
import { localSid } from '../../src/model/sid.ts';
import { anyFleet, type Fleet } from './any-fleet.ts';
import { worldOf } from './fleet-world.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  contractor,
  domainAdmins,
  helpdesk,
  inventory,
  look,
  member,
  membership,
  orphan,
  pattern,
  plan,
  recovery,
  user,
} from './world.ts';

const reachable = computers({ protect: 'JITA', recovery: recovery(domainAdmins) });

/** What a look notes, as apply would hand it to the next look. */
function noted(desired: Partial<Desired>, state: Inventory, before?: AppliedFacets): AppliedFacets {
  const { findings } = look({ desired, ...known(before), seen: [{ id: '1', state }] });
  const [device] = findings.devices;
  return findings.applied.get(device?.appliedKey ?? '') ?? {};
}

function known(applied: AppliedFacets | undefined) {
  if (applied === undefined) return {};
  return { recorded: { computers: [computer('1', { appliedSignature: 'k' })], applied: new Map([['k', applied]]) } };
}

function reasons(
  desired: Partial<Desired>,
  state: Inventory,
  applied?: AppliedFacets,
): (string | null | undefined)[][] {
  const { changes } = plan({ desired, ...known(applied), seen: [{ id: '1', state }] });
  return changes.map(({ kind, subject, reason }) => [
    kind,
    subject['name'] ?? subject['account'] ?? subject['field'],
    reason,
  ]);
}

describe('attribution', () => {
  const clean = inventory({ admins: [domainAdmins] });
  const exact = {
    computers: [reachable],
    memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
  };

  it('nothing noted yet is never-applied, a note that is lost is unknown', () => {
    const state = inventory({ admins: [domainAdmins, contractor] });
    expect(reasons(exact, state)).toEqual([['group.remove', 'CORP\\contractor-x', 'never-applied']]);
    const lost = plan({
      desired: exact,
      recorded: { computers: [computer('1', { appliedSignature: 'gone' })] },
      seen: [{ id: '1', state }],
    });
    expect(lost.changes.map(({ reason }) => reason)).toEqual(['unknown']);
  });

  it('what held and holds no longer has drifted', () => {
    const wanted = { computers: [reachable], accounts: [account({ enabled: true, properties: { Description: 'd' } })] };
    const applied = noted(wanted, inventory({ users: [{ ...breakglass, description: 'd' }] }));
    expect(
      reasons(wanted, inventory({ users: [{ ...breakglass, enabled: false, description: 'd' }] }), applied),
    ).toEqual([['account.enable', 'corp_breakglass', 'drifted']]);
    expect(reasons(wanted, inventory({ users: [] }), applied)).toEqual([
      ['account.create', 'corp_breakglass', 'drifted'],
    ]);
  });

  it('what is declared otherwise than it was applied is an intent that changed', () => {
    const applied = noted(
      { accounts: [account({ properties: { Description: 'old' } })] },
      inventory({ users: [{ ...breakglass, description: 'old' }] }),
    );
    const wanted = { computers: [reachable], accounts: [account({ properties: { Description: 'new' } })] };
    expect(reasons(wanted, inventory({ users: [{ ...breakglass, description: 'old' }] }), applied)).toEqual([
      ['account.set', 'corp_breakglass', 'intent-changed'],
    ]);
  });

  it('somebody who came into an exact group has drifted in', () => {
    const applied = noted(exact, clean);
    expect(reasons(exact, inventory({ admins: [domainAdmins, contractor] }), applied)).toEqual([
      ['group.remove', 'CORP\\contractor-x', 'drifted'],
    ]);
  });

  it('somebody who was declared and is no longer goes by intent', () => {
    const both = {
      ...exact,
      memberships: [membership({ mode: 'exact', members: [member(domainAdmins), member(helpdesk)] })],
    };
    const state = inventory({ admins: [domainAdmins, helpdesk] });
    expect(reasons(exact, state, noted(both, state))).toEqual([['group.remove', 'CORP\\helpdesk-7', 'intent-changed']]);
  });

  it('so does somebody whom a pattern kept, or who had jita', () => {
    const state = inventory({ admins: [domainAdmins, contractor] });
    const kept = membership({ mode: 'exact', members: [member(domainAdmins)], keep: [pattern('*contractor*')] });
    const timed = membership({ members: [member(domainAdmins), member(contractor, 'jita')] });
    for (const before of [kept, timed]) {
      const applied = noted({ ...exact, memberships: [before] }, state);
      expect(reasons(exact, state, applied)).toEqual([['group.remove', 'CORP\\contractor-x', 'intent-changed']]);
    }
  });

  it('somebody with jita goes by intent where the group becomes exact, and has drifted in where it was', () => {
    const timed = (mode: 'include' | 'exact') => ({
      ...exact,
      memberships: [membership({ mode, members: [member(domainAdmins), member(contractor, 'jita')] })],
    });
    const state = inventory({ admins: [domainAdmins, contractor] });
    const reason = (applied: AppliedFacets) => reasons(timed('exact'), state, applied).map(([, , one]) => one);
    expect(reason(noted(timed('include'), state))).toEqual(['intent-changed']);
    expect(reason(noted(timed('exact'), clean))).toEqual(['drifted']);
  });

  it('a group that becomes exact had its members before', () => {
    const included = { ...exact, memberships: [membership({ members: [member(domainAdmins)] })] };
    const state = inventory({ admins: [domainAdmins, contractor] });
    expect(reasons(exact, state, noted(included, state))).toEqual([
      ['group.remove', 'CORP\\contractor-x', 'never-applied'],
    ]);
  });

  it('an orphan that was there at first sight does not drift, and whoever comes beside it does', () => {
    const applied = noted(exact, inventory({ admins: [domainAdmins, orphan] }));
    const { plan: result, findings } = look({
      desired: exact,
      ...known(applied),
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, orphan, contractor] }) }],
    });
    expect(result.changes.map(({ reason }) => reason)).toEqual(['drifted']);
    expect(findings.differences.map(({ subject, reason, held }) => [subject['member'], reason, held])).toEqual([
      [contractor, 'drifted', null],
      [orphan, 'never-applied', 'orphan'],
    ]);
  });

  it('a setting of the record is attributed like the rest', () => {
    const applied = noted({ computers: [reachable] }, clean);
    const result = plan({
      desired: { computers: [reachable] },
      recorded: {
        computers: [computer('1', { protect: 'Disabled', appliedSignature: 'k' })],
        applied: new Map([['k', applied]]),
      },
      seen: [{ id: '1' }],
    });
    expect(result.changes.map(({ subject, reason }) => [subject['field'], reason])).toEqual([['protect', 'drifted']]);
  });
});

/** The same devices under other policies, as the records have them after the first look. */
function underOthers(first: Fleet, second: Fleet): Plan {
  const before = worldOf(first);
  const { applied, devices } = look(before).findings;
  const keyOf = new Map(devices.map(({ computerId, appliedKey }) => [computerId, appliedKey]));
  const after = worldOf({ ...second, machines: first.machines });
  const { computers: records = [], ...recorded } = after.recorded ?? {};
  return plan({
    ...after,
    recorded: {
      ...recorded,
      computers: records.map((one) => ({ ...one, appliedSignature: keyOf.get(one.computerId ?? '') ?? null })),
      applied,
    },
  });
}

it('nothing has drifted on a device that is as it was, whatever is declared of it now', () => {
  const reasonsSeen = new Set<string>();
  fc.assert(
    fc.property(anyFleet, anyFleet, (first, second) => {
      for (const { reason, kind, subject, devices } of underOthers(first, second).changes) {
        // Nothing is noted of the provider's own records; a password has its reason from what is held of it.
        if (devices.length === 0 || kind === 'password.rotate') continue;
        reasonsSeen.add(reason);
        expect(reason, `${kind} ${JSON.stringify(subject)}`).not.toBe('drifted');
      }
    }),
    { numRuns: 500 },
  );
  expect(reasonsSeen).toEqual(new Set(['never-applied', 'intent-changed']));
});

describe('what is noted', () => {
  const wanted = {
    computers: [reachable],
    accounts: [account({ enabled: true, properties: { Description: 'new' } })],
    memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
  };

  it('is what holds, and of what does not hold the last that did', () => {
    const before = { 'account corp_breakglass Description': 'old', 'account gone': 'present' };
    const state = inventory({ users: [{ ...breakglass, description: 'x' }], admins: [domainAdmins, contractor] });
    expect(noted(wanted, state, before)).toEqual({
      'account corp_breakglass': 'present',
      'account corp_breakglass Description': 'old',
      'account corp_breakglass enabled': 'true',
      'computer protect': 'JITA',
      [`group S-1-5-32-544 ${domainAdmins}`]: 'present',
      'group S-1-5-32-544 ~-500': 'kept',
      'policy ComputerPolicy computers': 'matches',
      'policy LocalAccount breakglass': 'matches',
      'policy LocalGroupMembership administrators': 'matches, with members',
    });
  });

  it('has one key for devices that satisfy the same', () => {
    const state = inventory({
      users: [user(1001, 'corp_breakglass', { description: 'new', passwordSet: '2026-01-01' })],
    });
    const { findings } = look({
      desired: wanted,
      seen: [
        { id: '1', state },
        { id: '2', state: inventory({ users: [{ ...breakglass, description: 'new' }] }) },
        { id: '3', state: inventory({ admins: [domainAdmins, localSid(1001)] }) },
      ],
    });
    expect(findings.devices.map(({ met }) => met)).toEqual([true, true, false]);
    expect(findings.devices[0]?.appliedKey).toBe(findings.devices[1]?.appliedKey);
    expect(findings.applied.size).toBe(2);
  });

  it('is nothing of a device that was not observed', () => {
    const { findings } = look({ desired: wanted, recorded: { computers: [computer('1')] } });
    expect(findings.devices).toEqual([
      {
        computerId: '1',
        recordId: '1',
        label: 'SRV-1',
        met: false,
        observed: false,
        appliedKey: null,
        administered: null,
      },
    ]);
  });
});
