/** What nobody knows after an action: both passwords are kept, and asking for the same settles it. */
import { describe, expect, it } from 'vitest';
import type { RunContext } from '../../../src/apply/context.ts';
import type { FleetActions } from '../../../src/fleet-ports.ts';
import type { Store } from '../../../src/ports.ts';
import { currentOf } from '../../../src/rotation/keep.ts';
import { held, heldIn, type Issued, issued, run, truth, type Vaulted, vaulted } from './world.ts';

/** Ids of the rotations that devices were asked for, one for each action. */
async function asked({ ask }: Vaulted): Promise<readonly string[]> {
  const actions = await ask<readonly Issued[]>('actions');
  return actions.flatMap(({ parameters: { EncodedCommand: text } }) =>
    text.includes('RotatePassword') ? (/ -RotationId '([\w-]+)'/.exec(text)?.[1] ?? '') : [],
  );
}

async function expectHeld(given: Vaulted, context = given.context): Promise<void> {
  const has = await truth(given);
  const ours = await held(context);
  expect(ours.size).toBe(4);
  for (const [key, password] of ours) expect(has.get(key)).toBe(password);
}

/** A process that dies when it is to write this, and writes nothing from then on. */
function dyingAt(context: RunContext, name: keyof Store, isIt: (given: never) => boolean): RunContext {
  let dead = false;
  const store = new Proxy(context.store, {
    get: (target, key) => {
      const found: unknown = own(target, key);
      if (typeof found !== 'function') return found;
      return (...given: never[]): unknown => {
        dead ||= key === name && isIt(given[0] as never);
        if (dead) throw new Error('died');
        return (found as (...values: never[]) => unknown)(...given);
      };
    },
  });
  return { ...context, store };
}

/** Where no device is told that its password is kept. */
function withoutTelling(context: RunContext): RunContext {
  const issue: FleetActions['issue'] = async (route, request, ...rest) => {
    if (Buffer.from(request.encodedCommand, 'base64').toString().includes('Acknowledge')) throw new Error('not now');
    return context.actions.issue(route, request, ...rest);
  };
  return { ...context, actions: { ...context.actions, issue } };
}

function own(store: Store, key: string | symbol): unknown {
  const found: unknown = Reflect.get(store, key);
  return typeof found === 'function' ? (found.bind(store) as unknown) : found;
}

describe('a rotation whose outcome is not known', () => {
  it('#192 #193 is no changed password; the device is asked with the same id, and rotates once', async () => {
    const given = await vaulted();
    const { context } = given;
    await given.tell('faults', { rates: { lostOutput: 1 }, seed: 1 });
    const first = await run(context);
    expect(first.exitCode).toBe(6);
    expect(first.result.failed.map(({ code }) => code)).toEqual(['no-report', 'no-report', 'no-report', 'no-report']);
    expect(first.result.actions).toMatchObject([{ ok: 0, failed: 4 }]);
    const has = await truth(given);
    for (const record of await heldIn(context)) {
      expect(record.open).not.toBeNull();
      expect(record.credentials).toEqual([]);
    }
    await given.tell('faults', {});
    const second = await run(context);
    expect(second.plan.changes.map(({ to }) => to)).toEqual([{ due: 'unsettled' }]);
    expect(second.exitCode).toBe(0);
    const ids = await asked(given);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    // What the device set the first time is what it reports now.
    expect(await truth(given)).toEqual(has);
    await expectHeld(given);
  });

  it('keeps the old password current until then', async () => {
    const given = await vaulted();
    const { context, clock } = given;
    await run(context);
    const before = await held(context);
    clock.shift(40 * 86_400);
    await given.tell('faults', { rates: { lostOutput: 1 }, seed: 1 });
    expect((await run(context)).exitCode).toBe(6);
    expect(await held(context)).toEqual(before);
    await given.tell('faults', {});
    expect((await run(context)).exitCode).toBe(0);
    await expectHeld(given);
    for (const { credentials } of await heldIn(context)) {
      expect(credentials.map(({ state }) => state)).toEqual(['current', 'previous']);
    }
  });

  it('is taken from the action that is out, where the run died before it kept what devices reported', async () => {
    const given = await vaulted();
    const { context } = given;
    const isReport = (records: readonly { credentials: readonly unknown[] }[]): boolean =>
      records.some(({ credentials }) => credentials.length > 0);
    await expect(run(dyingAt(context, 'putCredentials', isReport as (given: never) => boolean))).rejects.toThrow(
      'died',
    );
    expect(await held(context)).toEqual(new Map());
    expect((await run(context)).exitCode).toBe(0);
    expect(await issued(given)).toEqual(['RotatePassword', 'Acknowledge']);
    await expectHeld(given);
  });

  it('is asked for by the same id, where the run died before it sent anything', async () => {
    const given = await vaulted();
    const { context } = given;
    await expect(run(dyingAt(context, 'putEntry', () => true))).rejects.toThrow('died');
    const open = new Set((await heldIn(context)).map((record) => record.open?.id));
    expect(open.size).toBe(1);
    expect((await run(context)).exitCode).toBe(0);
    expect(await asked(given)).toEqual([...open]);
    await expectHeld(given);
  });

  it('of a device that went back to a snapshot is settled by the next rotation, and both passwords are kept', async () => {
    const given = await vaulted();
    const { context, clock } = given;
    await run(context);
    clock.shift(40 * 86_400);
    await given.tell('faults', { rates: { revert: 1 }, seed: 1 });
    // It would be another action that the device can go back to before.
    await run(withoutTelling(context));
    const [old] = await heldIn(context);
    expect(old?.credentials).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await given.tell('faults', {});
    const { plan, exitCode } = await run(context);
    expect(plan.changes.map(({ to, reason }) => [to, reason])).toEqual([[{ due: 'reverted' }, 'drifted']]);
    expect(exitCode).toBe(0);
    await expectHeld(given);
    for (const record of await heldIn(context)) {
      expect(record.credentials.map(({ state }) => state)).toEqual(['current', 'previous', 'previous']);
      expect(currentOf(record)?.confirmed).toBe(true);
    }
  });

  it('of a device that went back before anybody saw the new password leaves the one that it shows current', async () => {
    const given = await vaulted();
    const { context, clock } = given;
    await run(context);
    clock.shift(40 * 86_400);
    await given.tell('faults', { rates: { revert: 1 }, seed: 1 });
    const isConfirmed = (records: readonly { credentials: readonly { confirmed: boolean }[] }[]): boolean =>
      records.some(({ credentials: [newest, ...older] }) => newest?.confirmed && older.length > 0);
    const dying = dyingAt(withoutTelling(context), 'putCredentials', isConfirmed);
    await expect(run(dying)).rejects.toThrow('died');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await given.tell('faults', {});
    const { rollout, rotations } = context.desired;
    const none = { absolute: 0, percent: null, floor: 0, source: null };
    const onlyLooking = given.declaring(rotations, {
      rollout: { ...rollout, budgets: { ...rollout.budgets, rotations: none } },
    });
    expect((await run(onlyLooking)).exitCode).toBe(3);
    await expectHeld(given);
    for (const record of await heldIn(context)) {
      expect(record.credentials.map(({ state }) => state)).toEqual(['pending', 'current']);
      expect(currentOf(record)?.confirmed).toBe(true);
    }
  });

  it('is no matter of telling: devices that could not be told are told by the next run', async () => {
    const given = await vaulted();
    const { context } = given;
    const told: string[] = [];
    const tell: RunContext['tell'] = (event) => void (event.kind === 'note' && told.push(event.text));
    const first = await run({ ...withoutTelling(context), tell });
    expect([first.exitCode, first.result.failed]).toEqual([0, []]);
    expect(told).toEqual(['devices will be told later that their passwords are kept: not now']);
    await expectHeld(given);
    expect((await run(context)).plan.changes).toEqual([]);
    expect(await issued(given)).toEqual(['RotatePassword', 'Acknowledge']);
    for (const record of await heldIn(context)) expect(currentOf(record)?.acknowledged).toBe(true);
  });
});
