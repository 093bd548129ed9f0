/** Which passwords are changed, why, and in which actions. */
import { describe, expect, it } from 'vitest';
import type { Desired, MaintenanceWindow } from '../../src/model/desired.ts';
import type { LocalUser, RotationMark } from '../../src/model/inventory.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Holding } from '../../src/model/recorded.ts';
import { defaultRotation } from '../../src/model/rotation.ts';
import { demandsDigest } from '../../src/reconcile/demands.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import { explainDevice } from '../../src/reconcile/explain.ts';
import { refusalKey } from '../../src/reconcile/in-use.ts';
import {
  account,
  administrator,
  breakglass,
  computer,
  computers,
  domainAdmins,
  exclusion,
  heldLines,
  holding,
  inputOf,
  inventory,
  lines,
  look,
  pattern,
  plan,
  recovery,
  rotated,
  rotation,
  user,
  type World,
} from './world.ts';

const reachable = computers({ protect: 'JITA', recovery: recovery(domainAdmins) });

interface Device {
  readonly id?: string;
  readonly users?: readonly LocalUser[];
  readonly marks?: readonly RotationMark[];
  readonly holdings?: readonly Holding[];
  readonly laps?: { readonly mode: 'ad' | 'none'; readonly rid: number | null };
}

/** Rotated once, and nothing is due, but for what a test says. */
function worldOf(devices: readonly Device[], desired: Partial<Desired> = {}, parts: World = {}): World {
  const all = devices.map(({ id = '1', ...device }) => ({ id, ...device }));
  const { recorded, ...rest } = parts;
  return {
    desired: { computers: [reachable], rotations: [rotation()], ...desired },
    seen: all.map(({ id, users = [breakglass], marks = [rotated], laps = { mode: 'none', rid: null } }) => ({
      id,
      state: inventory({ users, rotations: marks, laps }),
    })),
    recorded: {
      computers: all.map(({ id }) => computer(id)),
      credentials: new Map(all.map(({ id, holdings = [holding()] }) => [id, holdings])),
      ...recorded,
    },
    ...rest,
  };
}

function planned(device: Device, desired: Partial<Desired> = {}, parts: World = {}): Plan {
  return plan(worldOf([device], desired, parts));
}

const fresh: Device = { marks: [], holdings: [] };
const rotate: Operation = {
  kind: 'password.rotate',
  account: { name: 'corp_breakglass' },
  generator: 'endpoint',
  complexity: defaultRotation.complexity,
  rotation: null,
};

describe('#191 a password is changed without anybody asking', () => {
  it('is left as it is while nothing is due', () => {
    const made = planned({});
    expect(made.changes).toEqual([]);
    expect(exitCodeOf(made)).toBe(0);
  });

  const old = user(1001, 'corp_breakglass', { passwordSet: '2026-01-30' });
  const other = { ...defaultRotation.complexity, minLength: 32 };
  it.each<[string, Device, Partial<Desired>, object]>([
    ['when nobody holds one', fresh, {}, { to: { due: 'new' }, reason: 'never-applied' }],
    [
      'when it is older than the policy says',
      { users: [old], holdings: [holding({ current: { setOn: '2026-01-30', keptOn: '2026-01-30' } })] },
      {},
      { to: { due: 'age', days: 30 }, reason: 'due', age: { from: 31, to: 31 } },
    ],
    [
      '#193 when somebody else has set it',
      { marks: [{ ...rotated, state: 'changed' }] },
      {},
      { to: { due: 'reset' }, reason: 'drifted' },
    ],
    [
      'when the device has that of another rotation, as after a return to a snapshot',
      { marks: [{ ...rotated, id: 'r0' }] },
      {},
      { to: { due: 'reverted' }, reason: 'drifted' },
    ],
    [
      'when the device has that of another attempt',
      { marks: [{ ...rotated, attempt: 2 }] },
      {},
      { to: { due: 'reverted' }, reason: 'drifted' },
    ],
    ['when the device knows of none', { marks: [] }, {}, { to: { due: 'reverted' }, reason: 'drifted' }],
    [
      'when it is to be made of something else',
      {},
      { rotations: [rotation({ complexity: other })] },
      { to: { due: 'demands' }, reason: 'intent-changed' },
    ],
    [
      'when somebody has read it, and its time is up',
      { holdings: [holding({ current: { revealedAt: '2026-03-02T08:20:00.000Z' } })] },
      {},
      { to: { due: 'revealed', minutes: 60 }, reason: 'due' },
    ],
  ])('%s', (_, device, desired, change) => {
    const { changes, actions, summary } = planned(device, desired);
    expect(changes).toMatchObject([
      { kind: 'password.rotate', policy: 'passwords', subject: { account: 'corp_breakglass' }, from: null, ...change },
    ]);
    expect(actions).toHaveLength(1);
    expect(summary.rotate).toBe(1);
  });

  it('is not changed while who has read it may use it', () => {
    const read = holding({ current: { revealedAt: '2026-03-02T08:20:01.000Z' } });
    expect(planned({ holdings: [read] }).changes).toEqual([]);
    const brief = rotation({ minutesAfterReveal: 59 });
    expect(lines(planned({ holdings: [read] }, { rotations: [brief] }).changes)).toEqual([
      'password.rotate corp_breakglass',
    ]);
  });

  it('counts the last day whole: of 30 days it is older on the 31st', () => {
    const ageOn = (set: string): Plan =>
      planned({
        users: [user(1001, 'corp_breakglass', { passwordSet: set })],
        holdings: [holding({ current: { setOn: set, keptOn: set } })],
      });
    expect(ageOn('2026-01-31').changes).toEqual([]);
    expect(ageOn('2026-01-30').changes).toHaveLength(1);
  });

  it('tells the youngest and the oldest of those that are due together, and is the same plan a day later', () => {
    const aged = (id: string, set: string): Device => ({
      id,
      users: [user(1001, 'corp_breakglass', { passwordSet: set })],
      holdings: [holding({ current: { setOn: set, keptOn: set } })],
    });
    const world = worldOf([aged('1', '2026-01-01'), aged('2', '2026-01-20')]);
    const made = plan(world);
    expect(made.changes).toMatchObject([{ age: { from: 41, to: 60 }, devices: ['SRV-1', 'SRV-2'] }]);
    const later = plan({ ...world, now: '2026-03-03T09:20:00.000Z' });
    expect(later.changes[0]?.age).toEqual({ from: 42, to: 61 });
    expect(later.digest).toBe(made.digest);
  });
});

describe('a password that is made here', () => {
  const policy = { rotations: [rotation({ generator: 'controller' })] };
  const demands = demandsDigest({ ...defaultRotation, generator: 'controller' });
  const held = holding({ current: { generator: 'controller', demands } });

  it('has no mark on the device: the day tells whether somebody else has set it', () => {
    expect(planned({ marks: [], holdings: [held] }, policy).changes).toEqual([]);
    const reset = user(1001, 'corp_breakglass', { passwordSet: '2026-02-12' });
    expect(planned({ users: [reset], marks: [], holdings: [held] }, policy).changes).toMatchObject([
      { to: { due: 'reset' } },
    ]);
    const back = user(1001, 'corp_breakglass', { passwordSet: '2026-02-10' });
    expect(planned({ users: [back], marks: [], holdings: [held] }, policy).changes).toMatchObject([
      { to: { due: 'reverted' } },
    ]);
  });

  it('is one of another kind than one that the device makes', () => {
    expect(planned({ marks: [], holdings: [held] }).changes).toMatchObject([{ to: { due: 'demands' } }]);
  });

  it('is asked for again by its id alone: what it is sealed to, each device says anew', () => {
    const open = { id: 'r2', generator: 'controller', publicKey: '', askedAt: '2026-03-01T10:00:00Z' } as const;
    const { actions } = planned({ marks: [], holdings: [holding({ current: null, open })] }, policy);
    const again: Operation = { ...rotate, generator: 'controller', rotation: { id: 'r2', publicKey: '' } };
    expect(actions.map(({ operations }) => operations)).toEqual([[again]]);
  });

  it('#194 is never set by an action that does anything else', () => {
    const emergency = account({ enabled: true, properties: { Description: 'For emergencies' } });
    const { actions, bounds, warnings } = planned({ users: [], ...fresh }, { ...policy, accounts: [emergency] });
    expect(actions.map(({ operations }) => operations.map(({ kind }) => kind))).toEqual([
      ['account.create'],
      ['password.rotate'],
      ['account.enable'],
    ]);
    expect(actions.map(({ after }) => after)).toEqual([[], [actions[0]?.key], [actions[1]?.key]]);
    expect(bounds.lowerBound).toBeLessThanOrEqual(3);
    expect(warnings).toEqual(['1 password is made here, and takes one more action: each is sealed to its device.']);
  });
});

describe('a rotation whose outcome is not known', () => {
  const open = { id: 'r2', generator: 'endpoint', publicKey: 'bg==,AQAB', askedAt: '2026-03-01T10:00:00Z' } as const;

  it.each<[string, Device]>([
    ['whatever else is due', { marks: [], holdings: [holding({ current: null, open })] }],
    ['though the device has set it', { marks: [{ ...rotated, id: 'r2' }], holdings: [holding({ open })] }],
    ['though nothing else is due', { holdings: [holding({ open })] }],
    ['before any device has told its RID', { marks: [], holdings: [holding({ current: null, rid: null, open })] }],
  ])('#192 is asked for again with the same id, %s', (_, device) => {
    const { changes, actions } = planned(device);
    expect(changes).toMatchObject([{ to: { due: 'unsettled' }, reason: 'due' }]);
    expect(actions[0]?.operations).toEqual([{ ...rotate, rotation: { id: 'r2', publicKey: 'bg==,AQAB' } }]);
  });

  it('counts in the budget of the day in which it was first asked for, and in no other', () => {
    const rotations = { absolute: 0, percent: null, floor: 0, source: null };
    const world = worldOf([{ holdings: [holding({ open })] }]);
    const input = inputOf(world);
    const tight = { ...input.desired.rollout, budgets: { ...input.desired.rollout.budgets, rotations } };
    const within = plan({ ...world, desired: { ...world.desired, rollout: tight } });
    expect(within.refusal).toBeNull();
    expect(within.budgets.find(({ name }) => name === 'rotations')?.used).toBe(0);
    const later = plan({ ...world, desired: { ...world.desired, rollout: tight }, now: '2026-03-02T10:00:01.000Z' });
    expect(later.refusal?.kind).toBe('budget');
  });
});

describe('somebody asks', () => {
  const asked = { policy: null, device: null, account: null, now: true };
  const two = [{ id: '1' }, { id: '2' }];

  it('for passwords now: they are changed though they are not due, and nothing else is', () => {
    const emergency = account({ enabled: false });
    const world = worldOf(two, { accounts: [emergency] }, { rotate: { ...asked, device: 'srv-2' } });
    const made = plan(world);
    expect(made.rotate).toEqual({ ...asked, device: 'SRV-2' });
    expect(made.changes).toMatchObject([{ to: { due: 'asked' }, reason: 'due', devices: ['SRV-2'] }]);
    expect(made.held).toEqual([]);
  });

  it('for those that are due, and no other change', () => {
    const world = worldOf([{ id: '1' }, { id: '2', ...fresh }], { accounts: [account({ enabled: false })] });
    const made = plan({ ...world, rotate: { ...asked, now: false } });
    expect(made.changes).toMatchObject([{ to: { due: 'new' }, devices: ['SRV-2'] }]);
  });

  it('for those of one policy, and of one account of it', () => {
    const rotations = [
      rotation({ name: 'built-in', accounts: [{ builtin: 'administrator' }, { name: 'corp_breakglass' }] }),
      rotation({ name: 'other', priority: 1, accounts: [{ name: 'corp_breakglass' }] }),
    ];
    const of = (rotate: object): string[] =>
      lines(plan(worldOf([{}], { rotations }, { rotate: { ...asked, ...rotate } })).changes);
    expect(of({ policy: 'built-in' })).toEqual(['password.rotate built-in Administrator']);
    expect(of({ policy: 'other' })).toEqual(['password.rotate corp_breakglass']);
    expect(of({ account: 'Corp_Breakglass' })).toEqual(['password.rotate corp_breakglass']);
    expect(of({ account: 'builtin' })).toEqual(['password.rotate built-in Administrator']);
  });

  it('for what nobody declares, and is told so', () => {
    const of = (rotate: object, desired: Partial<Desired> = {}): (() => Plan) => {
      return () => plan(worldOf([{}], desired, { rotate: { ...asked, ...rotate } }));
    };
    expect(of({ policy: 'no' })).toThrow('No PasswordRotationPolicy is called no.');
    expect(of({}, { rotations: [] })).toThrow('No PasswordRotationPolicy is declared.');
    expect(of({ account: 'no' })).toThrow('No PasswordRotationPolicy names the account no.');
    expect(of({ device: 'no' })).toThrow('No device is called no.');
  });
});

describe('equal devices', () => {
  it('#187 share one action, however many they are, and whether or not their holdings are one list', () => {
    const devices = Array.from({ length: 200 }, (_, index) => ({ id: String(index + 1), ...fresh }));
    const made = plan(worldOf(devices));
    expect(made.changes).toHaveLength(1);
    expect(made.actions).toHaveLength(1);
    expect(made.actions[0]).toMatchObject({ operations: [rotate], stages: ['password'] });
    expect(made.actions[0]?.targets).toHaveLength(200);
    expect(made.bounds).toEqual({ actions: 1, lowerBound: 1, optimal: true });

    const settled = devices.map(({ id }) => ({ id, marks: [{ ...rotated, state: 'changed' as const }] }));
    const apart = worldOf(settled.map((device) => ({ ...device, holdings: [holding()] })));
    const one = [holding()];
    const shared = worldOf(settled.map((device) => ({ ...device, holdings: one })));
    expect(plan(apart)).toEqual(plan(shared));
  });

  it('get a new account created, given a password and only then enabled, in one action', () => {
    const emergency = account({ enabled: true });
    const { actions, changes } = planned({ users: [], ...fresh }, { accounts: [emergency] });
    expect(lines(changes)).toEqual(['account.create corp_breakglass', 'password.rotate corp_breakglass']);
    expect(actions.map(({ operations }) => operations.map(({ kind }) => kind))).toEqual([
      ['account.create', 'password.rotate', 'account.enable'],
    ]);
  });

  it('that lack the account, and are not given it, are left alone', () => {
    expect(planned({ users: [], ...fresh }).changes).toEqual([]);
    const gone = account({ ensure: 'absent' });
    expect(lines(planned(fresh, { accounts: [gone] }).changes)).toEqual(['account.delete corp_breakglass']);
  });
});

describe('one account', () => {
  const local = user(500, 'Administrator', { enabled: false });
  const both = rotation({ accounts: [{ builtin: 'administrator' }, { name: 'Administrator' }] });

  it('that two names are declared of is rotated once', () => {
    const { actions } = planned({ users: [local], ...fresh }, { rotations: [both] });
    expect(actions.map(({ operations }) => operations)).toEqual([[{ ...rotate, account: { rid: 500 } }]]);
  });

  it('is known by its RID when it has another name, and when it gets one', () => {
    const renamed = account({ account: { name: 'corp_breakglass' }, renameTo: 'corp_admin' });
    const policy = rotation({ accounts: [{ name: 'corp_admin' }] });
    const { actions } = planned(
      { marks: [{ ...rotated, state: 'changed' }] },
      { accounts: [renamed], rotations: [policy] },
    );
    expect(actions[0]?.operations).toEqual([
      { ...rotate, account: { rid: 1001 } },
      { kind: 'account.rename', account: { rid: 1001 }, to: 'corp_admin' },
    ]);
    // Held under its old name, and not due.
    expect(lines(planned({}, { accounts: [renamed], rotations: [policy] }).changes)).toEqual([
      'account.rename corp_breakglass',
    ]);
  });

  it('that was made anew under an old name has no password that we hold', () => {
    const again = user(1005, 'corp_breakglass');
    expect(planned({ users: [again], marks: [] }).changes).toMatchObject([{ to: { due: 'new' } }]);
  });

  it('has the fields of the policy with the higher priority, and of the others what that leaves out', () => {
    const complexity = { ...defaultRotation.complexity, minLength: 40 };
    const rotations = [
      rotation({ name: 'low', rotationDays: 1, complexity }),
      rotation({ name: 'high', priority: 1, rotationDays: 60 }),
    ];
    const { rotations: found } = look(worldOf([{}], { rotations })).findings;
    expect(found).toMatchObject([{ settings: { ...defaultRotation, rotationDays: 60, complexity } }]);
  });
});

describe('what a look tells of passwords', () => {
  const rotations = [rotation({ accounts: [{ builtin: 'administrator' }, { name: 'corp_breakglass' }] })];

  it('#193 is that the account has the one that we hold, once', () => {
    const news = (current: object, marks: readonly RotationMark[] = [rotated]): unknown =>
      look(worldOf([{ marks, holdings: [holding({ current })] }])).findings.rotations[0]?.confirmed;
    expect(news({ confirmed: false })).toEqual({ rotation: 'r1', attempt: 1 });
    expect(news({ confirmed: true })).toBeNull();
    expect(news({ confirmed: false }, [{ ...rotated, state: 'made' }])).toBeNull();
    expect(news({ confirmed: false }, [{ ...rotated, id: 'r2' }])).toBeNull();
  });

  it('is whose they are, and what is to be done with them', () => {
    const holdings = [holding()];
    const world = worldOf([{ holdings }, { id: '2', holdings }], { rotations });
    expect(look(world).findings.rotations).toMatchObject([
      { computerIds: ['1', '2'], account: 'builtin', ref: { rid: 500 }, rid: 500, settings: defaultRotation },
      { computerIds: ['1', '2'], account: 'corp_breakglass', ref: { name: 'corp_breakglass' }, rid: 1001 },
    ]);
  });

  it('is no drift where the time of a password is up, and one where somebody else has set it', () => {
    const read = holding({ current: { revealedAt: '2026-03-02T00:00:00Z' } });
    const reasons = (device: Device): string[] =>
      look(worldOf([device])).findings.differences.map(({ kind, reason }) => `${kind} ${reason}`);
    expect(reasons({ holdings: [read] })).toEqual(['password.rotate due']);
    expect(reasons({ marks: [{ ...rotated, state: 'changed' }] })).toEqual(['password.rotate drifted']);
  });
});

describe('who has set a password', () => {
  const asking = computers({ protect: 'JITA', attribution: true });
  const reset: Device = { marks: [{ ...rotated, state: 'changed' }] };

  it('is read from the log by the action that changes it, and told once it is known', () => {
    const [action] = planned(reset, { computers: [asking] }).actions;
    expect(action?.attribution).toEqual({});
    const actors = new Map([['1', new Map([['password.rotate account=corp_breakglass', 'CORP\\helpdesk-7']])]]);
    const known = planned(reset, { computers: [asking] }, { recorded: { computers: [computer('1')], actors } });
    expect(known.changes[0]?.actors).toEqual([{ actor: 'CORP\\helpdesk-7', devices: 1 }]);
  });

  it('is nobody’s question where its time is up', () => {
    const read = holding({ current: { revealedAt: '2026-03-02T00:00:00Z' } });
    expect(planned({ holdings: [read] }, { computers: [asking] }).actions[0]?.attribution).toBeUndefined();
  });
});

describe('guards', () => {
  it('laps-owned: the account that LAPS manages is LAPS’s, and nobody may say otherwise', () => {
    const device: Device = { ...fresh, laps: { mode: 'ad', rid: 1001 } };
    expect(heldLines(planned(device))).toEqual(['laps-owned password.rotate corp_breakglass']);
    const allow = [{ guard: 'laps-owned' as const, device: 'SRV-1', reason: 'x' }];
    expect(() => planned(device, {}, { allow })).toThrow('cannot be set aside');
    const other: Device = { ...fresh, laps: { mode: 'ad', rid: null } };
    expect(planned(other).held).toEqual([]);
  });

  it('#197 protect-disabled: a computer without Protect is reported as blocked, by name', () => {
    const made = planned(
      fresh,
      { computers: [] },
      { recorded: { computers: [computer('1', { protect: 'Disabled' })] } },
    );
    expect(made.actions).toEqual([]);
    expect(made.held).toMatchObject([
      { guard: 'protect-disabled', policy: 'passwords', kind: 'password.rotate', devices: ['SRV-1'] },
    ]);
    expect(exitCodeOf(made)).toBe(2);
  });

  it('domain-controller and excluded: the whole device is left alone', () => {
    const dc = inventory({ os: { build: '10.0.20348', kind: 'dc' }, users: [] });
    const world = worldOf([fresh], { exclusions: [exclusion('move', { name: [pattern('SRV-2')] })] });
    const made = plan({
      ...world,
      seen: [
        { id: '1', state: dc },
        { id: '2', state: inventory() },
      ],
    });
    expect(made.changes).toEqual([]);
    expect(made.held.map(({ guard, devices }) => [guard, devices])).toEqual([
      ['domain-controller', ['SRV-1']],
      ['excluded', ['SRV-2']],
    ]);
  });

  it('window: the policy’s own, beside those of the Rollout, until it opens', () => {
    const source = { file: 'passwords.yaml', line: 9 };
    const nightly: MaintenanceWindow = { days: null, from: 22 * 60, to: 4 * 60, timeZone: 'UTC', source };
    const rotations = [rotation({ windows: [nightly] })];
    const world = worldOf([fresh], { rotations, accounts: [account({ enabled: false })] });
    const made = plan(world);
    expect(lines(made.changes)).toEqual(['account.disable corp_breakglass']);
    expect(made.held).toMatchObject([
      {
        guard: 'window',
        message: 'outside the windows of its policy: the next one opens 2026-03-02T22:00Z',
        release:
          'Wait, change windows in PasswordRotationPolicy passwords (passwords.yaml:9), or apply with --allow window=DEVICE',
        devices: ['SRV-1'],
      },
    ]);
    // What was made of the same inventory before is not what holds now.
    const open = plan({ ...world, now: '2026-03-02T22:00:00.000Z' });
    expect(open.held).toEqual([]);
    expect(lines(open.changes)).toContain('password.rotate corp_breakglass');
    const allow = [{ guard: 'window' as const, device: 'SRV-1', reason: 'incident 7' }];
    expect(plan({ ...world, allow }).held).toEqual([]);
  });

  it('dependents: a device that refused is not asked again for a day, whichever rotation it was', () => {
    const asked: Operation = { ...rotate, rotation: { id: 'r9', publicKey: 'bg==,AQAB' } };
    const inUse = { [refusalKey(asked)]: { at: '2026-03-02T08:00:00.000Z', message: 'service Backup runs as it' } };
    const parts: World = { recorded: { computers: [computer('1', { inUse })] } };
    const held = planned(fresh, {}, parts);
    expect(held.held).toMatchObject([
      { guard: 'dependents', message: 'the device refused: service Backup runs as it' },
    ]);
    const later = { ...parts, now: '2026-03-03T08:00:00.000Z' };
    expect(planned(fresh, {}, later).held).toEqual([]);
    const allow = [{ guard: 'dependents' as const, device: 'SRV-1', reason: 'CHG-1' }];
    const [action] = planned(fresh, {}, { ...parts, allow }).actions;
    expect(action?.operations).toEqual([{ ...rotate, dependents: 'ignore' }]);
    const ignoring = planned(fresh, { rotations: [rotation({ dependents: 'ignore' })] }, parts);
    expect(ignoring.actions[0]?.operations).toEqual([{ ...rotate, dependents: 'ignore' }]);
  });

  it('contested: what somebody else sets again and again is left to them', () => {
    const contests = new Map([
      ['1', new Map([['password.rotate account=corp_breakglass', { times: 3, actor: null }]])],
    ]);
    const reset: Device = { marks: [{ ...rotated, state: 'changed' }] };
    const computers = [computer('1')];
    expect(planned(reset, {}, { recorded: { computers, contests } }).held).toMatchObject([
      { guard: 'contested', message: expect.stringContaining('put right 3 times in 24 hours and undone each time') },
    ]);
    // What is unsettled is only asked after, and nobody is contradicted by that.
    const open = { id: 'r2', generator: 'endpoint', publicKey: 'bg==,AQAB', askedAt: '2026-03-01T10:00:00Z' } as const;
    const unsettled = planned({ ...reset, holdings: [holding({ open })] }, {}, { recorded: { computers, contests } });
    expect([unsettled.held, unsettled.actions.length]).toEqual([[], 1]);
  });

  it('last-admin: an account whose password we hold can get in, and one whose password is another cannot', () => {
    const users = [{ ...breakglass }, { ...administrator, enabled: false }];
    const alone = (marks: readonly RotationMark[], holdings: readonly Holding[]): boolean => {
      const world = worldOf([{ users, marks, holdings }], { computers: [computers({ protect: 'JITA' })] });
      const state = inventory({ users, rotations: marks, admins: ['~-1001'] });
      const [device] = look({ ...world, seen: [{ id: '1', state }] }).findings.devices;
      return device?.administered === true;
    };
    expect(alone([rotated], [holding()])).toBe(true);
    expect(alone([{ ...rotated, state: 'changed' }], [holding()])).toBe(false);
    expect(alone([{ ...rotated, id: 'r0' }], [holding()])).toBe(false);
    expect(alone([rotated], [])).toBe(false);
    expect(alone([rotated], [holding({ current: null })])).toBe(false);
  });

  it('budget: a plan that rotates more than a day allows is refused whole', () => {
    const devices = Array.from({ length: 10 }, (_, index) => ({ id: String(index + 1), ...fresh }));
    const rollout = inputOf({}).desired.rollout;
    const rotations = { absolute: null, percent: 20, floor: 0, source: null };
    const made = plan(worldOf(devices, { rollout: { ...rollout, budgets: { ...rollout.budgets, rotations } } }));
    expect(made.refusal).toMatchObject({ kind: 'budget', message: expect.stringContaining('rotations 10 of 2') });
    expect(exitCodeOf(made)).toBe(3);
  });
});

it('#196 a rotation leaves offline access alone', () => {
  const { changes } = planned(fresh, {}, { recorded: { computers: [computer('1', { offlineAccess: 'Unmanaged' })] } });
  expect(lines(changes)).toEqual(['password.rotate corp_breakglass']);
});

describe('an explanation', () => {
  const facet = (device: Device, desired: Partial<Desired> = {}): unknown =>
    explainDevice(inputOf(worldOf([device], desired)), 'SRV-1').facets.find(({ property }) => property === 'password');

  it('tells how old a password may be and is, and who says so', () => {
    expect(facet({}, { rotations: [rotation({ rotationDays: 20, line: 7 })] })).toMatchObject({
      about: 'account',
      subject: { account: 'corp_breakglass' },
      desired: { days: 20 },
      observed: { days: 19 },
      verdict: 'met',
      rule: { kind: 'PasswordRotationPolicy', policy: 'passwords', source: { file: 'passwords.yaml', line: 7 } },
      why: null,
    });
  });

  it('tells why it is changed, and what holds that', () => {
    expect(facet({ marks: [{ ...rotated, state: 'changed' }], laps: { mode: 'ad', rid: 1001 } })).toMatchObject({
      verdict: 'held',
      reason: 'drifted',
      change: 'password.rotate',
      why: 'somebody else has set the password since',
      held: { guard: 'laps-owned' },
    });
    expect(facet({ users: [], ...fresh })).toMatchObject({ verdict: 'left', why: 'the device has no such account' });
  });

  it('takes a password of tomorrow, by the clock of the device, for one of today', () => {
    const users = [user(1001, 'corp_breakglass', { passwordSet: '2026-03-03' })];
    const today = holding({ current: { setOn: '2026-03-03', keptOn: '2026-03-02' } });
    expect(facet({ users, holdings: [today] })).toMatchObject({ observed: { days: 0 }, verdict: 'met' });
  });

  it('speaks of no rotation on a device that has not been seen', () => {
    const input = inputOf({ ...worldOf([{}]), seen: [] });
    const { facets } = explainDevice(input, 'SRV-1');
    expect(facets.find(({ property }) => property === 'password')).toMatchObject({
      verdict: 'unknown',
      observed: null,
    });
  });
});
