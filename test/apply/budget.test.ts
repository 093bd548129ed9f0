/** The sliding budgets, where several runs and processes spend of one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Applied, apply } from '../../src/apply/apply.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { wholeLook } from '../../src/apply/survey.ts';
import type { AuditRecord } from '../../src/model/audit.ts';
import type { Expense } from '../../src/model/recorded.ts';
import { openStore } from '../../src/store/open.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

const nothing = { removals: 0, disables: 0, rotations: 0, devices: 0 };
const unbounded = { removals: null, disables: null, rotations: null, devices: null };

/** At most so many devices in 24 hours. */
function withDevices(context: RunContext, absolute: number): RunContext {
  const { rollout } = context.desired;
  const source = { file: 'rollout.yaml', line: 5 };
  const devices = { absolute, percent: null, floor: 0, source };
  const desired = { ...context.desired, rollout: { ...rollout, budgets: { ...rollout.budgets, devices } } };
  return { ...context, desired };
}

/** Its first action is the end of it: after the journal, after the budgets, or where it would be sent. */
function dyingAfter(context: RunContext, last: 'putEntry' | 'spend' | 'issue'): RunContext {
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Error('died');
  };
  const { store, actions } = context;
  const putEntry: RunContext['store']['putEntry'] = async (entry) => {
    if (dead) return;
    await store.putEntry(entry);
    if (last === 'putEntry') die();
  };
  const spend: RunContext['store']['spend'] = async (...expense) => {
    const over = await store.spend(...expense);
    return last === 'spend' ? die() : over;
  };
  const refund: RunContext['store']['refund'] = async (name) => (dead ? undefined : store.refund(name));
  const issue: RunContext['actions']['issue'] = async (...request) =>
    last === 'issue' ? die() : actions.issue(...request);
  return { ...context, store: { ...store, putEntry, spend, refund }, actions: { ...actions, issue } };
}

/** As another process with the same store does it, for devices that are not of this fleet. */
async function spendElsewhere({ store, clock }: RunContext, devices: number): Promise<void> {
  const now = clock.now();
  const expense: Expense = { name: 'elsewhere', at: now, spending: { ...nothing, devices } };
  await store.spend(expense, now, { own: unbounded, all: unbounded });
  const targets = Array.from({ length: devices }, (_, index) => String(index + 1));
  const sent = { name: 'elsewhere', run: 'other', key: 'k', actionId: '7', operations: [], targets } as const;
  await store.putEntry({ ...sent, state: 'settled', intendedAt: now, expiresAt: now });
}

describe('the budgets of a day', () => {
  it('are spent by what is sent, and refuse the next run', async () => {
    const { context, tell } = await cloud({ devices: 10, drift: 0.3 });
    const limited = withDevices(context, 4);
    const first = await applyAll(limited);
    expect(first.exitCode).toBe(0);
    expect((await context.store.spent('2026-01-01')).own).toMatchObject({ devices: 3 });
    const settled = new Set(first.plan.actions.flatMap(({ targets }) => targets));
    const others = (await devicesOf(limited)).filter((id) => !settled.has(id)).slice(0, 2);
    for (const device of others) await tell('drift', { device, user: { name: 'corp_breakglass', enabled: false } });
    const second = await applyAll(limited);
    expect(second.exitCode).toBe(3);
    expect(second.plan.refusal?.message).toContain('devices 2, and 3 in the 24 hours before, of 4 allowed by');
    expect(second.result.actions).toEqual([]);
  });

  it('are there again a day later', async () => {
    const { context, clock } = await cloud({ devices: 10, drift: 0.3 });
    await spendElsewhere(context, 4);
    const limited = withDevices(context, 4);
    expect((await applyAll(limited)).exitCode).toBe(3);
    clock.shift(24 * 3600 + 60);
    expect((await applyAll(limited)).exitCode).toBe(0);
  });

  it('stop a run whose budget another process spent after the plan was made, before it sends anything', async () => {
    const { context, ask } = await cloud({ devices: 10, drift: 0.3 });
    const limited = withDevices(context, 4);
    const confirm = async (): Promise<boolean> => {
      await spendElsewhere(context, 4);
      return true;
    };
    const failed = apply(limited, { kind: 'apply', saved: null, look: wholeLook, confirm });
    await expect(failed).rejects.toMatchObject({ code: 'TRUEUP_BUDGET_EXCEEDED', exitCode: 3 });
    expect(await ask('actions')).toEqual([]);
    expect(await context.store.unsettled()).toEqual([]);
  });

  it('end a run whose budget another process spends after its first action: what is out is verified and recorded', async () => {
    const { context, ask } = await cloud({ devices: 10, drift: 0.7 });
    const limited = withDevices(context, 8);
    const issue: RunContext['actions']['issue'] = async (...given) => {
      const id = await context.actions.issue(...given);
      await spendElsewhere(context, 8);
      return id;
    };
    const { exitCode, result, plan, drift } = await applyAll({ ...limited, actions: { ...context.actions, issue } });
    const [sent, ...others] = await ask<readonly { readonly targets: readonly number[] }[]>('actions');
    const reached = sent?.targets.length ?? 0;
    expect(others).toEqual([]);
    expect(plan.actions.length).toBeGreaterThan(1);
    expect(exitCode).toBe(2);
    expect(result).toMatchObject({
      actions: [{ devices: reached, ok: reached, failed: 0, pending: 0 }],
      converged: false,
      failed: [],
      stopped: {
        code: 'TRUEUP_BUDGET_EXCEEDED',
        message: expect.stringContaining('devices (spec.budgets.devices in rollout.yaml:5)'),
      },
    });
    expect(drift.resolved.length).toBeGreaterThan(0);
    expect(await context.store.unsettled()).toEqual([]);
    expect(await context.store.run(result.run ?? '')).toMatchObject({ status: 'done', summary: { actions: 1 } });
    const [outcome] = (await auditOf(context)).slice(-1);
    expect(outcome).toMatchObject({ kind: 'outcome', detail: { ok: reached, stopped: 'TRUEUP_BUDGET_EXCEEDED' } });
  });

  it('are one for two providers that send at the same time: both keep what they sent, and none spends the last twice', async () => {
    const [one, other] = [await cloud({ devices: 10, drift: 0.7 }), await cloud({ devices: 10, drift: 0.3 })];
    const folder = mkdtempSync(join(tmpdir(), 'trueup-budget-'));
    const open = async ({ context }: Cloud, name: string): Promise<RunContext> => {
      const provider = { ...context.provider, name };
      const address = `sqlite:${join(folder, 'state.db')}`;
      const store = await openStore(address, { provider: name, fields: provider.fields, mode: 'write' });
      onTestFinished(() => store.close());
      const computers = context.desired.computers.map((policy) => ({ ...policy, edrIntegration: name }));
      return withDevices({ ...context, provider, store, desired: { ...context.desired, computers } }, 8);
    };
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const first = await open(one, 'First');
    const second = await open(other, 'Second');
    let meanwhile: Applied | null = null;
    const issue: RunContext['actions']['issue'] = async (...given) => {
      const id = await first.actions.issue(...given);
      meanwhile ??= await applyAll(second);
      return id;
    };
    const stopped = await applyAll({ ...first, actions: { ...first.actions, issue } });
    expect(meanwhile).toMatchObject({ exitCode: 0, result: { converged: true } });
    expect(stopped).toMatchObject({
      exitCode: 2,
      result: { failed: [], stopped: { code: 'TRUEUP_BUDGET_EXCEEDED' } },
    });
    const reached = async ({ ask }: Cloud): Promise<number> => {
      const actions = await ask<readonly { readonly targets: readonly number[] }[]>('actions');
      return new Set(actions.flatMap(({ targets }) => targets)).size;
    };
    const { all } = await first.store.spent('2026-01-01');
    expect(all.devices).toBe((await reached(one)) + (await reached(other)));
    expect(all.devices).toBeLessThanOrEqual(8);
  });

  it('are not spent by a run that dies before it sends: the next one finds what was taken, and has it again', async () => {
    for (const last of ['putEntry', 'spend', 'issue'] as const) {
      const { context, clock } = await cloud({ devices: 10, drift: 0.3 });
      const limited = withDevices(context, 3);
      await expect(applyAll(dyingAfter(limited, last))).rejects.toThrow('died');
      clock.shift(120);
      expect((await applyAll(limited)).exitCode).toBe(0);
      expect((await context.store.spent('2026-01-01')).own).toMatchObject({ devices: 3 });
    }
  });
});

async function auditOf({ store }: RunContext): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of store.audit()) records.push(record);
  return records;
}

/** Computer IDs of the devices that have the account of the example. */
async function devicesOf({ store }: RunContext): Promise<readonly string[]> {
  const scan = await store.latestScan('inventory');
  const ids: string[] = [];
  for await (const { computerId, text } of scan?.rows ?? [])
    if (text.includes('"corp_breakglass"')) ids.push(computerId);
  return ids;
}
