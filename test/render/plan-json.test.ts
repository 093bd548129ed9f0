import { describe, expect, it } from 'vitest';
import { guards } from '../../src/model/guard.ts';
import { stages } from '../../src/model/operation.ts';
import type { Plan } from '../../src/model/plan.ts';
import { planJson } from '../../src/render/plan-json.ts';
import { expectGolden } from '../golden.ts';
import { account, computers, domainAdmins, inventory, plan, recovery, user, type World } from '../reconcile/world.ts';
import { crowd } from './crowd.ts';
import { hostile } from './hostile.ts';
import {
  driftMix,
  empty,
  endOfOfflineAccess,
  firstRun,
  inWaves,
  notActedOn,
  overBudget,
  providerOff,
  tooFewObserved,
} from './plans.ts';
import { rotatedByHand, rotations } from './rotations.ts';
import { validator } from './schema.ts';

/** Every operation on an account that the other plans do not have. */
function accounts(parts: World = {}): Plan {
  const locked = user(1003, 'svc', { locked: true });
  return plan({
    desired: {
      computers: [computers({ protect: 'JITA', recovery: recovery(domainAdmins) })],
      accounts: [
        account({ name: 'off', account: { name: 'old' }, enabled: false }),
        account({ name: 'new-name', account: { builtin: 'administrator' }, renameTo: 'local-admin' }),
        account({ name: 'svc', account: { name: 'svc' }, unlocked: true, properties: { PasswordNotRequired: false } }),
      ],
    },
    seen: [{ id: '1', state: inventory({ users: [user(1002, 'old'), { ...locked, flags: ['nr'] }] }) }],
    ...parts,
  });
}

/** The same, whatever runs as them. */
function accountsInUse(): Plan {
  return accounts({ allow: [{ guard: 'dependents', device: 'SRV-1', reason: 'CHG-1' }] });
}

const plans: Readonly<Record<string, () => Plan>> = {
  empty,
  firstRun,
  driftMix,
  overBudget,
  tooFewObserved,
  endOfOfflineAccess,
  providerOff,
  notActedOn,
  hostile,
  accounts,
  accountsInUse,
  crowd,
  inWaves,
  rotations,
  rotatedByHand,
};

describe('plan.schema.json', () => {
  const validate = validator('plan');

  it.each(Object.entries(plans))('describes a real plan whole (%s)', (_, make) => {
    validate(JSON.parse(planJson(make())));
    expect(validate.errors).toBeNull();
  });

  it.each([
    ['a key too many', (made: Plan) => ({ ...made, extra: 1 })],
    ['another version', (made: Plan) => ({ ...made, version: 2 })],
    ['no digest', ({ digest: _, ...made }: Plan) => made],
    ['an operation that the contract does not have', withOperation({ kind: 'run', command: 'calc.exe' })],
    ['a target that is no Computer ID', (made: Plan) => withAction(made, { targets: ['SRV-1'] })],
    ['an action without operations', (made: Plan) => withAction(made, { operations: [] })],
    ['a key too many in an operation', withOperation({ kind: 'account.delete', account: { rid: 1001, name: 'x' } })],
  ])('refuses %s', (_, alter) => {
    expect(validate(JSON.parse(JSON.stringify(alter(driftMix()))))).toBe(false);
  });

  it('knows every guard and every stage', () => {
    const definitions = JSON.stringify(validate.schema);
    for (const word of [...guards, ...stages]) expect(definitions).toContain(`"${word}"`);
  });
});

function withAction(made: Plan, parts: object): object {
  return { ...made, actions: made.actions.map((action) => ({ ...action, ...parts })) };
}

function withOperation(operation: object): (made: Plan) => object {
  return (made) => withAction(made, { operations: [operation] });
}

describe('the JSON', () => {
  it.each(Object.entries(plans))('is the plan as it is (%s)', (_, make) => {
    expect(JSON.parse(planJson(make()))).toEqual(make());
  });

  it('is the same bytes in whatever order the keys come', () => {
    const made = driftMix();
    expect(planJson(reversed(made) as Plan)).toBe(planJson(made));
    expectGolden('plan-drift-mix.json', planJson(made));
    expectGolden('plan-in-waves.json', planJson(inWaves()));
  });

  it('ends with a line feed, and begins with what tells one plan from another', () => {
    const text = planJson(driftMix());
    expect(text.endsWith('}\n')).toBe(true);
    expect(Object.keys(JSON.parse(text) as object).slice(0, 4)).toEqual(['version', 'digest', 'config', 'provider']);
  });

  it('writes by its number what a terminal would act on', () => {
    const text = planJson(hostile());
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(text).toContain('\\u202e');
    expect(JSON.parse(text)).toEqual(hostile());
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, part]) => [key, reversed(part)]),
  );
}
