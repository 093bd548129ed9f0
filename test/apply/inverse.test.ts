/** What a run leaves for whoever wants to undo it. */
import { expect, it } from 'vitest';
import type { RunContext } from '../../src/apply/context.ts';
import { routeOf } from '../../src/apply/execute.ts';
import { encodeOperations } from '../../src/endpoint/encode.ts';
import type { InverseClass } from '../../src/model/inverse.ts';
import type { JournalEntry } from '../../src/model/journal.ts';
import { defaultOptions } from '../../src/model/options.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

async function entriesOf({ store }: RunContext, run: string | null): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of store.entries(run ?? '')) entries.push(entry);
  return entries;
}

/** Names, states and members; not the passwords, which nothing brings back. */
async function truth({ ask }: Cloud): Promise<unknown> {
  const devices =
    await ask<
      readonly {
        readonly computerId: number;
        readonly users: readonly { readonly rid: number; readonly name: string; readonly enabled: boolean }[];
        readonly groups: readonly { readonly sid: string; readonly members: readonly string[] }[];
      }[]
    >('devices');
  return devices.map(({ computerId, users, groups }) => ({
    computerId,
    users: users.map(({ rid, name, enabled }) => ({ rid, name, enabled })),
    groups,
  }));
}

async function undo(
  { actions, clock }: RunContext,
  name: string,
  { devices, operations }: InverseClass,
): Promise<void> {
  const route = await actions.route(routeOf(defaultOptions));
  const encodedCommand = encodeOperations(operations);
  const request = { name, comment: '', encodedCommand, computerIds: devices, expireSeconds: 600 };
  const id = await actions.issue(route, request);
  for (let ended = 0; ended < devices.length; ) {
    await clock.sleep(50);
    ended = [...(await actions.progress(id)).devices.values()].filter((state) => state === 'completed').length;
  }
}

async function undoAll(context: RunContext, entries: readonly JournalEntry[]): Promise<void> {
  for (const [number, { inverse }] of entries.toReversed().entries()) {
    for (const [index, one] of (inverse?.classes ?? []).entries()) {
      expect(one).toMatchObject({ irreversible: [], unknown: [] });
      await undo(context, `undo ${number} ${index}`, one);
    }
  }
}

it('A run keeps what undoes each of its actions: the fleet is as before once all of it is done', async () => {
  const given = await cloud({ devices: 7, drift: 1 });
  const before = await truth(given);
  const { result, exitCode } = await applyAll(given.context);
  expect(exitCode).toBe(0);
  expect(await truth(given)).not.toEqual(before);
  const entries = await entriesOf(given.context, result.run);
  expect(entries.map(({ state }) => state)).toEqual(result.actions.map(() => 'settled'));
  expect(entries.every(({ inverse }) => inverse?.version === 1)).toBe(true);
  await undoAll(given.context, entries);
  expect(await truth(given)).toEqual(before);
});

it('A run that died leaves the same: the next one reads what became of its action', async () => {
  const given = await cloud({ devices: 5, drift: 1 });
  const before = await truth(given);
  const { context, clock } = given;
  const progress: RunContext['actions']['progress'] = async () => {
    throw new Error('died');
  };
  await expect(applyAll({ ...context, actions: { ...context.actions, progress } })).rejects.toThrow('died');
  const [open] = await context.store.unsettled();
  clock.shift(120);
  const { result, exitCode } = await applyAll(context);
  expect(exitCode).toBe(0);
  const died = await entriesOf(context, open?.run ?? null);
  expect(died.length).toBeGreaterThan(0);
  for (const { inverse } of died) expect(inverse?.classes.length).toBeGreaterThan(0);
  await undoAll(context, [...died, ...(await entriesOf(context, result.run))]);
  expect(await truth(given)).toEqual(before);
});
