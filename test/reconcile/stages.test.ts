/**
 * What each guard promises holds after every command of a plan, in every stage of it, and not only at its end: random
 * fleets and policies, each device's commands carried out one by one on a machine that knows nothing of the planner, and
 * every promise looked at after each. A guard that is not of the list below, or that never had anything to hold, fails.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type AccountPolicy,
  type DesiredMember,
  defaultRollout,
  type MemberAccess,
  type RecoveryPrincipal,
  type RolloutPolicy,
} from '../../src/model/desired.ts';
import { subjectKey } from '../../src/model/drift.ts';
import { type Guard, guards, releasableGuards } from '../../src/model/guard.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { Operation } from '../../src/model/operation.ts';
import { stageOfOperation } from '../../src/model/operation.ts';
import type { Allowance, Plan } from '../../src/model/plan.ts';
import type { Contest, InUse, RecordedComputer } from '../../src/model/recorded.ts';
import { ADMINISTRATORS, localSid, type Sid } from '../../src/model/sid.ts';
import { refusalKey } from '../../src/reconcile/in-use.ts';
import { type Machine, machineOf, run, waysIn } from './machine.ts';
import {
  account,
  computer,
  computers,
  contractor,
  domainAdmins,
  exclusion,
  helpdesk,
  inventory,
  membership,
  orphan,
  pattern,
  plan,
  provider,
  user,
  type World,
} from './world.ts';

const source = { file: 'rollout.yaml', line: 1 };
const names = ['alice', 'bob', 'carol'] as const;
const alice: Sid = localSid(1001);
const builtin: Sid = localSid(500);

/** What may be the matter with a whole device; the word is a part of its name, by which policies select. */
const troubles = [
  'none',
  'none',
  'none',
  'none',
  'none',
  'dc',
  'excluded',
  'old',
  'watched',
  'doubtful',
  'unprotected',
  'outdated',
  'constrained',
] as const;
type Trouble = (typeof troubles)[number];

const troubleOf: Readonly<Record<Exclude<Trouble, 'none'>, Guard>> = {
  dc: 'domain-controller',
  excluded: 'excluded',
  old: 'unobserved',
  watched: 'observe',
  doubtful: 'identity',
  unprotected: 'protect-disabled',
  outdated: 'not-ready',
  constrained: 'not-ready',
};

/** What may hold the whole run. */
const pauses = [
  'none',
  'none',
  'none',
  'none',
  'none',
  'freeze',
  'suspended',
  'window',
  'gate',
  'provider-off',
] as const;
type Paused = (typeof pauses)[number];

const fact = fc.integer({ min: 0, max: 5 }).map((number) => number === 0);
const state = fc.record({
  enabled: fc.boolean(),
  locked: fc.boolean(),
  expires: fc.constantFrom(null, null, '2026-03-01'),
});
const machine = fc.record({
  trouble: fc.constantFrom(...troubles),
  builtin: state,
  users: fc.tuple(...names.map(() => fc.option(state, { freq: 4 }))),
  admins: fc.subarray([domainAdmins, helpdesk, contractor, orphan, ...names.map((_, index) => localSid(1001 + index))]),
  laps: fc.constantFrom(
    { mode: 'none' as const, rid: null },
    { mode: 'none' as const, rid: null },
    { mode: 'ad' as const, rid: 1002 },
  ),
  sessions: fc.subarray([contractor, helpdesk, alice]),
  contested: fact,
  inUse: fact,
  emptied: fact,
  gone: fact,
  allowed: fc.option(fc.constantFrom(...releasableGuards), { freq: 3 }),
});
type Drawn = typeof machine extends fc.Arbitrary<infer T> ? T : never;

const access = fc.constantFrom<MemberAccess>('persistent', 'absent', 'absent', 'jita');
/** One principal by two names, each with what is declared of it; null: nothing is. */
const twice = fc.tuple(fc.option(access), fc.option(access));
const declaredAccount = fc
  .record({
    ensure: fc.constantFrom<AccountPolicy['ensure']>('present', 'present', 'absent'),
    enabled: fc.option(fc.boolean()),
    renameTo: fc.constantFrom(null, null, null, 'renamed'),
  })
  // As the schema has it: one that is absent has nothing else.
  .map((said) => (said.ensure === 'absent' ? { ...said, enabled: null, renameTo: null } : said));

const world = fc.record({
  machines: fc.array(machine, { minLength: 1, maxLength: 8 }),
  paused: fc.constantFrom(...pauses),
  mode: fc.constantFrom('exact' as const, 'exact' as const, 'include' as const),
  helpdesk: twice,
  contractor: fc.option(access),
  domainAdmins: fc.option(access),
  alice: fc.option(access),
  builtin: fc.option(access),
  accounts: fc.record({
    alice: fc.option(declaredAccount),
    bob: fc.option(declaredAccount),
    fresh: fc.option(declaredAccount),
    builtin: fc.option(declaredAccount),
    administrator: fc.option(declaredAccount),
  }),
  recovery: fc.subarray(['alice', 'builtin', 'helpdesk'] as const, { minLength: 1 }),
});
type Fleet = typeof world extends fc.Arbitrary<infer T> ? T : never;

function membersOf(fleet: Fleet): { readonly first: DesiredMember[]; readonly second: DesiredMember[] } {
  const one = (principal: DesiredMember['principal'], said: MemberAccess | null): DesiredMember[] =>
    said === null ? [] : [{ principal, access: said, source: { file: 'members.yaml', line: 1 } }];
  return {
    first: [
      ...one({ sid: helpdesk, name: null }, fleet.helpdesk[0]),
      ...one({ sid: contractor, name: null }, fleet.contractor),
      ...one({ sid: domainAdmins, name: null }, fleet.domainAdmins),
      ...one({ localName: 'alice' }, fleet.alice),
      ...one({ builtin: 'administrator' }, fleet.builtin),
    ],
    second: one({ domainName: 'CORP\\helpdesk-7' }, fleet.helpdesk[1]),
  };
}

function accountsOf({ accounts }: Fleet): AccountPolicy[] {
  return Object.entries(accounts).flatMap(([key, said]) => {
    if (said === null) return [];
    const { ensure, enabled, renameTo } = said;
    const properties = ensure === 'absent' ? {} : { Description: 'as declared' };
    return account({
      name: `account-${key}`,
      account: key === 'builtin' ? { builtin: 'administrator' } : { name: key },
      ensure,
      properties,
      ...(enabled === null ? {} : { enabled }),
      ...(renameTo === null ? {} : { renameTo }),
    });
  });
}

const unlimited = { absolute: null, percent: 100, floor: 1000, source: null };

function rolloutOf(paused: Paused): RolloutPolicy {
  const budgets = { removals: unlimited, disables: unlimited, rotations: unlimited, devices: unlimited };
  const rollout: RolloutPolicy = { ...defaultRollout, budgets, minObserved: { percent: 0, source: null } };
  const pause = { from: null, until: null, reason: null, source };
  switch (paused) {
    case 'freeze':
    case 'suspended':
      return { ...rollout, pauses: [{ guard: paused, ...pause }] };
    case 'window':
      return { ...rollout, windows: [{ days: null, from: 1320, to: 1380, timeZone: 'UTC', source }] };
    case 'gate':
      return {
        ...rollout,
        canaries: { devices: 1, selector: null, source },
        gate: { percent: 99, withinSeconds: 60, source },
      };
    default:
      return rollout;
  }
}

function recoveryOf({ recovery }: Fleet): RecoveryPrincipal[] {
  const principals = {
    alice: { localName: 'alice' },
    builtin: { builtin: 'administrator' as const },
    helpdesk: { sid: helpdesk, name: null },
  };
  return recovery.map((one) => ({ principal: principals[one], how: 'in the safe' }));
}

function nameOf({ trouble }: Drawn, index: number): string {
  return `D${index}-${trouble}`;
}

function inventoryOf({ trouble, builtin: own, users, admins, laps }: Drawn): Inventory {
  const present = [
    user(500, 'Administrator', own),
    ...users.flatMap((one, index) => (one === null ? [] : [user(1001 + index, names[index] ?? '', one)])),
  ];
  const sids = new Set(present.map(({ rid }) => localSid(rid)));
  return inventory({
    users: present,
    admins: admins.filter((sid) => sid.startsWith('S-') || sids.has(sid)),
    laps,
    os: { build: '10.0.20348', kind: trouble === 'dc' ? 'dc' : 'server' },
    powershell: trouble === 'outdated' ? '4.0' : '5.1',
    language: trouble === 'constrained' ? 'constrained' : 'full',
  });
}

/** What a device has refused before, in whatever way it would be asked again. */
const refusedOnAlice: readonly Operation[] = [{ name: 'alice' }, { rid: 1001 }].flatMap((one): Operation[] => [
  { kind: 'account.disable', account: one },
  { kind: 'account.delete', account: one },
  { kind: 'account.rename', account: one, to: 'renamed' },
]);
const inUse: Readonly<Record<string, InUse>> = Object.fromEntries(
  refusedOnAlice.map((operation) => [refusalKey(operation), { at: '2026-03-02T09:00:00.000Z', message: 'a service' }]),
);
const contested: ReadonlyMap<string, Contest> = new Map(
  (['group.add', 'group.remove'] as const).map((kind) => [
    subjectKey(kind, { group: ADMINISTRATORS, member: contractor }),
    { times: 3, actor: null },
  ]),
);
const emptiedNote = { 'policy LocalGroupMembership emptied': 'matches, with members' };

function recordOf(drawn: Drawn, index: number): RecordedComputer {
  return computer(String(index + 1), {
    name: nameOf(drawn, index),
    protect: drawn.trouble === 'unprotected' ? 'Disabled' : 'JITA',
    identityConflict: drawn.trouble === 'doubtful' ? 'another machine answers' : null,
    sessions: drawn.sessions,
    ...(drawn.inUse ? { inUse } : {}),
    ...(drawn.emptied ? { appliedSignature: 'k', lastSeenAt: '2026-03-01T09:00:00Z' } : {}),
  });
}

function worldOf(fleet: Fleet): World {
  const { machines, mode, paused } = fleet;
  const { first, second } = membersOf(fleet);
  const ids = <T>(of: (drawn: Drawn) => T | null): Map<string, T> =>
    new Map(
      machines.flatMap((drawn, index) => {
        const value = of(drawn);
        return value === null ? [] : [[String(index + 1), value] as const];
      }),
    );
  const { principals: _, ...own } = provider();
  return {
    provider: { ...own, enable: paused !== 'provider-off', principals: new Map([['CORP\\helpdesk-7', helpdesk]]) },
    desired: {
      rollout: rolloutOf(paused),
      computers: [
        computers({ recovery: recoveryOf(fleet) }),
        computers({ name: 'watched', priority: 1, selector: { name: [pattern('*-watched')] }, enforcement: 'observe' }),
        computers({ name: 'old', priority: 1, selector: { name: [pattern('*-old')] }, maxScanAgeSeconds: 60 }),
      ],
      memberships: [
        membership({ mode, members: first }),
        membership({ name: 'second', members: second }),
        membership({ name: 'emptied', selector: { name: [pattern('NOBODY')] } }),
      ],
      accounts: accountsOf(fleet),
      exclusions: [exclusion('lab', { name: [pattern('*-excluded')] })],
    },
    recorded: {
      computers: machines.map(recordOf),
      applied: new Map([['k', emptiedNote]]),
      contests: ids((drawn) => (drawn.contested ? contested : null)),
      orphans: ids((drawn) =>
        drawn.gone ? new Set([subjectKey('group.remove', { group: ADMINISTRATORS, member: orphan })]) : null,
      ),
      ...(paused === 'gate'
        ? { rollout: { run: 'r', failed: { run: 'r', wave: 1, devices: 2, healthy: 1 }, waiting: new Map() } }
        : {}),
    },
    attended: paused !== 'gate',
    seen: machines.map((drawn, index) => ({
      id: String(index + 1),
      name: nameOf(drawn, index),
      state: inventoryOf(drawn),
    })),
    scan: { ageSeconds: 600 },
    allow: machines.flatMap((drawn, index): Allowance[] =>
      drawn.allowed === null ? [] : [{ guard: drawn.allowed, device: nameOf(drawn, index), reason: 'CHG-1' }],
    ),
  };
}

interface Sight {
  readonly fleet: Fleet;
  readonly drawn: Drawn;
  readonly before: Machine;
  readonly now: Machine;
}

/** Whether the promise of each guard is kept at this moment, on a device for which nobody set it aside. */
const promises: Readonly<Record<Guard, (sight: Sight) => boolean>> = {
  'domain-controller': untouched,
  excluded: untouched,
  unobserved: untouched,
  'protect-disabled': untouched,
  identity: untouched,
  observe: untouched,
  'not-ready': untouched,
  freeze: untouched,
  suspended: untouched,
  window: untouched,
  gate: untouched,
  'provider-off': untouched,
  'last-admin': ({ before, now }) => {
    const [was, is] = [waysIn(before), waysIn(now)];
    if (was.usable > 0) return is.usable > 0;
    return was.enabled === 0 || is.usable + is.enabled > 0;
  },
  'built-in': ({ now }) => now.users.has(builtin) && now.admins.has(builtin),
  'laps-owned': ({ before, now }) =>
    before.laps === null || (sameUser(before, now, before.laps) && stays(before, now, before.laps)),
  ownership: (sight) => membershipStands(sight) && builtInStands(sight) && nameStaysFree(sight),
  orphan: ({ drawn, before, now }) => drawn.gone || stays(before, now, orphan),
  dependents: ({ drawn, before, now }) => {
    const [was, is] = [before.users.get(alice), now.users.get(alice)];
    return (
      !drawn.inUse || was === undefined || (is !== undefined && is.name === 'alice' && (is.enabled || !was.enabled))
    );
  },
  contested: ({ drawn, before, now }) =>
    !drawn.contested || before.admins.has(contractor) === now.admins.has(contractor),
  'active-session': ({ drawn, before, now }) =>
    drawn.sessions.every((sid) => {
      const [was, is] = [before.users.get(sid), now.users.get(sid)];
      return stays(before, now, sid) && (was === undefined || (is !== undefined && (is.enabled || !was.enabled)));
    }),
  'empty-desired': ({ drawn, before, now }) =>
    !drawn.emptied ||
    ([...before.admins].every((sid) => now.admins.has(sid)) &&
      [...before.users].every(([sid, was]) => now.users.has(sid) && (now.users.get(sid)?.enabled || !was.enabled))),
};

/** It comes to a command at all only where nothing holds the device whole. */
function untouched(): boolean {
  return true;
}

function stays({ admins }: Machine, now: Machine, sid: Sid): boolean {
  return !admins.has(sid) || now.admins.has(sid);
}

function sameUser(before: Machine, now: Machine, sid: Sid): boolean {
  return JSON.stringify(before.users.get(sid)) === JSON.stringify(now.users.get(sid));
}

/** By SID and by name something else is said of the help desk, which is one principal. */
function membershipStands({ fleet: { helpdesk: said, mode }, before, now }: Sight): boolean {
  const [bySid, byName] = said;
  if (bySid === null || byName === null || bySid === byName) return true;
  // Who may be a member and who is to be one agree, unless the group is exact.
  if (mode === 'include' && !said.includes('absent')) return now.admins.has(helpdesk) || !before.admins.has(helpdesk);
  return before.admins.has(helpdesk) === now.admins.has(helpdesk);
}

/** As the built-in one and by its name something else is said of RID 500. */
function builtInStands({ fleet: { accounts }, before, now }: Sight): boolean {
  const { builtin: one, administrator: other } = accounts;
  // Where the one is renamed, the other speaks of whoever has the name then.
  if (one === null || other === null || (one.renameTo !== null && other.renameTo === null)) return true;
  const contrary = one.enabled !== null && other.enabled !== null && one.enabled !== other.enabled;
  return !(contrary || one.ensure !== other.ensure) || sameUser(before, now, builtin);
}

/** No account gets a name that several are to have. */
function nameStaysFree({ fleet: { accounts }, before, now }: Sight): boolean {
  const claimants = new Set<string>();
  for (const [key, said] of Object.entries(accounts)) {
    if (said === null || said.ensure === 'absent' || said.renameTo === null) continue;
    claimants.add(key === 'administrator' ? 'builtin' : key);
  }
  if (claimants.size < 2) return true;
  const bearers = ({ users }: Machine) => [...users.values()].filter(({ name }) => name === 'renamed').length;
  return bearers(now) === bearers(before);
}

function copyOf(one: Machine): Machine {
  return { ...one, users: new Map(one.users), admins: new Set(one.admins) };
}

function heldOn({ held }: Plan, label: string): Set<Guard> {
  return new Set(held.filter(({ devices }) => devices.includes(label)).map(({ guard }) => guard));
}

it('every guard keeps its promise after every command', { timeout: 60_000 }, () => {
  const holding = new Map<Guard, number>();
  const played = new Map<string, number>();
  const check = (fleet: Fleet): void => {
    const planned = plan(worldOf(fleet));
    const recovery = recoveryOf(fleet);
    for (const [index, drawn] of fleet.machines.entries()) {
      const label = nameOf(drawn, index);
      for (const guard of heldOn(planned, label)) holding.set(guard, (holding.get(guard) ?? 0) + 1);
      const commands = planned.actions
        .filter(({ targets }) => targets.includes(String(index + 1)))
        .flatMap(({ operations }) => operations);
      const whole = drawn.trouble === 'none' ? null : troubleOf[drawn.trouble];
      if (whole !== null && whole !== drawn.allowed) expect(commands, whole).toEqual([]);
      if (fleet.paused !== 'none' && fleet.paused !== drawn.allowed) expect(commands, fleet.paused).toEqual([]);
      const before = machineOf(inventoryOf(drawn), recovery);
      const now = copyOf(before);
      for (const command of commands) {
        if (!run(now, command)) break;
        played.set(stageOfOperation(command), (played.get(stageOfOperation(command)) ?? 0) + 1);
        for (const guard of guards) {
          if (guard === drawn.allowed) continue;
          if (!promises[guard]({ fleet, drawn, before, now })) {
            throw new Error(`${guard} does not hold on ${label} after ${JSON.stringify(command)}`);
          }
        }
      }
    }
  };
  fc.assert(fc.property(world, check), { numRuns: 3000 });
  for (const guard of guards) expect([guard, (holding.get(guard) ?? 0) > 20]).toEqual([guard, true]);
  const stages = ['create', 'enable', 'properties', 'add', 'remove', 'disable', 'delete'];
  for (const stage of stages) expect([stage, (played.get(stage) ?? 0) > 100]).toEqual([stage, true]);
});
