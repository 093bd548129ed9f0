/** Accounts that something runs as, against a simulated cloud: refused, held, asked again, and done where somebody says so. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Applied, apply } from '../../src/apply/apply.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { recover } from '../../src/apply/recover.ts';
import { survey, wholeLook } from '../../src/apply/survey.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Allowance, Plan } from '../../src/model/plan.ts';
import type { Store } from '../../src/ports.ts';
import { planJson } from '../../src/render/plan-json.ts';
import { openStore } from '../../src/store/open.ts';
import { account, computers, recovery } from '../reconcile/world.ts';
import { type Cloud, cloud } from './world.ts';

const domainAdmins = 'S-1-5-21-1004336348-1177238915-682003330-512';

/** A service runs as svc of SRV-1; nothing does as that of SRV-2. */
const fleet = `
devices:
  - name: SRV-1
    computerId: 1
    users: [{ rid: 1001, name: svc }, { rid: 1002, name: ops }]
    cim: { Win32_Service: [{ Name: Agent, StartName: '.\\svc' }] }
  - name: SRV-2
    computerId: 2
    users: [{ rid: 1001, name: svc }, { rid: 1002, name: ops }]
`;

const accounts: Desired['accounts'] = [
  account({ name: 'svc', account: { name: 'svc' }, enabled: false }),
  account({ name: 'ops', account: { name: 'ops' }, enabled: false }),
];

function declaring({ context }: Cloud, parts: Partial<Desired> = {}): RunContext {
  const [reached] = [computers({ enroll: true, scan: true, protect: 'JITA', recovery: recovery(domainAdmins) })];
  const budgets = { ...context.desired.rollout.budgets };
  const every = { absolute: null, percent: 100, floor: 100, source: null };
  const rollout = { ...context.desired.rollout, budgets: { ...budgets, disables: every, removals: every } };
  return {
    ...context,
    desired: { ...context.desired, computers: [reached], memberships: [], accounts, rollout, ...parts },
  };
}

function run(context: RunContext, allow: readonly Allowance[] = [], saved: Plan | null = null): Promise<Applied> {
  return apply(context, { kind: 'apply', saved, look: { ...wholeLook, allow }, confirm: async () => true });
}

async function isEnabled({ ask }: Cloud, computerId: number, name: string): Promise<boolean | undefined> {
  interface Truth {
    readonly computerId: number;
    readonly users: readonly { readonly name: string; readonly enabled: boolean }[];
  }
  const devices = await ask<readonly Truth[]>('devices');
  return devices.find((one) => one.computerId === computerId)?.users.find((user) => user.name === name)?.enabled;
}

const allowed: readonly Allowance[] = [{ guard: 'dependents', device: 'SRV-1', reason: 'CHG-4711' }];
const ask = 'svc is in use: services Agent; move that to another account, or apply with --allow dependents=SRV-1';

describe('an account that a service runs as', () => {
  it('is refused by its device, held for a day, then asked about again, and disabled where that is allowed', async () => {
    const given = await cloud({ fleet, pace: 0.1 });
    const context = declaring(given);
    const first = await run(context);
    expect(first.exitCode).toBe(6);
    expect(first.result.failed).toEqual([{ device: 'SRV-1', code: 'in-use', message: ask }]);
    expect(await isEnabled(given, 1, 'svc')).toBe(true);
    expect([await isEnabled(given, 2, 'svc'), await isEnabled(given, 2, 'ops')]).toEqual([false, false]);

    // What is left of the device is done, and what it refused is not sent again.
    const second = await run(context);
    expect(second.plan.held.map(({ guard, message, devices }) => [guard, message, devices])).toEqual([
      ['dependents', 'the device refused: svc is in use: services Agent', ['SRV-1']],
    ]);
    expect(second.exitCode).toBe(2);
    expect(second.result.failed).toEqual([]);
    expect([await isEnabled(given, 1, 'svc'), await isEnabled(given, 1, 'ops')]).toEqual([true, false]);
    const third = await run(context);
    expect(third.plan.actions).toEqual([]);
    expect([third.exitCode, third.result.held]).toEqual([2, 1]);

    given.clock.shift(25 * 3600);
    const asked = await run(context);
    expect(asked.plan.actions).toHaveLength(1);
    expect(asked.result.failed).toEqual([{ device: 'SRV-1', code: 'in-use', message: ask }]);
    expect((await run(context)).plan.actions).toEqual([]);

    const done = await run(context, allowed);
    expect(done.plan.actions.map(({ operations }) => operations)).toEqual([
      [{ kind: 'account.disable', account: { name: 'svc' }, dependents: 'ignore' }],
    ]);
    expect([done.exitCode, done.result.failed]).toEqual([0, []]);
    expect(await isEnabled(given, 1, 'svc')).toBe(false);
    expect((await run(context)).exitCode).toBe(0);
  });

  it('is done at once where that was allowed before', async () => {
    const given = await cloud({ fleet, pace: 0.1 });
    const first = await run(declaring(given), allowed);
    expect([first.exitCode, first.result.failed]).toEqual([0, []]);
    expect(await isEnabled(given, 1, 'svc')).toBe(false);
    const sent = first.plan.actions.flatMap(({ operations, devices }) =>
      operations.map((operation) => [devices, 'dependents' in operation]),
    );
    expect(sent).toEqual([
      [['SRV-1'], true],
      [['SRV-1'], true],
      [['SRV-2'], false],
      [['SRV-2'], false],
    ]);
  });

  it.each([
    ['deleted', account({ name: 'svc', account: { name: 'svc' }, ensure: 'absent' })],
    ['renamed', account({ name: 'svc', account: { name: 'svc' }, renameTo: 'svc-old' })],
  ])('is not %s either, by a plan that was saved', async (_, policy) => {
    const given = await cloud({ fleet, pace: 0.1 });
    const context = declaring(given, { accounts: [policy] });
    const { plan: saved } = await survey(context, { ...wholeLook, fresh: true });
    const { exitCode, result } = await run(context, [], JSON.parse(planJson(saved)));
    expect([exitCode, result.failed.map(({ code }) => code)]).toEqual([6, ['in-use']]);
    expect(await isEnabled(given, 1, 'svc')).toBe(true);
    const { plan } = await run(context);
    expect([plan.actions, plan.held.map(({ guard }) => guard)]).toEqual([[], ['dependents']]);
    expect((await run(context, allowed)).exitCode).toBe(0);
    expect(await isEnabled(given, 1, 'svc')).toBeUndefined();
  });

  it('stays held where the run died after the device had refused, and by whoever opens the store next', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trueup-in-use-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const given = await cloud({ fleet, pace: 0.1, store: `sqlite:${join(folder, 'state.db')}` });
    const context = declaring(given);
    // The journal has the action, and nothing of what came of it.
    const deaf: Store = {
      ...context.store,
      note: async (notes) => {
        if (notes.some(({ failedSubjects }) => failedSubjects !== undefined)) throw new Error('died');
        await context.store.note(notes);
      },
    };
    await expect(run({ ...context, store: deaf })).rejects.toThrow('died');
    const { provider } = context;
    const again = await openStore(`sqlite:${join(folder, 'state.db')}`, {
      provider: provider.name,
      fields: provider.fields,
      mode: 'write',
    });
    onTestFinished(() => again.close());
    await recover({ ...context, store: again });
    const { plan } = await run({ ...context, store: again });
    expect(plan.held.map(({ guard, devices }) => [guard, devices])).toEqual([['dependents', ['SRV-1']]]);
    expect(plan.actions.flatMap(({ operations }) => operations)).not.toContainEqual({
      kind: 'account.disable',
      account: { name: 'svc' },
    });
  });
});
