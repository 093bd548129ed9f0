/** Who made a difference: asked of the device in the action that mends it, and kept in the ledger. */
import { describe, expect, it } from 'vitest';
import { attribute } from '../../src/apply/attribute.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { observe } from '../../src/apply/observe.ts';
import { parseCommands } from '../../src/endpoint/parse.ts';
import type { DriftRecord } from '../../src/model/drift.ts';
import { ADMINISTRATORS, compareText } from '../../src/model/sid.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

const intruder = 'S-1-5-21-1004336348-1177238915-682003330-1106';
const helpdesk = 'CORP\\helpdesk-7';

interface Truth {
  readonly computerId: number;
  readonly name: string;
  readonly users: readonly { readonly name: string; readonly enabled: boolean }[];
  readonly groups: readonly { readonly sid: string; readonly members: readonly string[] }[];
}

interface Sent {
  readonly parameters: { readonly EncodedCommand: string };
  readonly targets: readonly number[];
}

/** A converged fleet whose policy asks for the actor, or does not. */
async function converged(attribution: boolean): Promise<Cloud & { readonly devices: readonly Truth[] }> {
  const given = await cloud({ devices: 8, drift: 0 });
  const { desired } = given.context;
  const computers = desired.computers.map((policy) => ({ ...policy, attribution }));
  const context = { ...given.context, desired: { ...desired, computers } };
  await applyAll(context);
  const all = await given.ask<readonly Truth[]>('devices');
  const devices = all.filter(
    ({ groups, users }) =>
      groups.some(({ sid, members }) => sid === ADMINISTRATORS && members.some((one) => one.endsWith('-512'))) &&
      users.some(({ name, enabled }) => name === 'corp_breakglass' && enabled),
  );
  return { ...given, context, devices };
}

async function ledger({ store }: RunContext): Promise<readonly DriftRecord[]> {
  const records: DriftRecord[] = [];
  for await (const record of store.drift({})) records.push(record);
  return records;
}

async function settled(milliseconds = 100): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What each action since the first `skipped` did, one command after the other. */
async function commandsOf({ ask }: Cloud, skipped = 0): Promise<readonly (readonly string[])[]> {
  const actions = await ask<readonly Sent[]>('actions');
  return actions
    .slice(skipped)
    .map(({ parameters }) => parseCommands(parameters.EncodedCommand).map(({ action }) => action));
}

describe('an action that mends a drift', () => {
  it('reads first who made it, where the policy asks, and the ledger has it', async () => {
    const given = await converged(true);
    const { context, tell, devices } = given;
    const [one, two] = devices;
    const before = (await commandsOf(given)).length;
    await tell('drift', { device: one?.computerId, group: { sid: ADMINISTRATORS, add: [intruder] }, actor: helpdesk });
    await tell('drift', {
      device: two?.computerId,
      user: { name: 'corp_breakglass', enabled: false },
      actor: '.\\ops',
    });
    await settled();
    expect((await applyAll(context)).exitCode).toBe(0);
    for (const [first, ...others] of (await commandsOf(given)).slice(before)) {
      expect(first).toBe('Attribution');
      expect(others).not.toContain('Attribution');
    }
    const records = await ledger(context);
    expect(records).toHaveLength(2);
    expect(records.find(({ kind }) => kind === 'group.remove')).toMatchObject({
      state: 'resolved',
      cause: 'outside-change',
      actor: helpdesk,
      log: 'whole',
    });
    expect(records.find(({ kind }) => kind === 'account.enable')?.actor).toMatch(/\\ops$/);
    for (const { at = '', firstSeen } of records) {
      expect(Math.abs(Date.parse(at) - Date.parse(firstSeen))).toBeLessThan(60_000);
    }
  });
});

describe('the actor of a difference', () => {
  it('is who deleted the account, or gave it another name, although it is gone', async () => {
    const { context, tell, devices } = await converged(true);
    // The states of a device are told apart by the second.
    await settled(1000);
    await tell('drift', {
      device: devices[0]?.computerId,
      user: { name: 'corp_breakglass', delete: true },
      actor: helpdesk,
    });
    await settled();
    await applyAll(context);
    const records = (await ledger(context)).toSorted((a, b) => compareText(a.kind, b.kind));
    expect(records).toMatchObject([
      { kind: 'account.create', actor: helpdesk, state: 'resolved' },
      { kind: 'group.add', actor: helpdesk, state: 'resolved' },
    ]);
  });

  it('is SYSTEM for Group Policy, never our own correction, and is named where somebody keeps undoing it', async () => {
    const { context, tell, devices } = await converged(true);
    const again = async (): Promise<void> => {
      const group = { sid: ADMINISTRATORS, add: [intruder] };
      await tell('drift', { device: devices[0]?.computerId, group, actor: helpdesk });
      await tell('drift', { device: devices[1]?.computerId, group });
      await settled();
    };
    const actors = async (): Promise<unknown[]> => (await ledger(context)).map(({ actor }) => actor).toSorted();
    for (let round = 0; round < 3; round += 1) {
      await again();
      expect((await applyAll(context)).exitCode).toBe(0);
      expect(await actors()).toEqual([helpdesk, 'NT AUTHORITY\\SYSTEM']);
    }
    await again();
    const { plan } = await observe(context);
    expect(plan.held.map(({ guard, message }) => `${guard}: ${message}`).toSorted()).toEqual([
      `contested: put right 3 times in 24 hours and undone each time, by ${helpdesk}`,
      expect.stringContaining('likely by Group Policy'),
    ]);
    expect(await actors()).toEqual([null, null]);
  });

  it('is found by the run that takes up an action whose run died', async () => {
    const { context, tell, devices, clock } = await converged(true);
    await tell('drift', {
      device: devices[0]?.computerId,
      group: { sid: ADMINISTRATORS, add: [intruder] },
      actor: helpdesk,
    });
    await settled();
    const { actions } = context;
    const progress: RunContext['actions']['progress'] = async () => {
      throw new Error('died');
    };
    await expect(applyAll({ ...context, actions: { ...actions, progress } })).rejects.toThrow('died');
    expect(await ledger(context)).toMatchObject([{ actor: null, state: 'open' }]);
    clock.shift(120);
    expect((await applyAll(context)).exitCode).toBe(0);
    expect(await ledger(context)).toMatchObject([{ actor: helpdesk, state: 'resolved' }]);
  });
});

describe('devices that are asked by an action of its own', () => {
  async function found(): Promise<Cloud & { readonly devices: readonly Truth[] }> {
    const given = await converged(false);
    const group = { sid: ADMINISTRATORS, add: [intruder] };
    await given.tell('drift', { device: given.devices[0]?.computerId, group, actor: helpdesk });
    await settled();
    await observe(given.context);
    return given;
  }

  it('are those that differ alone, and nothing is changed', async () => {
    const given = await found();
    const { context, ask, devices } = given;
    const before = await ask('devices');
    const sent = (await commandsOf(given)).length;
    expect(await attribute(context, () => true)).toEqual({ asked: 1, answered: 1 });
    expect(await commandsOf(given, sent)).toEqual([['Attribution']]);
    expect((await ask<readonly Sent[]>('actions'))[sent]?.targets).toEqual([devices[0]?.computerId]);
    expect(await ask('devices')).toEqual(before);
    expect(await ledger(context)).toMatchObject([{ actor: helpdesk, state: 'open', log: 'whole' }]);
    expect(await attribute(context, () => true)).toEqual({ asked: 0, answered: 0 });
  });

  it('count as devices of a budget, and none is asked while the integration is off', async () => {
    const { context, ask } = await found();
    const sent = (await ask<readonly Sent[]>('actions')).length;
    const { desired } = context;
    const devices = { absolute: 0, percent: null, floor: 0, source: { file: 'rollout.yaml', line: 5 } };
    const rollout = { ...desired.rollout, budgets: { ...desired.rollout.budgets, devices } };
    const poor = { ...context, desired: { ...desired, rollout } };
    await expect(attribute(poor, () => true)).rejects.toMatchObject({
      code: 'TRUEUP_BUDGET_EXCEEDED',
      message: expect.stringContaining('spec.budgets.devices in rollout.yaml:5'),
    });
    const off = { ...context, provider: { ...context.provider, enable: false } };
    await expect(attribute(off, () => true)).rejects.toMatchObject({ code: 'TRUEUP_PROVIDER_OFF' });
    expect(await ask<readonly Sent[]>('actions')).toHaveLength(sent);
    expect(await context.store.unsettled()).toEqual([]);
  });

  it('are read by the next run where the one that asked died', async () => {
    const { context } = await found();
    const progress: RunContext['actions']['progress'] = async () => {
      throw new Error('died');
    };
    const dying = { ...context, actions: { ...context.actions, progress } };
    await expect(attribute(dying, () => true)).rejects.toThrow('died');
    expect(await context.store.unsettled()).toMatchObject([{ operations: [], attribution: { group: ADMINISTRATORS } }]);
    expect(await attribute(context, () => true)).toEqual({ asked: 0, answered: 0 });
    expect(await ledger(context)).toMatchObject([{ actor: helpdesk, state: 'open' }]);
    expect(await context.store.unsettled()).toEqual([]);
  });
});
