/** What a device, a budget or another run refuses: nothing is rotated, and nothing is in the way of the next time. */
import { describe, expect, it } from 'vitest';
import { apply } from '../../../src/apply/apply.ts';
import type { RunContext } from '../../../src/apply/context.ts';
import { begin, type RotateOperation, withdraw } from '../../../src/apply/passwords/begin.ts';
import { wholeLook } from '../../../src/apply/survey.ts';
import type { Operation } from '../../../src/model/operation.ts';
import { defaultRotation } from '../../../src/model/rotation.ts';
import type { Store } from '../../../src/ports.ts';
import { expenseOf } from '../../../src/reconcile/budget.ts';
import { asked, ofAccount } from '../../../src/rotation/ask.ts';
import { rotation } from '../../reconcile/world.ts';
import { rotation as openRotation } from '../../rotation/world.ts';
import { held, heldIn, issued, run, truth, vaulted } from './world.ts';

const fleet = `
devices:
  - name: SRV-1
    computerId: 1
    users: [{ rid: 1001, name: svc }]
    cim: { Win32_Service: [{ Name: Agent, StartName: '.\\svc' }] }
  - { name: SRV-2, computerId: 2, users: [{ rid: 1001, name: svc }] }
`;
const ofService = rotation({ accounts: [{ name: 'svc' }] });

describe('an account that a service runs as', () => {
  it('keeps its password, stays asked for, and is rotated under the same id once that is allowed', async () => {
    const given = await vaulted({ fleet }, [ofService]);
    const { context } = given;
    const before = await truth(given);
    const first = await run(context);
    expect(first.result.failed.map(({ device, code }) => [device, code])).toEqual([['SRV-1', 'in-use']]);
    expect((await truth(given)).get('1 1001')).toBe(before.get('1 1001'));
    const [record, other] = await heldIn(context);
    expect(record?.credentials).toEqual([]);
    expect([record?.open === null, other?.open]).toEqual([false, null]);
    const second = await run(context);
    expect(second.plan.held.map(({ guard, devices }) => [guard, devices])).toEqual([['dependents', ['SRV-1']]]);
    const allow = [{ guard: 'dependents', device: 'SRV-1', reason: 'CHG-4711' }] as const;
    const look = { ...wholeLook, allow };
    const third = await apply(context, { kind: 'apply', saved: null, look, confirm: async () => true });
    expect(third.result.failed).toEqual([]);
    const has = await truth(given);
    for (const [key, password] of await held(context)) expect(has.get(key)).toBe(password);
    const [now] = await heldIn(context);
    expect(now?.credentials.map((one) => one.rotation)).toEqual([record?.open?.id]);
  });
});

describe('a budget that others have spent meanwhile', () => {
  it('leaves no rotation open, so that the next one is counted', async () => {
    const given = await vaulted();
    const { context } = given;
    const store = replacing(context.store, { spend: async () => ['rotations'] });
    await expect(run({ ...context, store })).rejects.toMatchObject({ code: 'TRUEUP_BUDGET_EXCEEDED' });
    expect((await heldIn(context)).map(({ open }) => open)).toEqual([null, null, null, null]);
    expect(await issued(given)).toEqual([]);
    const { plan, exitCode } = await run(context);
    expect([exitCode, plan.budgets.find(({ name }) => name === 'rotations')?.used]).toEqual([0, 4]);
  });
});

describe('a rotation whose record somebody else writes at the same moment', () => {
  it('is begun for the first time nevertheless', async () => {
    const { context } = await vaulted({ fleet });
    let late = true;
    const putCredentials: Store['putCredentials'] = async (records) => {
      const written = late ? records.slice(0, 1) : records;
      const left = late ? records.slice(1) : [];
      late = false;
      return [...(await context.store.putCredentials(written)), ...left];
    };
    const operations = [{ rid: 500 }, { name: 'svc' }].map(
      (ref): Operation => ({ ...rotating, account: ref as RotateOperation['account'] }),
    );
    const target = { computerId: '2', label: 'SRV-2', known: { name: 'SRV-2', machineSid: null } };
    const store = replacing(context.store, { putCredentials });
    const begun = await begin({ ...context, store }, operations, [target], new Map());
    expect([begun.targets, begun.again]).toEqual([[target], new Set()]);
    expect((await heldIn(context)).map(({ account, open }) => [account, open !== null])).toEqual([
      ['builtin', true],
      ['svc', true],
    ]);
    await withdraw(context, begun);
    expect((await heldIn(context)).map(({ open }) => open)).toEqual([null, null]);
  });
});

it('of one that is asked for once more another account of the device takes nothing over', async () => {
  const { context, clock } = await vaulted({ fleet });
  const open = { ...openRotation('r1'), askedAt: clock.now() };
  const record = asked({ ...unheldAccount, computerId: '2', rid: 1001 }, open);
  if (record === null) throw new Error('it cannot be asked for');
  await context.store.putCredentials([record]);
  const again: Operation = { ...rotating, account: { name: 'svc' }, rotation: { id: 'r1', publicKey: 'key' } };
  const target = { computerId: '2', label: 'SRV-2', known: { name: 'SRV-2', machineSid: null } };
  const begun = await begin(context, [rotating, again], [target], new Map());
  const { spending } = expenseOf(begun.operations, ['2'], begun.counted);
  expect(spending).toEqual({ removals: 0, disables: 0, rotations: 1, devices: 1 });
  await withdraw(context, begun);
  expect((await heldIn(context)).map(({ account, open: left }) => [account, left?.id])).toEqual([
    ['builtin', undefined],
    ['svc', 'r1'],
  ]);
});

describe('a rotation that somebody else has begun', () => {
  it('keeps its device out of an action that would begin another one', async () => {
    const given = await vaulted({ fleet }, [ofService]);
    const { context } = given;
    // After the plan is made, and before anything is sent.
    const begun: RunContext['assertHeld'] = async () => {
      const [known] = await heldIn(context);
      if (known !== undefined) return;
      const open = { computerId: '2', account: 'svc', rid: 1001, machineSid: null, revision: 0, demands: null };
      const record = asked({ ...open, open: null, credentials: [] }, openRotation('theirs'));
      if (record !== null) await context.store.putCredentials([record]);
    };
    const { result } = await run({ ...context, assertHeld: begun });
    expect(result.actions.map(({ devices }) => devices)).toEqual([1]);
    const theirs = (await heldIn(context)).find(({ computerId }) => computerId === '2');
    expect([theirs?.open?.id, theirs?.credentials]).toEqual(['theirs', []]);
  });
});

it('of an account that was deleted and made again nothing that is open or current goes on', () => {
  const open = asked({ ...unheldAccount, rid: 1001 }, openRotation('r1'));
  if (open === null) throw new Error('it cannot be asked for');
  expect(ofAccount(open, 1001, 'now')).toBe(open);
  expect(ofAccount(open, 1002, 'now')).toMatchObject({ rid: 1002, open: null });
  expect(ofAccount({ ...open, rid: null }, 1002, 'now')).toMatchObject({ rid: 1002, open: { id: 'r1' } });
});

const rotating: RotateOperation = {
  kind: 'password.rotate',
  account: { rid: 500 },
  generator: 'endpoint',
  complexity: defaultRotation.complexity,
  rotation: null,
};

const unheldAccount = {
  computerId: '1',
  account: 'svc',
  machineSid: null,
  revision: 0,
  open: null,
  demands: null,
  credentials: [],
};

function replacing(store: Store, parts: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, key) => {
      const other: unknown = Reflect.get(parts, key);
      if (other !== undefined) return other;
      const found: unknown = Reflect.get(target, key);
      return typeof found === 'function' ? (found.bind(target) as unknown) : found;
    },
  });
}
