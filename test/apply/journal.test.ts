/** Journal first: whatever fails between the entry and the action's end, the next run knows of the action. */
import { describe, expect, it } from 'vitest';
import { TrueupError } from '../../src/errors.ts';
import type { JournalEntry } from '../../src/model/journal.ts';
import type { Clock } from '../../src/ports.ts';
import { applyAll, cloud, shiftedClock } from './world.ts';

function entry(parts: Partial<JournalEntry>): JournalEntry {
  const at = new Date().toISOString();
  return {
    name: 'Trueup earlier 0123456789ab',
    run: 'earlier',
    key: '0123456789ab',
    state: 'issued',
    actionId: '999999',
    operations: [],
    targets: ['1'],
    intendedAt: at,
    expiresAt: at,
    ...parts,
  };
}

describe('an action that was created', () => {
  it('stays in the journal when the store fails before its id is written, and is taken up', async () => {
    const { context, ask } = await cloud();
    let failures = 1;
    const putEntry = async (one: JournalEntry): Promise<void> => {
      if (one.state === 'issued' && failures > 0) {
        failures -= 1;
        throw new TrueupError('TRUEUP_STORE_BUSY', 'Another process writes.');
      }
      await context.store.putEntry(one);
    };
    const failed = applyAll({ ...context, store: { ...context.store, putEntry } });
    await expect(failed).rejects.toMatchObject({ code: 'TRUEUP_STORE_BUSY' });
    const [created, ...others] = await ask<readonly { readonly name: string }[]>('actions');
    expect(others).toEqual([]);
    expect(await context.store.unsettled()).toMatchObject([{ name: created?.name, state: 'intended' }]);

    const told: string[] = [];
    await applyAll({ ...context, tell: (event) => event.kind === 'note' && told.push(event.text) });
    expect(told).toEqual([`taking up action ${created?.name} of an interrupted run`]);
    expect(await context.store.unsettled()).toEqual([]);
  });
});

describe('an action that the server does not have', () => {
  it('is not waited for longer than it may take to appear, though the clock was set back', async () => {
    const { context } = await cloud({ drift: 0 });
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    await context.store.putEntry(entry({ state: 'intended', actionId: null, intendedAt: tomorrow }));
    let slept = 0;
    const clock: Clock = {
      now: shiftedClock().now,
      sleep: async (milliseconds) => {
        slept += milliseconds;
        if (slept > 120_000) throw new Error('waits on and on');
      },
    };
    await applyAll({ ...context, clock, actions: { ...context.actions } });
    expect(await context.store.unsettled()).toEqual([]);
  });

  it('does not keep the next runs from going on', async () => {
    const { context } = await cloud({ drift: 0 });
    await context.store.putEntry(entry({}));
    expect((await applyAll(context)).result.failed).toEqual([]);
    expect(await context.store.unsettled()).toEqual([]);
  });

  it('is still in the journal when it is the wrong host that does not have it', async () => {
    const { context } = await cloud({ drift: 0 });
    await context.store.putEntry(entry({}));
    const route = async (): Promise<never> => {
      throw new TrueupError('TRUEUP_PACKAGE_NOT_FOUND', 'Tanium has no such package.');
    };
    const failed = applyAll({ ...context, actions: { ...context.actions, route } });
    await expect(failed).rejects.toMatchObject({ code: 'TRUEUP_PACKAGE_NOT_FOUND' });
    expect(await context.store.unsettled()).toMatchObject([{ state: 'issued' }]);
  });
});
