/** Wave after wave against a simulated cloud: what a gate lets through, what it stops, and how a run goes on later. */
import { describe, expect, it } from 'vitest';
import { type Applied, apply } from '../../src/apply/apply.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { explain } from '../../src/apply/explain.ts';
import { lookOf, survey, wholeLook } from '../../src/apply/survey.ts';
import { runCycle } from '../../src/daemon/cycle.ts';
import { inventoryText, parseInventory } from '../../src/endpoint/inventory.ts';
import type { FleetScanner } from '../../src/fleet-ports.ts';
import type { AuditRecord } from '../../src/model/audit.ts';
import type { Plan } from '../../src/model/plan.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import type { WavePolicy } from '../../src/model/waves.ts';
import type { DeviceRow } from '../../src/ports.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

const source = { file: 'rollout.yaml', line: 9 };

function wave(size: WavePolicy['size'], parts: Partial<WavePolicy> = {}): WavePolicy {
  return { name: null, size, selector: null, requireApproval: false, source, ...parts };
}

const thenRest: readonly WavePolicy[] = [wave({ devices: 3 }), wave('rest')];

/** The simulated cloud is fifty times as fast as a real one. */
const quick = 0.05;

function withWaves(context: RunContext, waves: readonly WavePolicy[]): RunContext {
  const { desired, provider } = context;
  const rollout = {
    ...desired.rollout,
    canaries: { devices: 2, selector: null, source },
    waves,
    gate: { percent: 99, withinSeconds: 2, source },
  };
  const options = { ...provider.options, action_timeout_seconds: 60 };
  const own = { ...provider, options };
  return { ...context, provider: own, desired: { ...desired, providers: [own], rollout } };
}

interface Fallen {
  readonly given: Cloud;
  readonly context: RunContext;
}

/** A converged fleet in which somebody has then disabled the account of every device that has it. */
async function fallen({
  waves = thenRest,
  pace = quick,
}: {
  readonly waves?: typeof thenRest;
  readonly pace?: number;
} = {}): Promise<Fallen> {
  const given = await cloud({ devices: 9, drift: 0, pace });
  const context = withWaves(given.context, waves);
  const { rollout } = given.context.desired;
  const first = await applyAll({ ...context, desired: { ...context.desired, rollout } });
  expect(first.exitCode).toBe(0);
  await disable(given);
  return { given, context };
}

async function disable(given: Cloud, some: readonly number[] | null = null): Promise<void> {
  for (const device of some ?? (await withAccount(given))) {
    await given.tell('drift', { device, user: { name: 'corp_breakglass', enabled: false } });
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}

/** Domain controllers have none. */
async function withAccount({ ask }: Cloud): Promise<readonly number[]> {
  interface Truth {
    readonly computerId: number;
    readonly users: readonly { readonly name: string }[];
  }
  const devices = await ask<readonly Truth[]>('devices');
  return devices.flatMap(({ computerId, users }) =>
    users.some(({ name }) => name === 'corp_breakglass') ? [computerId] : [],
  );
}

function devicesIn({ actions }: Plan, wave: number): string[] {
  return actions.filter((action) => action.wave === wave).flatMap(({ devices }) => devices);
}

function sentTo({ result }: Applied): number {
  return result.actions.reduce((sum, { devices }) => sum + devices, 0);
}

describe('a gate that is passed', () => {
  it('lets the next wave begin, once the devices of the one before were seen to be well', async () => {
    const { context } = await fallen();
    const seen: (readonly string[])[] = [];
    const scan: FleetScanner['scan'] = async (request) => {
      if (request.computerIds !== null) seen.push(request.computerIds);
      return context.scanner.scan(request);
    };
    const applied = await applyAll({ ...context, scanner: { ...context.scanner, scan } });
    const { plan, result, exitCode } = applied;
    expect(exitCode).toBe(0);
    expect(result.gates).toMatchObject([
      { wave: 1, name: 'canaries', devices: 2, healthy: 2, passed: true },
      { wave: 2, name: '3 devices', devices: 3, healthy: 3, passed: true },
    ]);
    expect(sentTo(applied)).toBe(plan.rollout?.waves.reduce((sum, { devices }) => sum + devices, 0));
    expect(seen.slice(0, 2).map((ids) => ids.length)).toEqual([2, 3]);
    expect(seen[0]).toEqual(plan.actions.filter((action) => action.wave === 1).flatMap(({ targets }) => targets));
    expect(result.converged).toBe(true);
  });

  it('waits for a device that is silent at first', async () => {
    const { context: given } = await fallen();
    const { rollout } = given.desired;
    const gate = { percent: 99, withinSeconds: 600, source };
    const context = { ...given, desired: { ...given.desired, rollout: { ...rollout, gate } } };
    const slept: number[] = [];
    let looks = 0;
    const scan: FleetScanner['scan'] = async (request) => {
      const answer = await context.scanner.scan(request);
      if (request.computerIds === null || (looks += 1) > 1) return answer;
      return { ...answer, rows: (async function* (): AsyncGenerator<DeviceRow> {})() };
    };
    const clock = {
      now: context.clock.now,
      sleep: async (milliseconds: number, signal?: AbortSignal) => {
        slept.push(milliseconds);
        await context.clock.sleep(milliseconds, signal);
      },
    };
    const { result, exitCode } = await applyAll({ ...context, clock, scanner: { ...context.scanner, scan } });
    expect(Math.max(...slept)).toBeGreaterThan(1000);
    expect(result.gates?.map(({ passed }) => passed)).toEqual([true, true]);
    expect(exitCode).toBe(0);
  });
});

describe('a gate that fails', () => {
  it.each([
    ['stuck', 'do not answer in time', { failed: 0, pending: 2 }],
    ['lostOutput', 'do not say what became of it', { failed: 2, pending: 0 }],
    ['undo', 'are seen to be as before', { failed: 2, pending: 0 }],
  ] as const)(
    'by devices that are %s and %s stops the rest, and the next apply goes on',
    { timeout: 120_000 },
    async (fault, _, left) => {
      // An administrator takes half a minute to undo it.
      const { given, context } = await fallen(fault === 'undo' ? { pace: 1 } : {});
      await given.tell('faults', { rates: { [fault]: 1 } });
      // Nobody waits here for a stuck action until it expires.
      const tell: RunContext['tell'] = ({ kind }) => {
        if (fault === 'stuck' && kind === 'action') given.clock.shift(60);
      };
      const stopped = await applyAll({ ...context, tell });
      const { plan, result } = stopped;
      expect(stopped.exitCode).toBe(6);
      expect(result.gates).toEqual([
        { wave: 1, name: 'canaries', devices: 2, healthy: 0, percent: 99, withinSeconds: 2, passed: false, source },
      ]);
      expect(sentTo(stopped)).toBe(2);
      expect([result.failed.length, result.pending.length]).toEqual([left.failed, left.pending]);
      expect(result.held).toBeGreaterThanOrEqual(devicesIn(plan, 2).length + devicesIn(plan, 3).length);

      await given.tell('faults', {});
      const resumed = await applyAll(context);
      expect(resumed.plan.warnings).toContainEqual(
        expect.stringContaining('The gate of wave 1 (canaries) failed in run'),
      );
      expect([resumed.exitCode, resumed.result.converged]).toEqual([0, true]);
    },
  );

  it('by a device that has lost its last usable administrator, though all is done on it', async () => {
    const { context } = await fallen();
    const scan: FleetScanner['scan'] = async (request) => {
      const answer = await context.scanner.scan(request);
      if (request.computerIds === null) return answer;
      return { ...answer, rows: unadministered(answer.rows) };
    };
    const { result, exitCode } = await applyAll({ ...context, scanner: { ...context.scanner, scan } });
    expect(result.failed).toEqual([]);
    expect(result.gates).toMatchObject([{ healthy: 0, passed: false }]);
    expect(exitCode).toBe(6);
  });

  it('is not tried again by the daemon, until somebody applies', async () => {
    const { given, context } = await fallen();
    await given.tell('faults', { rates: { lostOutput: 1 } });
    const failed = await runCycle(context, true);
    expect([failed.exitCode, failed.result?.gates?.[0]?.passed]).toEqual([6, false]);
    await given.tell('faults', {});
    const sent = (await given.ask<readonly unknown[]>('actions')).length;
    const next = await runCycle(context, true);
    const later = await runCycle(context, true);
    for (const { exitCode, plan } of [next, later]) {
      expect(exitCode).toBe(2);
      expect(plan?.actions).toEqual([]);
      expect(plan?.held.filter(({ guard }) => guard === 'gate').map(({ message }) => message)).toContainEqual(
        `the gate of wave 1 (canaries) failed in run ${failed.run}: 0 of 2 devices were healthy, and 99 % must be (rollout.yaml:9)`,
      );
    }
    expect(later.plan?.digest).toBe(next.plan?.digest);
    expect(await given.ask('actions')).toHaveLength(sent);

    expect((await applyAll(context)).exitCode).toBe(0);
    await disable(given);
    expect((await runCycle(context, true)).exitCode).toBe(0);
  });

  it('holds the daemon even where the run did not come to its end', async () => {
    const { given, context } = await fallen();
    await given.tell('faults', { rates: { lostOutput: 1 } });
    const scan: FleetScanner['scan'] = async (request) => {
      if (request.computerIds !== null) throw new Error('no answer');
      return context.scanner.scan(request);
    };
    const cut = await runCycle({ ...context, scanner: { ...context.scanner, scan } }, true);
    expect(cut.error).toMatchObject({ message: 'no answer' });
    await given.tell('faults', {});
    const sent = (await given.ask<readonly unknown[]>('actions')).length;
    expect((await runCycle(context, true)).exitCode).toBe(2);
    expect(await given.ask('actions')).toHaveLength(sent);
  });

  it('is behind us once the configuration is another one', async () => {
    const { given, context } = await fallen();
    await given.tell('faults', { rates: { lostOutput: 1 } });
    expect((await runCycle(context, true)).exitCode).toBe(6);
    await given.tell('faults', {});
    const mended = { ...context, desired: { ...context.desired, digest: 'e'.repeat(64) } };
    expect((await runCycle(mended, true)).exitCode).toBe(0);
  });
});

/** The domain's administrators are gone, and RID 500 is disabled. */
function withoutAdministrators(text: string): string {
  const parsed = parseInventory(text);
  if (parsed.kind !== 'inventory') return text;
  const { users, groups, ...rest } = parsed.inventory;
  return inventoryText({
    ...rest,
    users: users.map((one) => (one.rid === 500 ? { ...one, enabled: false } : one)),
    groups: groups.map(({ sid, members }) => ({
      sid,
      members: sid === ADMINISTRATORS ? members.filter((member) => !member.sid.endsWith('-512')) : members,
    })),
  });
}

describe('a wave that requires approval', () => {
  const waves = [wave({ devices: 3 }, { name: 'pilot', requireApproval: true }), wave('rest')];

  it('waits with all that follow, run after run, until it is released; the audit says by whom', async () => {
    const { context } = await fallen({ waves });
    const first = await applyAll(context);
    expect(first.exitCode).toBe(2);
    expect(first.result.gates).toMatchObject([{ name: 'canaries', passed: true }]);
    expect(sentTo(first)).toBe(2);
    const waiting = first.plan.rollout?.waves.flatMap(({ held }) => held) ?? [];
    expect(first.result.held).toBeGreaterThanOrEqual(waiting.length);
    const { facets } = await explain(context, waiting[0] ?? '', true);
    expect(facets.filter(({ verdict }) => verdict === 'held').map(({ held }) => held?.guard)).toEqual(['gate']);
    for (const again of [await runCycle(context, true), await runCycle(context, true)]) {
      expect([again.exitCode, again.plan?.actions]).toEqual([2, []]);
    }
    const look = { ...wholeLook, approve: ['pilot'] };
    const released = await apply(context, { kind: 'apply', saved: null, look, confirm: async () => true });
    expect(released.plan.rollout?.waves.map(({ name, devices }) => [name, devices])).toEqual([
      ['pilot', 3],
      ['rest', waiting.length - 3],
    ]);
    expect(released.exitCode).toBe(0);
    const records: AuditRecord[] = [];
    for await (const record of context.store.audit()) records.push(record);
    expect(records.filter(({ kind }) => kind === 'approval')).toMatchObject([
      { by: 'test', detail: { wave: 2, name: 'pilot' } },
    ]);
  });

  it('waits also after a run that died on the way', async () => {
    const { given, context } = await fallen({ waves });
    const scan: FleetScanner['scan'] = async (request) => {
      if (request.computerIds !== null) throw new Error('died');
      return context.scanner.scan(request);
    };
    await expect(applyAll({ ...context, scanner: { ...context.scanner, scan } })).rejects.toThrow('died');
    const sent = (await given.ask<readonly unknown[]>('actions')).length;
    const next = await applyAll(context);
    expect(next.plan.actions).toEqual([]);
    expect(next.plan.rollout?.waves.map(({ name }) => name)).toEqual(['pilot', 'rest']);
    expect(await given.ask('actions')).toHaveLength(sent);
  });
});

describe('a saved plan', () => {
  it('goes in the waves that were agreed on, whatever has fallen since', async () => {
    const given = await cloud({ devices: 9, drift: 0, pace: quick });
    const { rollout } = given.context.desired;
    const context = withWaves(given.context, thenRest);
    await applyAll({ ...context, desired: { ...context.desired, rollout } });
    const devices = await withAccount(given);
    await disable(given, devices.slice(4));
    const { plan: saved } = await survey(context, { ...wholeLook, fresh: true });
    await disable(given, devices.slice(0, 4));
    const look = lookOf(saved);
    const applied = await apply(context, { kind: 'apply', saved, look, confirm: async () => true });
    expect(placesOf(applied.plan)).toEqual(placesOf(saved));
    expect(applied.plan.rollout).toEqual(saved.rollout);
    expect(sentTo(applied)).toBe(new Set(placesOf(saved).map(([id]) => id)).size);
  });
});

function placesOf({ actions }: Plan): [string, number][] {
  const places = actions.flatMap(({ targets, wave: number }) => targets.map((id): [string, number] => [id, number]));
  return places.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

it('a run that is cut off between two waves is taken up by the next one, and nothing is sent twice', async () => {
  const { given, context } = await fallen();
  const died = new Error('died');
  const scan: FleetScanner['scan'] = async (request) => {
    if (request.computerIds !== null) throw died;
    return context.scanner.scan(request);
  };
  await expect(applyAll({ ...context, scanner: { ...context.scanner, scan } })).rejects.toBe(died);
  const before = (await given.ask<readonly { readonly targets: readonly unknown[] }[]>('actions')).length;
  const { plan, exitCode } = await applyAll(context);
  expect(exitCode).toBe(0);
  expect(plan.rollout?.waves[0]).toMatchObject({ name: 'canaries', devices: 2 });
  expect((await given.ask<readonly unknown[]>('actions')).length).toBe(before + plan.actions.length);
});

async function* unadministered(rows: AsyncIterable<DeviceRow>): AsyncGenerator<DeviceRow> {
  for await (const row of rows) yield { ...row, text: withoutAdministrators(row.text) };
}
