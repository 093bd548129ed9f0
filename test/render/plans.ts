/** Plans as the engine really makes them, of small worlds that each show one thing. */
import { type Desired, defaultRollout, type RolloutPolicy, type Source } from '../../src/model/desired.ts';
import type { Inventory, LocalUser } from '../../src/model/inventory.ts';
import { defaultOptions } from '../../src/model/options.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { AppliedFacets } from '../../src/model/recorded.ts';
import { localSid } from '../../src/model/sid.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  contractor,
  domainAdmins,
  exclusion,
  helpdesk,
  inventory,
  look,
  member,
  membership,
  orphan,
  pattern,
  plan,
  provider,
  providerRow,
  recovery,
  ref,
  user,
  type World,
} from '../reconcile/world.ts';

const admins = membership({
  name: 'server-admins',
  line: 4,
  mode: 'exact',
  members: [member(domainAdmins), member(helpdesk)],
});
const emergency = account({
  line: 12,
  enabled: true,
  properties: { Description: 'For emergencies', PasswordNeverExpires: true },
});
const managed = computers({
  name: 'servers',
  enroll: true,
  scan: true,
  protect: 'JITA',
  offlineAccess: 'Unmanaged',
  edrIntegration: 'Production Tanium',
  recovery: recovery(domainAdmins),
});
export const declared: Pick<Desired, 'computers' | 'memberships' | 'accounts'> = {
  computers: [managed],
  memberships: [admins],
  accounts: [emergency],
};
const met = inventory({
  users: [{ ...breakglass, description: 'For emergencies', flags: ['nx'] }],
  admins: [domainAdmins, helpdesk],
});

/** Everything is as declared, on three devices. */
export function empty(): Plan {
  return plan({ desired: declared, seen: ['1', '2', '3'].map((id) => ({ id, state: met })) });
}

/** No row, no computer, no account: all that a fresh installation needs. */
export function firstRun(): Plan {
  const fresh = inventory({ users: [], admins: [domainAdmins, contractor] });
  return plan({
    desired: declared,
    provider: provider({ options: defaultOptions }),
    recorded: { toggle: null, providers: [], computers: [] },
    seen: ['1', '2', '3', '4', '5'].map((id) => ({ id, state: fresh })),
  });
}

/** Devices that once were as declared, and what became of them; and what the guards hold. */
export function driftMix(): Plan {
  return plan({
    ...driftWorld,
    recorded: {
      computers: [
        ...['1', '2', '3', '4', '5', '6'].map((id) => computer(id, { appliedSignature: 'k' })),
        computer('7', { protect: 'Disabled' }),
        computer('8', { pendingUntil: '2026-03-02T09:40:00Z' }),
        computer('9'),
        computer('10', { protect: 'Disabled', appliedSignature: 'k' }),
        computer('11'),
      ],
      applied: noted(),
      providers: [providerRow({ options: { ...defaultOptions, bulk_scan_batch_size: 500 } })],
    },
    scan: { ageSeconds: 360 },
  });
}

const driftWorld: Pick<World, 'desired' | 'provider' | 'seen'> = {
  desired: {
    ...declared,
    computers: [
      managed,
      computers({ name: 'lab', line: 9, priority: 5, protect: 'Disabled', selector: { name: [pattern('SRV-7')] } }),
    ],
    accounts: [emergency, account({ name: 'leaver', line: 20, account: { name: 'jdoe' }, ensure: 'absent' })],
    exclusions: [exclusion('cluster', { name: [pattern('SRV-11')] })],
  },
  provider: provider({ options: { bulk_scan_batch_size: 100 } }),
  seen: [
    { id: '1', state: withMembers(domainAdmins, helpdesk, contractor) },
    { id: '2', state: withMembers(domainAdmins, helpdesk, contractor) },
    { id: '3', state: withUsers({ ...breakglass, enabled: false, description: 'For emergencies', flags: ['nx'] }) },
    { id: '4', state: withUsers({ ...breakglass, description: 'hacked by me', flags: ['nx'] }, user(1005, 'jdoe')) },
    { id: '5', state: withMembers(helpdesk, orphan, localSid(1005)) },
    {
      id: '6',
      name: 'SRV-DC-02',
      state: inventory({ os: { build: '10.0.20348', kind: 'dc' }, users: [], admins: [] }),
    },
    { id: '7', state: withMembers(domainAdmins) },
    { id: '10', state: met },
    { id: '11', state: met },
  ],
};

function withMembers(...sids: readonly string[]): Inventory {
  return inventory({
    users: [{ ...breakglass, description: 'For emergencies', flags: ['nx'] }, user(1005, 'mallory')],
    admins: sids,
  });
}

function withUsers(...users: readonly LocalUser[]): Inventory {
  return inventory({ users, admins: [domainAdmins, helpdesk] });
}

/** What a look at a device as declared notes, under the key `k`. */
export function noted(): ReadonlyMap<string, AppliedFacets> {
  const { findings } = look({ desired: declared, seen: [{ id: '1', state: met }] });
  const [device] = findings.devices;
  return new Map([['k', findings.applied.get(device?.appliedKey ?? '') ?? {}]]);
}

/** More removals than the Rollout allows. */
export function overBudget(): Plan {
  return plan({
    desired: { ...declared, rollout: rollout({ removals: 2 }) },
    seen: ['1', '2', '3'].map((id) => ({ id, state: withMembers(domainAdmins, helpdesk, contractor) })),
  });
}

function rollout(limits: Partial<Record<keyof RolloutPolicy['budgets'], number>>): RolloutPolicy {
  const named = ref('Rollout', 'rollout', 3);
  const budgets = { ...defaultRollout.budgets };
  for (const name of ['removals', 'disables', 'rotations', 'devices'] as const) {
    budgets[name] = {
      absolute: limits[name] ?? 1000,
      percent: null,
      floor: 0,
      source: { file: 'rollout.yaml', line: 9 },
    };
  }
  return { ...defaultRollout, ref: named, budgets };
}

/** Nine devices with two kinds of change, in four waves of which nobody has released the third. */
export function inWaves(): Plan {
  const named = rollout({});
  const source = (line: number): Source => ({ file: 'rollout.yaml', line });
  const wave = { selector: null, requireApproval: false };
  const fallen = withUsers({ ...breakglass, enabled: false, description: 'For emergencies', flags: ['nx'] });
  return plan({
    desired: {
      ...declared,
      rollout: {
        ...named,
        canaries: { devices: 2, selector: null, source: source(11) },
        waves: [
          { ...wave, name: 'pilot', size: { percent: 20 }, source: source(14) },
          { ...wave, name: null, size: { devices: 3 }, requireApproval: true, source: source(15) },
          { ...wave, name: null, size: 'rest', source: source(17) },
        ],
        gate: { percent: 99, withinSeconds: 1200, source: source(18) },
      },
    },
    seen: ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((id) => ({
      id,
      state: Number(id) < 4 ? fallen : withMembers(domainAdmins, helpdesk, contractor),
    })),
  });
}

/** One device of four answered. */
export function tooFewObserved(): Plan {
  return plan({
    desired: declared,
    recorded: { computers: ['1', '2', '3', '4'].map((id) => computer(id)) },
    seen: [{ id: '1', state: withMembers(domainAdmins, helpdesk, contractor) }],
    scan: { expected: 4 },
  });
}

/** #116 */
export function endOfOfflineAccess(): Plan {
  return plan({
    desired: declared,
    recorded: {
      computers: [
        computer('1', { offlineAccess: 'os-best-practice' }),
        computer('2', { offlineAccess: 'custom' }),
        computer('3', { offlineAccess: 'custom' }),
      ],
    },
    seen: ['1', '2', '3'].map((id) => ({ id, state: met })),
  });
}

export function providerOff(): Plan {
  return plan({
    desired: declared,
    provider: provider({ enable: false }),
    recorded: { computers: [computer('1'), computer('2')] },
    scan: { at: null, expected: 0 },
  });
}

export function notActedOn(): Plan {
  return plan({
    desired: {
      ...declared,
      notActedOn: [
        { policy: ref('AccessGrant', 'on-call', 3), fields: ['spec.from', 'spec.until'] },
        { policy: ref('AccessGrant', 'vendor'), fields: ['spec'] },
      ],
    },
    seen: [{ id: '1', state: met }],
  });
}
