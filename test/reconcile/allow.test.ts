/** Guards that are set aside for one device and one run (4-plan-engine.md): never for more. */
import { describe, expect, it } from 'vitest';
import { defaultRollout, type ExclusionPolicy, type Pause } from '../../src/model/desired.ts';
import { type Guard, guards, releasableGuards } from '../../src/model/guard.ts';
import type { Allowance } from '../../src/model/plan.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import { computer, computers, contractor, inventory, member, membership, plan, ref, type World } from './world.ts';

const source = { file: 'rollout.yaml', line: 4 };
const freeze: Pause = { guard: 'freeze', from: null, until: null, reason: null, source };
const intruded = inventory({ admins: [contractor] });

/** Two devices, each with an administrator who has to go. */
function world(parts: World['desired'] = {}): World {
  return {
    desired: {
      rollout: {
        ...defaultRollout,
        budgets: { ...defaultRollout.budgets, devices: { ...defaultRollout.budgets.devices, percent: 100 } },
      },
      computers: [computers({})],
      memberships: [membership({ members: [{ ...member(contractor), access: 'absent' }] })],
      ...parts,
    },
    seen: [
      { id: '1', name: 'SRV-1', state: intruded },
      { id: '2', name: 'SRV-2', state: intruded },
    ],
  };
}

function allow(guard: Guard, device: string): readonly Allowance[] {
  return [{ guard, device, reason: 'CHG-1' }];
}

function changed(world: World): readonly string[] {
  return plan(world).changes.flatMap(({ devices }) => devices);
}

const rollout = (world({}).desired ?? {}).rollout ?? defaultRollout;

const cases: Readonly<Record<string, World>> = {
  freeze: world({ rollout: { ...rollout, pauses: [freeze] } }),
  suspended: world({ rollout: { ...rollout, pauses: [{ ...freeze, guard: 'suspended' }] } }),
  window: world({
    rollout: { ...rollout, windows: [{ days: null, from: 1320, to: 1380, timeZone: 'UTC', source }] },
  }),
  observe: world({ computers: [computers({ enforcement: 'observe' })] }),
  'last-admin': world(),
  'protect-disabled': {
    ...world({ computers: [computers({})] }),
    recorded: { computers: ['1', '2'].map((id) => computer(id, { name: `SRV-${id}`, protect: 'Disabled' })) },
  },
  contested: {
    ...world(),
    recorded: {
      contests: new Map(
        ['1', '2'].map((id) => [
          id,
          new Map([[`group.remove group=${ADMINISTRATORS} member=${contractor}`, { times: 3, actor: 'CORP\\eve' }]]),
        ]),
      ),
    },
  },
  excluded: world({
    exclusions: [
      {
        ref: ref('Exclusion', 'lab'),
        selector: {},
        until: '2026-12-31T00:00:00.000Z',
        reason: 'lab',
        owner: null,
      } satisfies ExclusionPolicy,
    ],
  }),
};

describe('--allow', () => {
  it.each(Object.keys(cases).filter((guard) => guard !== 'last-admin'))('sets %s aside for the one device', (guard) => {
    const held = cases[guard] ?? {};
    const lastAdmin = allow('last-admin', 'SRV-2');
    expect(changed(held)).toEqual([]);
    expect(changed({ ...held, allow: [...lastAdmin, ...allow(guard as Guard, 'srv-2')] })).toEqual(['SRV-2']);
  });

  it('sets last-admin aside for the one device, and the other keeps its last administrator', () => {
    expect(changed({ ...cases['last-admin'], allow: allow('last-admin', '2') })).toEqual(['SRV-2']);
  });

  it('is part of the plan and told in it, with its reason', () => {
    const { allowances, warnings, held } = plan({ ...world(), allow: allow('last-admin', 'SRV-2') });
    expect(allowances).toEqual([{ guard: 'last-admin', device: 'SRV-2', reason: 'CHG-1' }]);
    expect(warnings).toContain('The guard last-admin is set aside on SRV-2: CHG-1.');
    expect(held.map(({ guard, devices }) => [guard, devices])).toEqual([['last-admin', ['SRV-1']]]);
  });

  it('tells of an allowance that frees nothing', () => {
    const { warnings } = plan({ ...world(), allow: allow('freeze', 'SRV-2') });
    expect(warnings).toContain(
      'The guard freeze is set aside on SRV-2: CHG-1. It changes nothing: the device is held by another guard.',
    );
  });

  it('keeps each change held by whatever else holds it', () => {
    const frozen = { ...cases['freeze'], allow: allow('last-admin', 'SRV-2') };
    expect(plan(frozen).held.map(({ guard }) => guard)).toEqual(['freeze']);
  });

  it.each(guards.filter((guard) => !releasableGuards.has(guard)))('never sets %s aside', (guard) => {
    expect(() => plan({ ...world(), allow: allow(guard, 'SRV-1') })).toThrow(
      expect.objectContaining({ code: 'TRUEUP_GUARD_PERMANENT' }),
    );
  });

  it('knows the device, or refuses', () => {
    expect(() => plan({ ...world(), allow: allow('last-admin', 'SRV-9') })).toThrow(
      expect.objectContaining({ code: 'TRUEUP_DEVICE_NOT_FOUND' }),
    );
  });

  it('takes nothing of RID 500, whatever is set aside', () => {
    const all = [...releasableGuards].flatMap((guard) => allow(guard, 'SRV-1'));
    const { changes } = plan({ ...world(), allow: all });
    expect(changes.every(({ subject }) => subject['group'] !== ADMINISTRATORS || subject['member'] !== '~-500')).toBe(
      true,
    );
  });
});
