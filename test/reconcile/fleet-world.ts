/** What a drawn fleet is to the planner: its records, what it shows, and what is declared of it. */
import {
  type AccountPolicy,
  type DesiredMember,
  defaultRollout,
  type MemberAccess,
  type RecoveryPrincipal,
  type RolloutPolicy,
  type RotationPolicy,
} from '../../src/model/desired.ts';
import { subjectKey } from '../../src/model/drift.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Allowance } from '../../src/model/plan.ts';
import type { Contest, Holding, InUse, RecordedComputer } from '../../src/model/recorded.ts';
import { defaultRotation } from '../../src/model/rotation.ts';
import { ADMINISTRATORS, localSid, type Sid } from '../../src/model/sid.ts';
import { refusalKey } from '../../src/reconcile/in-use.ts';
import { type Drawn, type Fleet, names, type PasswordState, type Paused } from './any-fleet.ts';
import {
  account,
  computer,
  computers,
  contractor,
  domainAdmins,
  exclusion,
  helpdesk,
  holding,
  inventory,
  membership,
  orphan,
  pattern,
  provider,
  rotated,
  rotation,
  user,
  type World,
} from './world.ts';

const source = { file: 'rollout.yaml', line: 1 };

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

/** Two policies, which agree on what both name. */
function rotationsOf({ rotated: names }: Fleet): RotationPolicy[] {
  const accounts = names.map((name) => (name === 'builtin' ? { builtin: 'administrator' as const } : { name }));
  if (accounts.length === 0) return [];
  return [
    rotation({ accounts }),
    rotation({ name: 'first', priority: 1, accounts: accounts.slice(0, 1), retentionDays: 7 }),
  ];
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

export function recoveryOf({ recovery }: Fleet): RecoveryPrincipal[] {
  const principals = {
    alice: { localName: 'alice' },
    builtin: { builtin: 'administrator' as const },
    helpdesk: { sid: helpdesk, name: null },
  };
  return recovery.map((one) => ({ principal: principals[one], how: 'in the safe' }));
}

export function nameOf({ trouble }: Drawn, index: number): string {
  return `D${index}-${trouble}`;
}

const passwordRids = [500, 1001];

/** Of accounts that the device has. */
function passwordsOf({ passwords, users }: Drawn): readonly { readonly rid: number; readonly state: PasswordState }[] {
  return passwords.flatMap((state, index) => {
    const rid = passwordRids[index] ?? 0;
    return state === 'none' || (rid === 1001 && (users[0] ?? null) === null) ? [] : [{ rid, state }];
  });
}

/** Accounts that have the passwords which are held. */
export function knownOf(drawn: Drawn): ReadonlySet<Sid> {
  const held = passwordsOf(drawn).filter(({ state }) => state !== 'reset');
  return new Set(held.map(({ rid }) => localSid(rid)));
}

const open = { id: 'r2', generator: 'endpoint', publicKey: 'bg==,AQAB', askedAt: '2026-03-02T08:00:00Z' } as const;

function holdingsOf(drawn: Drawn): readonly Holding[] | null {
  const found = passwordsOf(drawn).map(({ rid, state }) =>
    holding({ account: rid === 500 ? 'builtin' : 'alice', rid, open: state === 'asked' ? open : null }),
  );
  return found.length === 0 ? null : found;
}

export function inventoryOf(drawn: Drawn): Inventory {
  const { trouble, builtin: own, users, admins, laps } = drawn;
  const present = [
    user(500, 'Administrator', own),
    ...users.flatMap((one, index) => (one === null ? [] : [user(1001 + index, names[index] ?? '', one)])),
  ];
  const sids = new Set(present.map(({ rid }) => localSid(rid)));
  return inventory({
    users: present,
    admins: admins.filter((sid) => sid.startsWith('S-') || sids.has(sid)),
    laps,
    rotations: passwordsOf(drawn).map(({ rid, state }) => ({
      ...rotated,
      rid,
      state: state === 'reset' ? 'changed' : 'set',
    })),
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
  {
    kind: 'password.rotate',
    account: one,
    generator: 'endpoint',
    complexity: defaultRotation.complexity,
    rotation: null,
  },
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

export function worldOf(fleet: Fleet): World {
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
      rotations: rotationsOf(fleet),
      exclusions: [exclusion('lab', { name: [pattern('*-excluded')] })],
    },
    recorded: {
      computers: machines.map(recordOf),
      applied: new Map([['k', emptiedNote]]),
      credentials: ids(holdingsOf),
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
