/** A device that gets what it needs from several actions has them one after the other, and none after one that failed. */
import { expect, it } from 'vitest';
import type { RunContext } from '../../src/apply/context.ts';
import type { Plan } from '../../src/model/plan.ts';
import { applyAll, cloud } from './world.ts';

interface Issued {
  readonly name: string;
  readonly targets: readonly number[];
}

/** Of the devices with several actions, the keys of those, in their order. */
function sequences({ actions }: Plan): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const { key, targets } of actions) for (const id of targets) keys.set(id, [...(keys.get(id) ?? []), key]);
  return new Map([...keys].filter(([, own]) => own.length > 1));
}

function reachedBy(issued: readonly Issued[], id: string): string[] {
  return issued.flatMap(({ name, targets }) => (targets.includes(Number(id)) ? [name.split(' ').at(-1) ?? ''] : []));
}

/** The simulated devices are quick: so is who looks at them. */
function hurried(context: RunContext): RunContext {
  const { clock } = context;
  return { ...context, clock: { ...clock, sleep: (time, signal) => clock.sleep(Math.min(time, 50), signal) } };
}

it('#188 all of its actions go out, in the order of the plan', async () => {
  const { context, ask } = await cloud({ devices: 20 });
  const { plan, result } = await applyAll(hurried(context));
  expect(result).toMatchObject({ converged: true, failed: [], pending: [] });
  const several = sequences(plan);
  expect(several.size).toBeGreaterThan(0);
  const issued = await ask<readonly Issued[]>('actions');
  for (const [id, keys] of several) expect(reachedBy(issued, id)).toEqual(keys);
});

it('#188 what takes is not sent to a device on which what gives has failed', async () => {
  const { context, ask, tell } = await cloud({ devices: 20 });
  await tell('faults', { rates: { lostOutput: 0.5 }, seed: 1 });
  const { plan, result } = await applyAll(hurried(context));
  const failed = new Set(result.failed.map(({ device }) => device));
  const issued = await ask<readonly Issued[]>('actions');
  const labels = new Map(
    plan.actions.flatMap(({ targets, devices }) => targets.map((id, at) => [id, devices[at] ?? ''])),
  );
  const held = [...sequences(plan)].filter(([id, keys]) => reachedBy(issued, id).length < keys.length);
  expect(held.length).toBeGreaterThan(0);
  for (const [id, keys] of held) {
    expect(failed.has(labels.get(id) ?? '')).toBe(true);
    expect(reachedBy(issued, id)).toEqual(keys.slice(0, reachedBy(issued, id).length));
  }
});
