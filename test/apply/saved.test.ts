import { describe, expect, it } from 'vitest';
import { planFileText, planFrom } from '../../src/apply/plan-file.ts';
import { revive } from '../../src/apply/saved.ts';
import type { RolloutPolicy } from '../../src/model/desired.ts';
import type { Plan } from '../../src/model/plan.ts';
import { nothingSpent } from '../../src/model/recorded.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import { digestOf } from '../../src/reconcile/assemble.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  contractor,
  desired,
  domainAdmins,
  inventory,
  member,
  membership,
  plan,
  type Seen,
  type World,
} from '../reconcile/world.ts';

const disabled = inventory({ users: [{ ...breakglass, enabled: false }] });
const intruded = inventory({ users: [{ ...breakglass, enabled: false }], admins: [domainAdmins, contractor] });
const good = inventory();

const { rollout } = desired();

function seeing(...states: [id: string, state: Seen['state']][]): Plan {
  const devices = states.map(([id, state]) => (state === undefined ? null : { id, state }));
  return planOf(devices.filter((device) => device !== null));
}

function planOf(seen: readonly Seen[], parts: Partial<World> = {}): Plan {
  return plan({
    ...parts,
    desired: {
      accounts: [account({ enabled: true })],
      memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
      ...parts.desired,
    },
    seen,
  });
}

function revived(before: Plan, now: Plan, allowed: RolloutPolicy = rollout): Plan {
  return revive(before, now, allowed, nothingSpent);
}

const saved = seeing(['1', disabled], ['2', disabled]);

function differences(now: Plan): string {
  try {
    revived(saved, now);
    return 'none';
  } catch (error) {
    expect(error).toMatchObject({ code: 'TRUEUP_PLAN_STALE', exitCode: 5 });
    return (error as Error).message;
  }
}

function kept(made: Plan): Plan {
  const now = '2026-03-02T09:20:00Z';
  const text = planFileText({ plan: made, madeAt: now, by: 'test@host' }, null);
  return planFrom(text, { verifyKey: null, maxAgeSeconds: null, now });
}

describe('a saved plan', () => {
  it('is carried out as it was reviewed while nothing of it has changed', () => {
    expect(saved.actions.map((action) => action.devices)).toEqual([['SRV-1', 'SRV-2']]);
    expect(revived(saved, seeing(['1', disabled], ['2', disabled]))).toEqual(saved);
  });

  it('is the same plan after it was a file', () => {
    const properties = { FullName: 'Break-glass', Description: 'last resort', PasswordNeverExpires: true } as const;
    const made = plan({
      desired: { accounts: [account({ name: 'new', account: { name: 'new' }, properties })] },
      seen: [{ id: '1' }],
    });
    expect(made.changes.map(({ kind }) => kind)).toEqual(['account.create']);
    expect(revived(kept(made), made)).toEqual(made);
  });

  it('does not mind news of a device that is not in it', () => {
    expect(differences(seeing(['1', disabled], ['2', disabled], ['3', intruded]))).toBe('none');
  });

  it('is stale when a change of it is done already', () => {
    expect(differences(seeing(['1', disabled], ['2', good]))).toContain(
      'SRV-2: account.enable account=corp_breakglass is no longer to be done',
    );
  });

  it('is stale when one of its devices needs something more', () => {
    expect(differences(seeing(['1', disabled], ['2', intruded]))).toMatch(/SRV-2: group\.remove .* is new/);
  });

  it('says what differs of the first five, and how much more there is', () => {
    const ids = ['1', '2', '3', '4', '5', '6', '7'];
    const before = seeing(...ids.map((id): [string, Seen['state']] => [id, disabled]));
    const now = seeing(...ids.map((id): [string, Seen['state']] => [id, intruded]));
    expect(() => revived(before, now)).toThrow(/SRV-5: group\.remove [^;]* is new; and 2 more\./);
  });

  it('is stale when a record of the provider has changed since', () => {
    const seen = ['1', '2'].map((id) => ({ id, state: disabled }));
    const off = planOf(seen, {
      recorded: { computers: seen.map(({ id }) => computer(id)), toggle: { name: 'tanium_cloud', enabled: false } },
    });
    expect(differences(off)).toContain('provider: toggle.set toggle=tanium_cloud is new');
  });

  it('is stale when another machine goes by the name of one of its devices', () => {
    const named = (id: string): Plan => planOf([{ id, name: 'SRV-1', state: disabled }]);
    expect(() => revived(named('1'), named('7'))).toThrow('SRV-1 is another machine now');
  });

  describe('in waves', () => {
    const source = { file: 'rollout.yaml', line: 9 };
    const canaries = { devices: 1, selector: null, source };
    const rest = { name: null, size: 'rest', selector: null, requireApproval: false, source } as const;
    const gate = { percent: 99, withinSeconds: 1200, source };
    const inWaves = (parts: Partial<RolloutPolicy> = {}): Plan => {
      const declared = { ...rollout, canaries, waves: [rest], gate, ...parts };
      const seen = ['1', '2', '3'].map((id) => ({ id, state: disabled }));
      return planOf(seen, { desired: { accounts: [account({ enabled: true })], memberships: [], rollout: declared } });
    };
    const stale = (now: Plan): unknown => {
      try {
        return revived(inWaves(), now).actions.length;
      } catch (error) {
        return (error as Error).message.replace(/^.* is stale: /, '');
      }
    };

    it('is carried out while waves and gate are what they were, wherever they stand', () => {
      expect(stale(inWaves())).toBe(2);
      expect(stale(inWaves({ gate: { ...gate, source: { file: 'other.yaml', line: 1 } } }))).toBe(2);
    });

    it('is stale when the gate is another, or gone', () => {
      expect(stale(inWaves({ gate: { ...gate, percent: 50 } }))).toBe(
        'gate: 50 % within 1200 s now, was 99 % within 1200 s.',
      );
      expect(stale(inWaves({ gate: null }))).toBe('gate: none now, was 99 % within 1200 s.');
    });

    it('is stale when the waves are others, or gone', () => {
      expect(stale(inWaves({ canaries: { ...canaries, devices: 2 } }))).toMatch(/^SRV-\d goes in wave 1 now, not 2\.$/);
      expect(stale(inWaves({ canaries: null, waves: [] }))).toBe('no waves are declared now.');
    });
  });

  it('is stale for another provider, though its devices were the same', () => {
    expect(differences({ ...saved, provider: 'Test Tanium' })).toContain(
      `it is of provider ${saved.provider}, not Test Tanium`,
    );
  });

  it('sends what the present plan says, whatever the file has in its actions', () => {
    const forged = saved.actions.map((action) => ({
      ...action,
      operations: [{ kind: 'group.remove' as const, group: ADMINISTRATORS, members: [{ sid: domainAdmins }] }],
      targets: action.targets.map(() => '666'),
      devices: action.devices.map(() => 'SRV-666'),
    }));
    const { digest: _, ...content } = { ...saved, actions: forged };
    const file = kept({ ...content, digest: digestOf(content) });
    const now = seeing(['1', disabled], ['2', disabled], ['666', good]);
    expect(revived(file, now).actions).toEqual(now.actions);
  });

  it('leaves out the devices that have gone silent, their records too, and says so', () => {
    const records = ['1', '2'].map((id) => computer(id, { scan: false }));
    const both = { desired: { computers: [computers({ scan: true })] }, recorded: { computers: records } };
    const before = planOf(
      [
        { id: '1', state: disabled },
        { id: '2', state: disabled },
      ],
      both,
    );
    expect(before.changes.map(({ kind, devices }) => [kind, devices])).toEqual([
      ['computer.set', ['SRV-1', 'SRV-2']],
      ['account.enable', ['SRV-1', 'SRV-2']],
    ]);
    const now = planOf([{ id: '1', state: disabled }], both);
    const part = revived(before, now);
    expect(part.changes.map(({ kind, devices }) => [kind, devices])).toEqual([
      ['computer.set', ['SRV-1']],
      ['account.enable', ['SRV-1']],
    ]);
    expect(part.actions.map(({ targets }) => targets)).toEqual([['1']]);
    expect(part.held).toMatchObject([{ guard: 'unobserved', devices: ['SRV-2'] }]);
    expect(part.summary).toMatchObject({ change: 2, held: 1 });
  });

  it('is refused when too few devices are observed by now', () => {
    const recorded = { computers: ['1', '2', '3', '4'].map((id) => computer(id)) };
    const before = planOf(
      ['1', '2', '3', '4'].map((id) => ({ id, state: disabled })),
      { recorded },
    );
    expect(before.refusal).toBeNull();
    const now = planOf([{ id: '1', state: disabled }], { recorded });
    expect(revived(before, now).refusal).toMatchObject({ kind: 'too-few-observed' });
  });

  it('is refused by the budgets of now, in which other devices do not count', () => {
    const two: Plan = seeing(['1', disabled], ['2', disabled]);
    const budgeted = (devices: number): RolloutPolicy => ({
      ...rollout,
      budgets: { ...rollout.budgets, devices: { absolute: devices, percent: null, floor: 0, source: null } },
    });
    const now = (allowed: RolloutPolicy): Plan =>
      planOf(
        ['1', '2', '3'].map((id) => ({ id, state: disabled })),
        { desired: { rollout: allowed } },
      );
    expect(revived(two, now(budgeted(1)), budgeted(1)).refusal).toMatchObject({ kind: 'budget' });
    expect(now(budgeted(2)).refusal).toMatchObject({ kind: 'budget' });
    expect(revived(two, now(budgeted(2)), budgeted(2)).refusal).toBeNull();
  });
});
