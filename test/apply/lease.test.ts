/** One run at a time for a provider, also where a process was stopped for long. */
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import { type LeaseContext, withLease } from '../../src/apply/lease.ts';
import { wholeLook } from '../../src/apply/survey.ts';
import { TrueupError } from '../../src/errors.ts';
import type { LeaseHolder } from '../../src/ports.ts';
import { cloud } from './world.ts';

const me: LeaseHolder = { host: 'a', pid: 1, started: '1', command: 'apply' };
const you: LeaseHolder = { host: 'b', pid: 2, started: '2', command: 'reconcile' };

describe('a lease that another process has taken over', () => {
  it('lets nothing more be written or sent, before its loss is noticed at the next renewal', async () => {
    const { context, ask } = await cloud();
    const { store, clock, signal, provider } = context;
    const lease: LeaseContext = { store, clock, holder: me, isDead: () => false, signal, tell: () => {} };
    const run = withLease(lease, provider.name, 0, (held) =>
      apply(
        { ...context, signal: held.signal, assertHeld: held.assert },
        {
          kind: 'apply',
          saved: null,
          look: wholeLook,
          confirm: async () => {
            await store.acquire(provider.name, you, () => true);
            return true;
          },
        },
      ),
    );
    await expect(run).rejects.toMatchObject({ code: 'TRUEUP_STORE_BUSY' });
    expect(await ask('actions')).toEqual([]);
    expect(await store.toggle('tanium_cloud')).toMatchObject({ enabled: false });
    expect(await store.acquire(provider.name, me, () => false)).toEqual({ heldBy: you });
  });
});

describe('a lease that a living process holds', () => {
  it('is waited for, which is said once, and then taken', async () => {
    const { context } = await cloud();
    const { store, provider } = context;
    const held = await store.acquire(provider.name, you, () => false);
    if (!('lease' in held)) throw new Error('somebody has it');
    const told: string[] = [];
    const tell: LeaseContext['tell'] = (event) => told.push(event.kind === 'note' ? event.text : event.kind);
    let slept = 0;
    const clock = {
      now: context.clock.now,
      sleep: async () => {
        slept += 1;
        if (slept === 3) await store.release(held.lease);
      },
    };
    const lease: LeaseContext = { store, clock, holder: me, isDead: () => false, signal: context.signal, tell };
    expect(await withLease(lease, provider.name, 60, async () => 'done')).toBe('done');
    expect(slept).toBe(3);
    expect(told).toEqual([`waiting for \`trueup reconcile\` (process 2 on b), which works for ${provider.name}`]);
  });
});

describe('a lease that cannot be given back', () => {
  const failing = async (): Promise<never> => {
    throw new TrueupError('TRUEUP_STORE_UNREACHABLE', 'The database does not answer.');
  };

  it('takes nothing from what was done under it', async () => {
    const { context } = await cloud();
    const lease = { ...context, store: { ...context.store, release: failing }, holder: me, isDead: () => false };
    expect(await withLease(lease, 'x', 0, async () => 'done')).toBe('done');
    const refused = withLease(lease, 'y', 0, () => Promise.reject(new Error('what went wrong')));
    await expect(refused).rejects.toThrow('what went wrong');
  });
});
