/** What a run writes of the provider's own records, and when it does not. */
import { expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { wholeLook } from '../../src/apply/survey.ts';
import { refuseTurningOff } from '../../src/apply/turn-off.ts';
import { runCycle } from '../../src/daemon/cycle.ts';
import type { DesiredProvider } from '../../src/model/desired.ts';
import type { IntegrationOptions } from '../../src/model/options.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { ProviderChange } from '../../src/ports.ts';
import { applyAll, cloud } from './world.ts';

/** Nothing but the provider: no policy that would have the fleet asked. */
function alone(context: RunContext): RunContext {
  const { desired } = context;
  return { ...context, desired: { ...desired, computers: [], memberships: [], accounts: [] } };
}

/** With every change that the provider's row gets. */
function recorded(context: RunContext): { readonly context: RunContext; readonly updates: ProviderChange[] } {
  const updates: ProviderChange[] = [];
  const { store } = context;
  const watched = Object.assign(Object.create(store) as typeof store, {
    setProvider: async (id: string, change: ProviderChange) => {
      updates.push(change);
      await store.setProvider(id, change);
    },
  });
  return { context: { ...context, store: watched }, updates };
}

function withOptions(context: RunContext, options: Partial<IntegrationOptions>): RunContext {
  return { ...context, provider: { ...context.provider, options: { ...context.provider.options, ...options } } };
}

it('#126 what enables bulk scans goes out in one update of exactly these options', async () => {
  const given = await cloud({ devices: 5, drift: 0 });
  await applyAll(given.context);
  const { context, updates } = recorded(given.context);
  const options = {
    bulk_scan_enabled: true,
    bulk_scan_group: 'NPS-D Managed Windows Devices',
    bulk_scan_batch_size: 200,
    bulk_scan_timeout_seconds: 5400,
    bulk_scan_retry_attempts: 3,
  };
  await applyAll(withOptions(context, options));
  expect(updates).toEqual([{ options }]);
  const [row] = await context.store.providers('tanium_cloud');
  expect(row?.options).toMatchObject({ ...options, sensor_name: 'NPS Admin Members' });
});

it('#86 is not written where the connection cannot be made, with no policy either', async () => {
  const { context, tell } = await cloud({ devices: 5, drift: 0 });
  await tell('faults', { rates: { unauthorized: 1 } });
  const { updates, ...watched } = recorded(alone(context));
  await expect(applyAll(watched.context)).rejects.toMatchObject({ code: 'TRUEUP_TANIUM_UNAUTHORIZED' });
  expect(updates).toEqual([]);
  expect(await context.store.providers('tanium_cloud')).toEqual([]);
  expect(await context.store.toggle('tanium_cloud')).toMatchObject({ enabled: false });
  await tell('faults', {});
  await applyAll(watched.context);
  expect(updates).toHaveLength(1);
});

const off: [string, Partial<DesiredProvider>][] = [
  ['the toggle', { toggle: { name: 'tanium_cloud', enabled: false } }],
  ['enable', { enable: false }],
];

it.each(off)('#78 %s is turned off by whoever says so, and by nobody else', async (_what, declared) => {
  const { context } = await cloud({ devices: 5, drift: 0 });
  await applyAll(context);
  const turned = { ...context, provider: { ...context.provider, ...declared } };
  const confirm = async (plan: Plan): Promise<boolean> => {
    refuseTurningOff(plan);
    return true;
  };
  const request = { kind: 'apply', saved: null, look: wholeLook, confirm } as const;
  const source = `${context.provider.ref.source.file}:${context.provider.ref.source.line}`;
  await expect(apply(turned, request)).rejects.toMatchObject({ code: 'TRUEUP_TURNS_OFF', exitCode: 3, source });
  expect(await runCycle(turned, true)).toMatchObject({ exitCode: 3, error: { code: 'TRUEUP_TURNS_OFF' } });
  const isOn = async (): Promise<readonly unknown[]> => {
    const [row] = await context.store.providers('tanium_cloud');
    return [(await context.store.toggle('tanium_cloud'))?.enabled, row?.enable];
  };
  expect(await isOn()).toEqual([true, true]);
  await applyAll(turned);
  expect(await isOn()).toContain(false);
  // Once it is off, there is nothing left to refuse.
  expect(await runCycle(turned, true)).toMatchObject({ exitCode: 0, error: null });
});
