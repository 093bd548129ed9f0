/** What one run may spend, and how much of the fleet it must have seen. */
import { describe, expect, it } from 'vitest';
import { type Budget, defaultRollout, type RolloutPolicy, type Spending } from '../../src/model/desired.ts';
import type { BudgetUse } from '../../src/model/plan.ts';
import { nothingSpent, type Spent } from '../../src/model/recorded.ts';
import { budgetsOf, expenseOf, refusalOf, spentBy } from '../../src/reconcile/budget.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import {
  computer,
  computers,
  contractor,
  domainAdmins,
  inventory,
  member,
  membership,
  plan,
  recovery,
  ref,
} from './world.ts';

const source = { file: 'rollout.yaml', line: 7 };

function limitOf(parts: Partial<Budget>, selected: number): number | undefined {
  const removals: Budget = { absolute: null, percent: null, floor: 0, source, ...parts };
  const rollout: RolloutPolicy = { ...defaultRollout, budgets: { ...defaultRollout.budgets, removals } };
  return budgetsOf(rollout, spentBy([], 0), selected, nothingSpent, []).find(({ name }) => name === 'removals')?.limit;
}

describe('a budget', () => {
  it.each([
    ['a number', { absolute: 3 }, 1000, 3],
    ['a share', { percent: 2 }, 1000, 20],
    ['the smaller of both', { absolute: 3, percent: 2 }, 1000, 3],
    ['the smaller of both, the other way round', { absolute: 50, percent: 2 }, 1000, 20],
    ['a share that is never less than its floor', { percent: 2, floor: 5 }, 10, 5],
    ['never more than its number, whatever the floor of its share', { absolute: 2, percent: 2, floor: 5 }, 10, 2],
    ['nothing where it says nothing', { absolute: 0 }, 1000, 0],
  ])('is %s', (_, parts, selected, limit) => {
    expect(limitOf(parts, selected)).toBe(limit);
  });

  it('without a Rollout is 5 or 2 % of removals and disables, 20 % of rotations, half of the devices', () => {
    const limits = (selected: number): [string, number][] =>
      budgetsOf(defaultRollout, spentBy([], 0), selected, nothingSpent, []).map(({ name, limit }) => [name, limit]);
    expect(limits(10)).toEqual([
      ['removals', 5],
      ['disables', 5],
      ['rotations', 2],
      ['devices', 5],
    ]);
    expect(limits(1000)).toEqual([
      ['removals', 20],
      ['disables', 20],
      ['rotations', 200],
      ['devices', 500],
    ]);
  });
});

describe('a budget of which some is spent', () => {
  const removals: Budget = { absolute: 10, percent: 1, floor: 0, source };
  const rollout: RolloutPolicy = { ...defaultRollout, budgets: { ...defaultRollout.budgets, removals } };
  const two = spentBy([{ kind: 'group.remove', devices: ['a', 'b'] }], 2);
  const seen = { selected: 400, observed: 400 };

  function after(own: number, all: number): BudgetUse[] {
    const of = (count: number): Spending => ({ ...nothingSpent.own, removals: count });
    return budgetsOf(rollout, two, 400, { ...nothingSpent, own: of(own), all: of(all) }, []);
  }

  it('counts the last 24 hours with the run, the share for the provider and the number for the whole store', () => {
    expect(after(1, 1)[0]).toMatchObject({ used: 2, earlier: 1, limit: 4 });
    expect(after(1, 8)[0]).toMatchObject({ used: 2, earlier: 8, limit: 10 });
  });

  it('is over as soon as both together are, and says so', () => {
    expect(refusalOf(after(2, 2), rollout, seen)).toBeNull();
    expect(refusalOf(after(3, 3), rollout, seen)?.message).toBe(
      'Nothing is sent: removals 2, and 3 in the 24 hours before, of 4 allowed by spec.budgets.removals in rollout.yaml:7.',
    );
  });

  it('counts a device that is changed twice in a day once', () => {
    const before: Spent = { ...nothingSpent, devices: new Set(['1', '2', '3']) };
    const devices = budgetsOf(rollout, spentBy([], 2), 400, before, ['2', '4']).find(({ name }) => name === 'devices');
    expect(devices).toMatchObject({ used: 2, earlier: 2 });
  });

  it('never stops a run that takes nothing of it', () => {
    const before: Spent = { ...nothingSpent, devices: new Set(Array.from({ length: 400 }, (_, id) => String(id))) };
    expect(refusalOf(budgetsOf(rollout, spentBy([], 0), 400, before, []), rollout, seen)).toBeNull();
  });

  it('leaves the digest of a plan as it is', () => {
    const spent = { ...nothingSpent, devices: new Set(['9']) };
    expect(plan({ seen: [{ id: '1' }], recorded: { spent } }).digest).toBe(plan({ seen: [{ id: '1' }] }).digest);
  });
});

describe('what an action takes', () => {
  it('is counted of its operations, one member each, and devices only once in a run', () => {
    const operations = [
      { kind: 'group.add', group: 'S-1-5-32-544', members: [{ sid: domainAdmins }] },
      { kind: 'group.remove', group: 'S-1-5-32-544', members: [{ sid: contractor }, { localName: 'x' }] },
      { kind: 'account.disable', account: { name: 'x' } },
      { kind: 'account.delete', account: { name: 'y' } },
    ] as const;
    const ten = Array.from({ length: 10 }, (_, id) => String(id));
    const first = expenseOf(operations, ten, new Set(ten.slice(4)));
    expect(first.spending).toEqual({ removals: 30, disables: 10, rotations: 0, devices: 4 });
    // A device that has one of them from an action before: what it gets again is no further removal.
    const counted = new Set([...ten, ...first.anew]);
    expect(expenseOf(operations.slice(1, 3), [...ten, '10'], counted).spending).toEqual({
      removals: 2,
      disables: 1,
      rotations: 0,
      devices: 1,
    });
  });
});

describe('a plan over budget', () => {
  const intruded = inventory({ admins: [domainAdmins, contractor] });
  const budgets = { ...defaultRollout.budgets, removals: { absolute: 1, percent: null, floor: 0, source } };
  const rollout: RolloutPolicy = { ...defaultRollout, ref: ref('Rollout', 'rollout'), budgets };
  const world = {
    desired: {
      rollout,
      computers: [computers({ scan: true, recovery: recovery(domainAdmins) })],
      memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
    },
    recorded: { computers: ['1', '2', '3', '4'].map((id) => computer(id, { scan: false })) },
  };

  it('is refused whole, names the field and its line, and exits 3', () => {
    const result = plan({
      ...world,
      seen: [{ id: '1', state: intruded }, { id: '2', state: intruded }, { id: '3' }, { id: '4' }],
    });
    expect(result.refusal).toEqual({
      kind: 'budget',
      message: 'Nothing is sent: removals 2 of 1 allowed by spec.budgets.removals in rollout.yaml:7.',
      source,
    });
    expect(exitCodeOf(result)).toBe(3);
  });

  it('is one of what happens on devices: records spend nothing', () => {
    const result = plan({ ...world, seen: [{ id: '1', state: intruded }, { id: '2' }, { id: '3' }, { id: '4' }] });
    expect(result.changes.map(({ kind, devices }) => [kind, devices.length])).toEqual([
      ['computer.set', 4],
      ['group.remove', 1],
    ]);
    expect(result.budgets.map(({ name, used }) => [name, used])).toEqual([
      ['removals', 1],
      ['disables', 0],
      ['rotations', 0],
      ['devices', 1],
    ]);
    expect(exitCodeOf(result)).toBe(2);
  });

  it('is refused for the budget before the share of the observed, as 3 goes before 4', () => {
    const few = { selected: 100, observed: 1 };
    const over = budgetsOf(rollout, spentBy([{ kind: 'group.remove', devices: ['a', 'b'] }], 2), 100, nothingSpent, []);
    expect(refusalOf(over, rollout, few)?.kind).toBe('budget');
    expect(refusalOf(budgetsOf(rollout, spentBy([], 0), 100, nothingSpent, []), rollout, few)?.kind).toBe(
      'too-few-observed',
    );
  });

  it('says where the share of the observed stands', () => {
    const few = { selected: 100, observed: 49 };
    const refused = (minObserved: RolloutPolicy['minObserved']) => refusalOf([], { ...rollout, minObserved }, few);
    expect(refused({ percent: 50, source })).toEqual({
      kind: 'too-few-observed',
      message:
        'Nothing is sent: 49 of 100 devices were observed, and 50 % must be, by spec.minObserved in rollout.yaml:7.',
      source,
    });
    expect(refused({ percent: 50, source: null })?.message).toContain('and 50 % must be, by default.');
    expect(refused({ percent: 49, source })).toBeNull();
  });
});
