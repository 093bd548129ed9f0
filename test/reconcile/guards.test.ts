import { describe, expect, it } from 'vitest';
import type { Pause } from '../../src/model/desired.ts';
import { guards, quietGuards } from '../../src/model/guard.ts';
import { localSid } from '../../src/model/sid.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import {
  account,
  administrator,
  breakglass,
  computer,
  computers,
  contractor,
  domainAdmins,
  exclusion,
  heldLines,
  helpdesk,
  inventory,
  lines,
  member,
  membership,
  orphan,
  pattern,
  plan,
  provider,
  recovery,
  user,
} from './world.ts';

const disable = account({ enabled: false });
const reachable = computers({ protect: 'JITA', recovery: recovery(domainAdmins) });
const exact = membership({ mode: 'exact', members: [member(domainAdmins)] });

describe('excluded', () => {
  it('holds a device whole, once per exclusion, quietly', () => {
    const result = plan({
      desired: {
        computers: [reachable],
        accounts: [disable],
        exclusions: [exclusion('lab', { name: [pattern('SRV-1')] }), exclusion('late', { name: [pattern('SRV-*')] })],
      },
      seen: [{ id: '1' }],
    });
    expect(result.held).toMatchObject([
      { guard: 'excluded', policy: 'lab', source: { file: 'lab.yaml', line: 1 }, kind: null, devices: ['SRV-1'] },
      { guard: 'excluded', policy: 'late', devices: ['SRV-1'] },
    ]);
    expect(result.held[0]?.message).toBe('left alone until 2026-06-01T00:00Z: incident 42');
    expect(result.warnings).toEqual([
      'No data: no device that is or will be enrolled is selected by a policy and not excluded.',
    ]);
    expect(result.actions).toEqual([]);
    expect(exitCodeOf(result)).toBe(0);
  });

  it('holds by the recorded system where the scan does not say it', () => {
    const result = plan({
      desired: {
        computers: [reachable],
        accounts: [disable],
        exclusions: [exclusion('old', { os: [pattern('*2012*')] })],
      },
      seen: [{ id: '1', os: '' }],
      recorded: { computers: [computer('1', { os: 'Windows Server 2012 R2' })] },
    });
    expect(heldLines(result)).toEqual(['excluded']);
  });

  it('still holds when it has expired meanwhile, and says so', () => {
    const result = plan({
      desired: {
        computers: [reachable],
        accounts: [disable],
        exclusions: [exclusion('lab', {}, '2026-03-01T00:00:00Z')],
      },
      seen: [{ id: '1' }],
    });
    expect(heldLines(result)).toEqual(['excluded']);
    expect(result.warnings).toContain('Exclusion lab (lab.yaml:1) has expired, and still holds.');
  });
});

describe('freeze and suspended', () => {
  const source = { file: 'rollout.yaml', line: 4 };
  const freeze: Pause = { guard: 'freeze', from: '2026-03-01T00:00:00.000Z', until: null, reason: null, source };
  const paused = (...pauses: readonly Pause[]) =>
    plan({
      desired: {
        rollout: { ...loose(50), pauses },
        computers: [computers({ scan: false })],
        accounts: [account({ enabled: true })],
      },
      seen: [{ id: '1', state: inventory({ users: [{ ...breakglass, enabled: false }] }) }],
    });
  const all = ['account.enable corp_breakglass', 'computer.set scan'];

  it('hold every change of a device and of its record while they last, and loudly', () => {
    const held = paused(freeze);
    expect(held.changes).toEqual([]);
    expect(heldLines(held)).toEqual(all.map((line) => `freeze ${line}`));
    expect(held.held[0]).toMatchObject({
      message: 'changes are frozen',
      release: 'End it in the Rollout (rollout.yaml:4)',
    });
    expect(exitCodeOf(held)).toBe(2);
  });

  it('begin with their first moment and end with their last', () => {
    const at = (from: string, until: string) => lines(paused({ ...freeze, from, until }).changes);
    expect(at('2026-03-02T09:20:00.000Z', '2026-03-03T00:00:00.000Z')).toEqual([]);
    expect(at('2026-03-02T09:20:01.000Z', '2026-03-03T00:00:00.000Z')).toEqual(all);
    expect(at('2026-03-01T00:00:00.000Z', '2026-03-02T09:20:00.001Z')).toEqual([]);
    expect(at('2026-03-01T00:00:00.000Z', '2026-03-02T09:20:00.000Z')).toEqual(all);
  });

  it('say the nearer reason: a suspension before a freeze', () => {
    const suspended: Pause = {
      guard: 'suspended',
      from: null,
      until: '2026-03-04T00:00:00.000Z',
      reason: 'INC-1',
      source,
    };
    const { held } = paused(freeze, suspended);
    expect(held[0]).toMatchObject({
      guard: 'suspended',
      message: 'changes are suspended until 2026-03-04T00:00Z: INC-1',
    });
  });
});

describe('unobserved', () => {
  const seen = [{ id: '1' }, { id: '2', state: '[current result unavailable]' }, { id: '3', state: '{"v":1,"us' }];
  const world = {
    desired: { computers: [computers({ protect: 'Deny' })], accounts: [account()] },
    recorded: { computers: ['1', '2', '3', '4'].map((id) => computer(id, { protect: 'Deny' })) },
    seen,
  };

  it('holds who did not answer or answered with something else, their records too, and quietly', () => {
    const result = plan({ ...world, recorded: { computers: ['1', '2', '3', '4'].map((id) => computer(id)) } });
    expect(result.changes).toMatchObject([{ kind: 'computer.set', devices: ['SRV-1'] }]);
    expect(heldLines(result)).toEqual(['unobserved', 'unobserved', 'unobserved']);
    expect(result.held.flatMap(({ devices }) => devices).toSorted()).toEqual(['SRV-2', 'SRV-3', 'SRV-4']);
    expect(result.held.map(({ message }) => message).join()).toContain('neither JSON nor a known marker');
    expect(result.scan).toMatchObject({ answered: 1, selected: 4, observed: 1 });
  });

  it('above the minimum is no reason to call a fleet unconverged', () => {
    const result = plan({ ...world, desired: { ...world.desired, rollout: loose(25) } });
    expect(result.held).toHaveLength(3);
    expect(exitCodeOf(result)).toBe(0);
  });

  it('says of devices that could not be asked before their sensor is made that they were not', () => {
    const content = { verdicts: [], changes: [], restsScan: true };
    const { held } = plan({ ...world, seen: [], scan: { at: null }, content });
    expect(held).toMatchObject([
      {
        guard: 'unobserved',
        message: 'was not asked, since its sensor is made first',
        release: 'Apply, and plan again',
      },
    ]);
    expect(held[0]?.devices).toHaveLength(4);
  });

  it('#32 holds a scan that is older than maxScanAge', () => {
    const aged = (ageSeconds: number) =>
      plan({
        desired: { computers: [computers({ protect: 'JITA', maxScanAgeSeconds: 600 })], accounts: [disable] },
        seen: [{ id: '1' }],
        scan: { ageSeconds },
      });
    expect(lines(aged(600).changes)).toEqual(['account.disable corp_breakglass']);
    expect(aged(601).changes).toEqual([]);
    expect(heldLines(aged(600))).toEqual([]);
    expect(heldLines(aged(601))).toEqual(['unobserved']);
  });

  it('#190 stays pending while an earlier action may still run on it', () => {
    const pendingUntil = '2026-03-02T09:40:00Z';
    const result = plan({
      ...world,
      recorded: { computers: [computer('1', { protect: 'Deny' }), computer('4', { pendingUntil })] },
      seen: [{ id: '1' }],
    });
    expect(result.pending).toEqual(['SRV-4']);
    expect(exitCodeOf(result)).toBe(2);
    const later = plan({
      ...world,
      recorded: { computers: [computer('1', { protect: 'Deny' }), computer('4', { pendingUntil })] },
      seen: [{ id: '1' }],
      now: '2026-03-02T09:40:00Z',
    });
    expect(later.pending).toEqual([]);
  });
});

describe('identity', () => {
  it('holds a Computer ID that answers by another name, its record too', () => {
    const result = plan({
      desired: { computers: [computers({ protect: 'Deny' })], accounts: [disable] },
      seen: [{ id: '1', name: 'WS-9' }],
      recorded: { computers: [computer('1')] },
    });
    expect(result.changes).toEqual([]);
    expect(result.held).toMatchObject([{ guard: 'identity', kind: null, release: null, devices: ['WS-9'] }]);
    expect(exitCodeOf(result)).toBe(2);
  });

  it('holds a machine that two records are of, whichever of them comes first', () => {
    const result = plan({
      desired: { accounts: [disable] },
      seen: [{ id: '1' }],
      recorded: { owner: 'npsd', computers: [computer('1'), computer('1', { id: '2' })] },
    });
    expect(result.changes).toEqual([]);
    expect(new Set(heldLines(result))).toEqual(new Set(['identity']));
    expect(result.held[0]?.message).toContain('records 1 and 2 are of one Computer ID, 1');
  });

  it('is in no doubt where the name is not there yet: such a device has shown nothing', () => {
    const result = plan({
      desired: { accounts: [disable] },
      seen: [{ id: '1', name: '', state: '[current result unavailable]' }],
      recorded: { computers: [computer('1')] },
    });
    expect(heldLines(result)).toEqual(['unobserved']);
    expect(result.held[0]?.devices).toEqual(['SRV-1']);
  });

  it('F15 holds a device whose report was of another machine', () => {
    const result = plan({
      desired: { accounts: [disable] },
      seen: [{ id: '1' }],
      recorded: { computers: [computer('1', { identityConflict: 'the report is of machine S-1-5-21-1-2-3' })] },
    });
    expect(heldLines(result)).toEqual(['identity']);
    expect(result.held[0]?.message).toContain('S-1-5-21-1-2-3');
  });
});

describe('protect-disabled', () => {
  it.each([
    ['declared', computers({ protect: 'Disabled', recovery: recovery(domainAdmins) }), 'JITA' as const],
    ['recorded', computers({ scan: true, recovery: recovery(domainAdmins) }), 'Disabled' as const],
    ['not known', computers({ scan: true, recovery: recovery(domainAdmins) }), null],
  ])('#4 #9 #13 holds every change of the device where Protect is Disabled (%s)', (_, policy, protect) => {
    const result = plan({
      desired: { computers: [policy], accounts: [account({ properties: { Description: 'd' } })], memberships: [exact] },
      recorded: { computers: [computer('1', { protect })] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }],
    });
    expect(heldLines(result)).toEqual([
      'protect-disabled account.set corp_breakglass Description',
      'protect-disabled group.remove CORP\\contractor-x',
    ]);
    expect(result.actions).toEqual([]);
    expect(exitCodeOf(result)).toBe(2);
  });

  it('says under --only that it is a policy that is not of the run which enables Protect', () => {
    const { held } = plan({
      desired: { computers: [computers({ protect: 'JITA' })], memberships: [exact] },
      recorded: { computers: [computer('1', { protect: 'Disabled' })] },
      only: { policy: 'administrators' },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }],
    });
    expect(held).toMatchObject([{ guard: 'protect-disabled', release: 'Apply ComputerPolicy computers first' }]);
  });

  it('#3 hides no administrator: what Protect would act on is found and named in Scan too', () => {
    const planned = (protect: 'Disabled' | 'JITA') =>
      plan({
        desired: { computers: [computers({ protect, recovery: recovery(domainAdmins) })], memberships: [exact] },
        recorded: { computers: [computer('1', { protect })] },
        seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor, helpdesk] }) }],
      });
    const found = ['group.remove CORP\\contractor-x', 'group.remove CORP\\helpdesk-7'];
    expect(lines(planned('JITA').changes)).toEqual(found);
    expect(heldLines(planned('Disabled'))).toEqual(found.map((line) => `protect-disabled ${line}`));
  });

  it('looks at the state after the records: turning Protect on releases the device in the same plan', () => {
    const result = plan({
      desired: { computers: [reachable], accounts: [account({ properties: { Description: 'd' } })] },
      recorded: { computers: [computer('1', { protect: 'Disabled' })] },
      seen: [{ id: '1' }],
    });
    expect(lines(result.changes)).toEqual(['account.set corp_breakglass Description', 'computer.set protect']);
    expect(result.held).toEqual([]);
  });
});

describe('observe', () => {
  it('holds every change of device and record quietly', () => {
    const watch = computers({ name: 'watch', priority: 9, enforcement: 'observe' });
    const result = plan({
      desired: { computers: [reachable, watch], accounts: [disable] },
      recorded: { computers: [computer('1', { protect: 'Deny' })] },
      seen: [{ id: '1' }],
    });
    expect(heldLines(result)).toEqual(['observe account.disable corp_breakglass', 'observe computer.set protect']);
    expect(result.held[0]?.release).toBe('Set enforcement: enforce in ComputerPolicy watch');
    expect(exitCodeOf(result)).toBe(0);
  });
});

describe('provider-off', () => {
  it.each([
    ['toggle', provider({ toggle: { name: 'tanium_cloud', enabled: false } })],
    ['provider', provider({ enable: false })],
  ])('#81 holds every device where the %s is declared off', (_, off) => {
    const result = plan({
      desired: { computers: [computers({ protect: 'Deny' })], accounts: [disable] },
      provider: off,
      recorded: { computers: [computer('1'), computer('2')] },
    });
    expect(result.held).toMatchObject([{ guard: 'provider-off', release: null, devices: ['SRV-1', 'SRV-2'] }]);
    expect(result.actions).toEqual([]);
    expect(result.refusal).toBeNull();
    expect(result.changes).toHaveLength(1);
    expect(result.warnings).toEqual(['The integration is declared off: no device is scanned or changed.']);
  });
});

describe('built-in', () => {
  it('#6 RID 500 and Windows’ other own accounts are never deleted', () => {
    const result = plan({
      desired: {
        computers: [reachable],
        accounts: [
          account({ name: 'a', account: { builtin: 'administrator' }, ensure: 'absent' }),
          account({ name: 'b', account: { name: 'WDAGUtilityAccount' }, ensure: 'absent' }),
        ],
      },
      seen: [{ id: '1', state: inventory({ users: [administrator, user(504, 'WDAGUtilityAccount')] }) }],
    });
    expect(heldLines(result)).toEqual([
      'built-in account.delete WDAGUtilityAccount',
      'built-in account.delete built-in Administrator',
    ]);
    expect(result.held.map(({ release }) => release)).toEqual([null, null]);
  });

  it('C7 RID 500 never leaves Administrators', () => {
    const absent = membership({ members: [member({ builtin: 'administrator' }, 'absent')] });
    const result = plan({ desired: { computers: [reachable], memberships: [absent] }, seen: [{ id: '1' }] });
    expect(heldLines(result)).toEqual(['built-in group.remove built-in Administrator']);
  });
});

describe('laps-owned', () => {
  const state = inventory({
    users: [breakglass, user(1002, 'lapsadmin')],
    admins: [domainAdmins, localSid(1002)],
    laps: { mode: 'ad', rid: 1002 },
  });

  it('C28 holds every edit of the account that LAPS manages, and its declared removal', () => {
    const result = plan({
      desired: {
        computers: [reachable],
        accounts: [account({ account: { name: 'lapsadmin' }, enabled: false, renameTo: 'other' })],
        memberships: [membership({ members: [member('lapsadmin', 'absent')] })],
      },
      seen: [{ id: '1', state }],
    });
    expect(heldLines(result)).toEqual([
      'laps-owned account.disable lapsadmin',
      'laps-owned account.rename lapsadmin',
      'laps-owned group.remove lapsadmin',
    ]);
  });

  it('is RID 500 where LAPS names no account', () => {
    const result = plan({
      desired: {
        computers: [reachable],
        accounts: [account({ account: { builtin: 'administrator' }, enabled: true })],
      },
      seen: [{ id: '1', state: inventory({ laps: { mode: 'legacy', rid: null } }) }],
    });
    expect(heldLines(result)).toEqual(['laps-owned account.enable built-in Administrator']);
  });
});

describe('orphan', () => {
  it.each([
    ['under exact', exact],
    ['by its SID', membership({ members: [member(orphan, 'absent')] })],
  ])('C3 holds the removal of a SID that nobody can resolve (%s)', (_, policy) => {
    const result = plan({
      desired: { computers: [reachable], memberships: [policy] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, orphan] }) }],
    });
    expect(heldLines(result)).toEqual([`orphan group.remove ${orphan}`]);
    expect(result.actions).toEqual([]);
    expect(exitCodeOf(result)).toBe(2);
  });

  it('takes a name of a domain alone for no name', () => {
    const state = inventory({ admins: [domainAdmins, orphan] });
    const malformed = {
      ...state,
      groups: state.groups.map((group) => ({
        ...group,
        members: group.members.map((one) => (one.sid === orphan ? { ...one, name: 'CSTEST\\' } : one)),
      })),
    };
    const result = plan({
      desired: { computers: [reachable], memberships: [exact] },
      seen: [{ id: '1', state: malformed }],
    });
    expect(heldLines(result)).toEqual([`orphan group.remove ${orphan}`]);
  });

  it('lets the other changes of the device go on', () => {
    const result = plan({
      desired: { computers: [reachable], memberships: [exact] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, orphan, contractor] }) }],
    });
    expect(lines(result.changes)).toEqual(['group.remove CORP\\contractor-x']);
  });
});

describe('not-ready', () => {
  it.each([
    ['PowerShell older than 5.1', { powershell: '4.0' }, '4.0'],
    ['constrained language mode', { language: 'constrained' as const }, 'constrained'],
  ])('#34 holds the changes of a device with %s', (_, state, says) => {
    const result = plan({
      desired: { computers: [reachable], accounts: [disable] },
      seen: [{ id: '1', state: inventory(state) }],
    });
    expect(heldLines(result)).toEqual(['not-ready account.disable corp_breakglass']);
    expect(result.held[0]?.message).toContain(says);
  });

  it('takes 5.1 and whatever comes after it', () => {
    for (const powershell of ['5.1', '5.1.19041.1', '7.4', '10']) {
      const result = plan({
        desired: { computers: [reachable], accounts: [account({ properties: { Description: 'd' } })] },
        seen: [{ id: '1', state: inventory({ powershell }) }],
      });
      expect(result.held).toEqual([]);
    }
  });

  it('holds additions to a group that the inventory does not show', () => {
    const group = 'S-1-5-32-555';
    const result = plan({
      desired: {
        computers: [reachable],
        memberships: [membership({ group, mode: 'exact', members: [member(helpdesk)] })],
      },
      seen: [{ id: '1' }],
    });
    expect(heldLines(result)).toEqual([`not-ready group.add ${helpdesk}`]);
  });
});

it('a held creation holds what depends on it, and nothing else', () => {
  const result = plan({
    desired: {
      computers: [reachable],
      accounts: [
        account({ enabled: true }),
        account({ name: 'other', account: { name: 'svc' }, properties: { Description: 'd' } }),
      ],
      memberships: [membership({ members: [member('corp_breakglass')] })],
    },
    only: { policy: 'administrators' },
    seen: [{ id: '1', state: inventory({ users: [user(1002, 'svc')] }) }],
  });
  expect(heldLines(result)).toEqual(['not-ready group.add corp_breakglass']);
});

it('every held change says why, and what releases it unless nothing does', () => {
  const permanent = new Set(['domain-controller', 'built-in', 'identity', 'laps-owned', 'provider-off']);
  const result = plan({
    desired: {
      computers: [reachable],
      memberships: [exact],
      accounts: [account({ account: { builtin: 'administrator' }, ensure: 'absent' })],
      exclusions: [exclusion('lab', { name: [pattern('SRV-2')] })],
    },
    recorded: { computers: ['1', '2', '3', '4'].map((id) => computer(id)) },
    seen: [{ id: '1', state: inventory({ admins: [domainAdmins, orphan] }) }, { id: '2' }, { id: '3', name: 'OTHER' }],
  });
  expect(result.held.length).toBeGreaterThan(4);
  for (const { guard, message, release } of result.held) {
    expect(guards).toContain(guard);
    expect(message).not.toBe('');
    expect(release === null).toBe(permanent.has(guard));
  }
  expect([...quietGuards].every((guard) => guards.includes(guard))).toBe(true);
});

function loose(percent: number) {
  const none = { absolute: 1000, percent: null, floor: 0, source: null };
  return {
    ref: null,
    budgets: { removals: none, disables: none, rotations: none, devices: none },
    minObserved: { percent, source: null },
    pauses: [],
    windows: [],
    canaries: null,
    waves: [],
    gate: null,
  };
}
