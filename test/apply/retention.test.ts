import { describe, expect, it } from 'vitest';
import { driftDays, runDays } from '../../src/model/retention.ts';
import { aScanRun } from '../store/conformance/scan-history.ts';
import { aDrift, collect } from '../store/samples.ts';
import { applyAll, cloud } from './world.ts';

const DAY = 24 * 60 * 60;

describe('a run that ends', () => {
  it('takes away what is over and old, and leaves what is young or the last of its kind', async () => {
    const { context, clock, ask, tell } = await cloud({ devices: 3 });
    const { store } = context;
    const first = (await applyAll(context)).result.run ?? '';
    const startedAt = clock.now();
    await store.putScanRun(aScanRun('old', { provider: context.provider.name, startedAt }));
    await store.putScanRun(aScanRun('last', { provider: context.provider.name, startedAt: clock.now() }));
    await store.putDrift([aDrift('over', 'SRV-1', { computerId: '77', state: 'resolved', lastSeen: startedAt })]);

    clock.shift((runDays - 1) * DAY);
    const [device] = await ask<readonly { readonly computerId: string }[]>('devices');
    await tell('drift', { device: device?.computerId, user: { name: 'corp_breakglass', enabled: false } });
    const second = (await applyAll(context)).result.run ?? '';
    expect((await store.run(first))?.status).toBe('done');
    expect(await collect(store.entries(second))).toHaveLength(1);
    expect(await store.scanRuns(9)).toHaveLength(2);

    clock.shift(2 * DAY);
    const third = (await applyAll(context)).result.run ?? '';
    expect(await store.run(first)).toBeNull();
    expect(await collect(store.entries(first))).toEqual([]);
    expect((await store.run(second))?.status).toBe('done');
    expect((await store.run(third))?.status).toBe('done');
    expect((await store.scanRuns(9)).map(({ id }) => id)).toEqual(['last']);
    const left = async (): Promise<readonly string[]> =>
      (await collect(store.drift({ computerIds: ['77'] }))).map(({ id }) => id);
    expect(await left()).toEqual(['over']);

    clock.shift((driftDays - runDays) * DAY);
    await applyAll(context);
    expect(await left()).toEqual([]);
  });
});
