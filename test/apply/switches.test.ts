/** What must be on, or over, before anything is sent: read again where a run takes its time. */
import { describe, expect, it } from 'vitest';
import { type ApplyRequest, apply } from '../../src/apply/apply.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { wholeLook } from '../../src/apply/survey.ts';
import { TrueupError } from '../../src/errors.ts';
import type { Pause } from '../../src/model/desired.ts';
import type { Plan } from '../../src/model/plan.ts';
import { applyAll, cloud } from './world.ts';

const request: ApplyRequest = { kind: 'apply', saved: null, look: wholeLook, confirm: async () => true };

/** What the first stage writes, and no action: none can be created. */
async function recordsOnly(context: RunContext): Promise<void> {
  const issue = async (): Promise<never> => {
    throw new TrueupError('TRUEUP_TANIUM_REFUSED', 'Not now.');
  };
  const failed = applyAll({ ...context, actions: { ...context.actions, issue } });
  await expect(failed).rejects.toMatchObject({ code: 'TRUEUP_TANIUM_REFUSED' });
}

function withFreeze(context: RunContext, from: string): RunContext {
  const source = { file: 'rollout.yaml', line: 4 };
  const pauses: readonly Pause[] = [{ guard: 'freeze', from, until: null, reason: 'quarter end', source }];
  return { ...context, desired: { ...context.desired, rollout: { ...context.desired.rollout, pauses } } };
}

describe('a plan that was looked at for long', () => {
  it('is compared with the fleet of the moment in which it is said yes to', async () => {
    const { context, clock, ask } = await cloud();
    const frozen = withFreeze(context, new Date(Date.now() + 3600_000).toISOString());
    const confirm = async (): Promise<boolean> => {
      clock.shift(7200);
      return true;
    };
    await expect(apply(frozen, { ...request, confirm })).rejects.toMatchObject({ code: 'TRUEUP_PLAN_STALE' });
    expect(await ask('actions')).toEqual([]);
  });

  it('is carried out as it was shown where nothing has changed', async () => {
    const { context, clock } = await cloud({ drift: 0.5 });
    const confirm = async (): Promise<boolean> => {
      clock.shift(7200);
      return true;
    };
    const { plan, result } = await apply(context, { ...request, confirm });
    expect(plan.actions.length).toBeGreaterThan(0);
    expect(result).toMatchObject({ failed: [], pending: [] });
    expect(result.actions).toHaveLength(plan.actions.length);
  });
});

describe('a freeze that begins during the run', () => {
  it('lets what is out come to its end, and holds the rest', async () => {
    const { context, clock, ask } = await cloud();
    const frozen = withFreeze(context, new Date(Date.now() + 3600_000).toISOString());
    const issue: RunContext['actions']['issue'] = async (...given) => {
      const id = await context.actions.issue(...given);
      clock.shift(7200);
      return id;
    };
    const { result, exitCode } = await applyAll({ ...frozen, actions: { ...context.actions, issue } });
    expect(await ask('actions')).toHaveLength(1);
    expect(result.actions).toHaveLength(1);
    expect(result.held).toBeGreaterThan(0);
    expect(result.converged).toBe(false);
    expect(exitCode).toBe(2);
  });
});

describe('a release toggle that nobody declares', () => {
  it('is heeded where it is NPS-D’s: off, nothing is asked and nothing is sent', async () => {
    const { context, ask } = await cloud();
    const provider = { ...context.provider, toggle: null };
    await context.store.createProvider(provider.provider, provider.name);
    await context.store.setToggle('tanium_cloud', false);
    const { plan } = await applyAll({ ...context, provider, store: { ...context.store, owner: 'npsd' } });
    expect(plan.warnings[0]).toBe(
      'The integration is off, and the toggle is not declared: no device is scanned or changed.',
    );
    expect(await ask('requests')).toEqual({});
  });

  it('is heeded before each action', async () => {
    const { context, ask } = await cloud();
    await recordsOnly(context);
    const provider = { ...context.provider, toggle: null };
    const store = { ...context.store, owner: 'npsd' as const };
    const confirm = async ({ actions }: Plan): Promise<boolean> => {
      expect(actions.length).toBeGreaterThan(0);
      return context.store.setToggle('tanium_cloud', false);
    };
    const failed = apply({ ...context, provider, store }, { ...request, confirm });
    await expect(failed).rejects.toMatchObject({ code: 'TRUEUP_PROVIDER_OFF', exitCode: 3 });
    expect(await ask('actions')).toEqual([]);
  });
});

describe('an integration that is turned off after the first action', () => {
  it('ends the run: what is out is verified and recorded, and the rest waits', async () => {
    const { context, ask } = await cloud();
    await recordsOnly(context);
    const provider = { ...context.provider, toggle: null };
    const store = { ...context.store, owner: 'npsd' as const };
    const issue: RunContext['actions']['issue'] = async (...given) => {
      const id = await context.actions.issue(...given);
      await context.store.setToggle('tanium_cloud', false);
      return id;
    };
    const off = { ...context, provider, store, actions: { ...context.actions, issue } };
    const { exitCode, result, drift } = await applyAll(off);
    const [first] = result.actions;
    expect(result.actions).toHaveLength(1);
    expect(first?.ok).toBe(first?.devices);
    expect(result).toMatchObject({ failed: [], converged: false, stopped: { code: 'TRUEUP_PROVIDER_OFF' } });
    expect(drift.resolved.length).toBeGreaterThan(0);
    expect(exitCode).toBe(2);
    expect(await ask('actions')).toHaveLength(1);
    expect(await store.unsettled()).toEqual([]);
  });
});

describe('the provider row of NPS-D', () => {
  it.each([
    ['is disabled', [false], 'TRUEUP_PROVIDER_OFF'],
    ['is removed', [], 'TRUEUP_PROVIDER_MISSING'],
    ['gets a second one of its name', [true, true], 'TRUEUP_PROVIDER_AMBIGUOUS'],
  ])('stops the run before the next action when it %s', async (_, enabled, code) => {
    const { context, ask } = await cloud();
    await recordsOnly(context);
    let confirmed = false;
    const providers: RunContext['store']['providers'] = async (provider) => {
      const rows = await context.store.providers(provider);
      return confirmed ? rows.flatMap((row) => enabled.map((enable) => ({ ...row, enable }))) : rows;
    };
    const confirm = async ({ actions }: Plan): Promise<boolean> => {
      expect(actions.length).toBeGreaterThan(0);
      confirmed = true;
      return true;
    };
    const failed = apply(
      { ...context, store: { ...context.store, owner: 'npsd', providers } },
      { ...request, confirm },
    );
    await expect(failed).rejects.toMatchObject({ code });
    expect(await ask('actions')).toEqual([]);
  });
});

describe('--only, where the integration is not on yet', () => {
  it('holds every device and says what to do, instead of failing half-way', async () => {
    const { context, ask } = await cloud();
    const { plan } = await apply(context, { ...request, confirm: async () => false });
    const [device = ''] = plan.actions[0]?.devices ?? [];
    const { result, exitCode, ...applied } = await apply(context, {
      ...request,
      look: { ...wholeLook, only: { device } },
    });
    expect(applied.plan.held).toMatchObject(
      applied.plan.held.map(() => ({ guard: 'not-ready', release: 'Run without --only', devices: [device] })),
    );
    expect(applied.plan.held.length).toBeGreaterThan(0);
    expect([result.actions, exitCode]).toEqual([[], 2]);
    expect(await ask('actions')).toEqual([]);
  });
});
