/** The ledger: what a look opens, keeps open and resolves. */
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { observe } from '../../src/apply/observe.ts';
import { wholeLook } from '../../src/apply/survey.ts';
import type { RolloutPolicy } from '../../src/model/desired.ts';
import type { DriftRecord } from '../../src/model/drift.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import { exclusion, pattern } from '../reconcile/world.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

const intruder = 'S-1-5-21-1004336348-1177238915-682003330-1106';

async function ledger({ store }: RunContext): Promise<DriftRecord[]> {
  const records: DriftRecord[] = [];
  for await (const record of store.drift({})) records.push(record);
  return records;
}

interface Truth {
  readonly computerId: number;
  readonly name: string;
  readonly users: readonly { readonly name: string }[];
  readonly groups: readonly { readonly sid: string; readonly members: readonly string[] }[];
}

function inDomain({ groups }: Truth): boolean {
  return groups.some(({ sid, members }) => sid === ADMINISTRATORS && members.some((one) => one.endsWith('-512')));
}

/** A converged fleet in which somebody has made a stranger an administrator of one device. */
async function intruded(): Promise<{ readonly given: Cloud; readonly device: Truth }> {
  const given = await cloud({ devices: 8, drift: 0 });
  await applyAll(given.context);
  const devices = await given.ask<readonly Truth[]>('devices');
  const device = devices.find(inDomain);
  if (device === undefined) throw new Error('no device of the domain');
  await given.tell('drift', { device: device.computerId, group: { sid: ADMINISTRATORS, add: [intruder] } });
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { given, device };
}

describe('a difference', () => {
  it('that nobody declares any more is resolved', async () => {
    const {
      given: { context },
    } = await intruded();
    const { drift } = await observe(context);
    expect(drift.opened).toHaveLength(1);
    const nothing = { ...context.desired, computers: [], memberships: [], accounts: [] };
    await observe({ ...context, desired: nothing });
    expect((await ledger(context)).map(({ state }) => state)).toEqual(['resolved']);
  });

  it('of a device that an Exclusion leaves alone is accepted, and open again once that has ended', async () => {
    const { given, device } = await intruded();
    const { context } = given;
    await observe(context);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const exclusions = [exclusion('lab', { name: [pattern(device.name)] }, until)];
    const aside = { ...context, desired: { ...context.desired, exclusions } };
    expect((await observe(aside)).drift).toEqual({ opened: [], resolved: [] });
    expect(await ledger(context)).toMatchObject([{ state: 'accepted', count: 1 }]);
    expect((await observe(context)).drift.opened).toEqual([]);
    expect(await ledger(context)).toMatchObject([{ state: 'open', count: 1 }]);
    expect((await applyAll(context)).exitCode).toBe(0);
    expect(await ledger(context)).toMatchObject([{ state: 'resolved', count: 1 }]);
  });

  it('of a device that went offline stays open', async () => {
    const {
      given: { context, tell },
      device,
    } = await intruded();
    await observe(context);
    await tell('faults', { offline: [device.computerId] });
    await observe(context);
    expect((await ledger(context)).map(({ state }) => state)).toEqual(['open']);
  });
});

describe('a session in progress', () => {
  /** The same store, which knows of one session on every device. */
  const inSession = (context: RunContext): RunContext => ({
    ...context,
    store: {
      ...context.store,
      async *computers() {
        for await (const computer of context.store.computers()) yield { ...computer, sessions: [intruder] };
      },
    },
  });

  it('is no drift: nothing is opened, and nothing is sent', async () => {
    const {
      given: { context },
    } = await intruded();
    const { plan, drift } = await applyAll(inSession(context));
    expect(plan.held.map(({ guard }) => guard)).toEqual(['active-session']);
    expect([plan.actions, drift.opened, await ledger(context)]).toEqual([[], [], []]);
    expect((await observe(context)).drift.opened).toMatchObject([{ state: 'open', cause: 'outside-change' }]);
  });

  it('leaves on record what was there before it', async () => {
    const {
      given: { context },
    } = await intruded();
    await observe(context);
    const before = await ledger(context);
    const { drift } = await observe(inSession(context));
    expect(drift).toEqual({ opened: [], resolved: [] });
    expect(await ledger(context)).toEqual(before);
  });
});

describe('a difference that somebody keeps making', () => {
  it('is put right three times in a day and then contested: nothing more is sent until it is settled', async () => {
    const { given, device } = await intruded();
    const { context, clock, tell, ask } = given;
    const again = async (): Promise<void> => {
      await tell('drift', { device: device.computerId, group: { sid: ADMINISTRATORS, add: [intruder] } });
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    for (let round = 0; round < 3; round++) {
      expect((await applyAll(context)).exitCode).toBe(0);
      await again();
    }
    const sent = (await ask<readonly unknown[]>('actions')).length;
    const held = await applyAll(context);
    expect(held.exitCode).toBe(2);
    expect(held.plan.held).toMatchObject([
      {
        guard: 'contested',
        message:
          'put right 3 times in 24 hours and undone each time, likely by Group Policy (Restricted Groups, or Local Users and Groups)',
      },
    ]);
    expect(await ask('actions')).toHaveLength(sent);
    expect(await ledger(context)).toMatchObject([{ state: 'contested', cause: 'other-manager', count: 4 }]);

    const allow = [{ guard: 'contested', device: device.name, reason: 'INC-1' }] as const;
    const request = { kind: 'apply', saved: null, confirm: async () => true } as const;
    expect((await apply(context, { ...request, look: { ...wholeLook, allow } })).exitCode).toBe(0);

    await again();
    expect((await applyAll(context)).exitCode).toBe(2);
    clock.shift(25 * 3600);
    expect((await applyAll(context)).exitCode).toBe(0);
  });
});

describe('a difference that comes and goes by itself', () => {
  it('is not contested: nothing was put right, and the next apply does', async () => {
    const { given, device } = await intruded();
    const { context, tell } = given;
    const membership = async (change: 'add' | 'remove'): Promise<void> => {
      await tell('drift', { device: device.computerId, group: { sid: ADMINISTRATORS, [change]: [intruder] } });
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    for (let round = 0; round < 3; round++) {
      await observe(context);
      await membership('remove');
      await observe(context);
      await membership('add');
    }
    const { plan, exitCode } = await applyAll(context);
    expect(plan.held).toEqual([]);
    expect(plan.changes).toMatchObject([{ kind: 'group.remove', subject: { member: intruder } }]);
    expect(exitCode).toBe(0);
  });
});

describe('a member that nobody can resolve', () => {
  const gone = 'S-1-5-21-1004336348-1177238915-682003330-9999';

  /** A converged fleet, without budgets, in which one device has such a member. */
  async function orphaned(): Promise<{ readonly given: Cloud; readonly loose: RunContext; readonly device: Truth }> {
    const given = await cloud({ devices: 8, drift: 0 });
    const { context, tell, ask } = given;
    const loose = rolledOutBy(context, { budgets: { ...context.desired.rollout.budgets, ...unlimited } });
    await applyAll(loose);
    const device = (await ask<readonly Truth[]>('devices')).find(inDomain);
    if (device === undefined) throw new Error('no device of the domain');
    await tell('drift', { device: device.computerId, group: { sid: ADMINISTRATORS, add: [gone] } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { given, loose, device };
  }

  it('may go after ten looks over fourteen days in which others of its domain could be resolved', async () => {
    const {
      given: { clock },
      loose,
    } = await orphaned();
    for (let look = 1; look <= 9; look++) {
      const { plan } = await observe(loose);
      expect(plan.held.map(({ guard }) => guard)).toEqual(['orphan']);
      clock.shift(2 * 24 * 3600);
    }
    expect((await ledger(loose)).map(({ orphan }) => orphan?.looks)).toEqual([9]);
    await observe(loose);
    const { plan, exitCode } = await applyAll(loose);
    expect(plan.changes).toMatchObject([{ kind: 'group.remove', subject: { member: gone } }]);
    expect(exitCode).toBe(0);
  });

  it('may go in the end where looks are days apart, and changes are frozen at most of them', async () => {
    const {
      given: { clock },
      loose,
    } = await orphaned();
    const frozen = rolledOutBy(loose, { pauses: [freeze] });
    for (let look = 1; look <= 10; look++) {
      const { plan } = await observe(look === 1 ? loose : frozen);
      expect(plan.held.map(({ guard }) => guard)).toEqual([look === 1 ? 'orphan' : 'freeze']);
      clock.shift(2 * 24 * 3600);
    }
    const { plan, exitCode } = await applyAll(loose);
    expect(plan.changes).toMatchObject([{ kind: 'group.remove', subject: { member: gone } }]);
    expect(exitCode).toBe(0);
  });

  it('is one still after a look that would have let it go, and a run that did not get to it', async () => {
    const {
      given: { clock, tell },
      loose,
      device,
    } = await orphaned();
    for (let look = 1; look <= 10; look++) {
      await observe(loose);
      clock.shift(2 * 24 * 3600);
    }
    expect((await observe(loose)).plan.changes).toHaveLength(1);
    const none = { absolute: 0, percent: null, floor: 0, source: null };
    const budgets = { ...loose.desired.rollout.budgets, removals: none };
    expect((await applyAll(rolledOutBy(loose, { budgets }))).exitCode).toBe(3);
    await tell('faults', { offline: [device.computerId] });
    await observe(loose);
    await tell('faults', {});
    expect((await applyAll(loose)).plan.changes).toMatchObject([{ kind: 'group.remove', subject: { member: gone } }]);
  });

  it('stays where nobody else of its domain can be resolved either', async () => {
    const { context, clock, tell, ask } = await cloud({ devices: 8, drift: 0 });
    await applyAll(context);
    const device = (await ask<readonly Truth[]>('devices')).find(inDomain);
    const stranger = 'S-1-5-21-9-9-9-1001';
    await tell('drift', { device: device?.computerId, group: { sid: ADMINISTRATORS, add: [stranger] } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let look = 1; look <= 12; look++) {
      await observe(context);
      clock.shift(2 * 24 * 3600);
    }
    expect((await ledger(context)).map(({ orphan }) => orphan)).toEqual([undefined]);
  });
});

const anything = { absolute: null, percent: null, floor: 0, source: null };
const unlimited = { devices: anything, removals: anything };

const freeze = {
  guard: 'freeze',
  from: null,
  until: null,
  reason: null,
  source: { file: 'rollout.yaml', line: 1 },
} as const;

function rolledOutBy(context: RunContext, rollout: Partial<RolloutPolicy>): RunContext {
  const { desired } = context;
  return { ...context, desired: { ...desired, rollout: { ...desired.rollout, ...rollout } } };
}
