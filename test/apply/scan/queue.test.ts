/** Computers that are scanned one by one: from the cache, or in real time by an action of their own. */
import { describe, expect, it } from 'vitest';
import type { ScanContext } from '../../../src/apply/scan/context.ts';
import { scanDevice } from '../../../src/apply/scan/device.ts';
import { reportOfStep } from '../../../src/apply/scan/report.ts';
import { scanStep } from '../../../src/apply/scan/step.ts';
import { TrueupError } from '../../../src/errors.ts';
import type { DeviceTruth } from '../../../src/simulator/fleet/fleet.ts';
import { exclusion, pattern } from '../../reconcile/world.ts';
import { computersIn, countOf, lastRun, queuedIn, scanWorld } from './world.ts';

const all = { what: 'all', collectNow: false } as const;
const cycle = { what: 'cycle', collectNow: false } as const;
const noBulk = { bulk_scan_enabled: false };
const strangers = 'S-1-5-21-1004336348-1177238915-682003330-1107';

interface SimAction {
  readonly id: number;
  readonly name: string;
  readonly parameters: { readonly EncodedCommand: string };
  readonly targets: readonly number[];
}

async function devicesOf({ ask }: { ask: <T>(what: 'devices') => Promise<T> }): Promise<readonly DeviceTruth[]> {
  const devices = await ask<readonly DeviceTruth[]>('devices');
  const names = new Map<string, number>();
  for (const { name } of devices) names.set(name, (names.get(name) ?? 0) + 1);
  return devices.filter(({ name }) => names.get(name) === 1);
}

async function scanOf({ context }: { context: ScanContext }, id: string): Promise<unknown> {
  return (await computersIn(context)).find((computer) => computer.id === id)?.lastScan;
}

async function enqueued({ context }: { context: ScanContext }, ids: readonly string[]): Promise<void> {
  const asked = { requestedAt: context.clock.now(), by: 'somebody', reason: 'asked' } as const;
  await context.store.enqueue(ids.map((id) => ({ id, name: id, ...asked })));
}

describe('a scan from the cache', { timeout: 60_000 }, () => {
  it('#110 has answers that are at most sensor_max_age_seconds old, and says so; --collect-now goes past them', async () => {
    const world = await scanWorld({ devices: 4, options: { ...noBulk, sensor_max_age_seconds: 600 } });
    const { context, tell } = world;
    const [device] = await devicesOf(world);
    const id = String(device?.computerId);
    const administrators = async (collectNow: boolean): Promise<readonly string[]> =>
      (await scanDevice(context, id, collectNow)).result.answer?.administrators ?? [];
    const before = await administrators(false);
    await tell('drift', { device: device?.computerId, group: { sid: 'S-1-5-32-544', add: [strangers] } });
    expect(await administrators(false)).toEqual(before);
    expect(await scanOf(world, id)).toMatchObject({
      success: true,
      source: 'cached',
      msg: 'scanned, at most 600 s old',
    });
    expect(await administrators(true)).toContain(strangers);
    expect(await scanOf(world, id)).toMatchObject({ msg: 'scanned in real time' });
  });

  it('makes no action, and one question for all that wait', async () => {
    const world = await scanWorld({ devices: 30, options: noBulk });
    const { queue } = await scanStep(world.context, all);
    expect(queue?.run.totals).toMatchObject({ targeted: 30, completed: 30 });
    expect(await world.ask('actions')).toEqual([]);
    expect(countOf(await world.ask('requests'), 'POST /api/v2/questions')).toBe(1);
    expect(await queuedIn(world.context)).toEqual([]);
  });
});

describe('a scan in real time', { timeout: 60_000 }, () => {
  it('#14 #15 #111 #160 #172 is a question, its temporary group, and one action that changes nothing', async () => {
    const world = await scanWorld({ devices: 6, protect: 'JITA', options: noBulk });
    const { context, ask, tell } = world;
    const [device] = await devicesOf(world);
    const id = String(device?.computerId);
    await scanDevice(context, id, false);
    // What a cache would have kept back is seen at once.
    await tell('drift', { device: device?.computerId, group: { sid: 'S-1-5-32-544', add: [strangers] } });
    const before = await ask('devices');
    const { result, run } = await scanDevice(context, device?.name ?? '', false);
    expect(result.answer?.administrators).toContain(strangers);
    expect(await ask('devices')).toEqual(before);
    const actions = await ask<readonly SimAction[]>('actions');
    expect(actions).toHaveLength(2);
    expect(actions[1]?.targets).toEqual([device?.computerId]);
    expect(actions[1]?.parameters.EncodedCommand).toContain('-Target General -Action Inventory');
    expect(run).toMatchObject({ kind: 'device', status: 'completed', actionId: String(actions[1]?.id) });
    // The group of the question, and none that was made for the action.
    const requests = await ask<Readonly<Record<string, number>>>('requests');
    expect(countOf(requests, 'GET /api/v2/questions/{id}')).toBe(2);
    expect(countOf(requests, 'POST /api/v2/groups')).toBe(0);
  });

  it('#161 #173 leaves a lastScan that is newer than the request', async () => {
    const world = await scanWorld({ devices: 3, protect: 'Deny', options: noBulk });
    const [device] = await devicesOf(world);
    const id = String(device?.computerId);
    const asked = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    await scanDevice(world.context, id, false);
    const last = (await scanOf(world, id)) as { readonly scanTs: string };
    expect(last).toMatchObject({ success: true, error: null, source: 'realtime' });
    expect(last.scanTs >= asked).toBe(true);
  });

  it('#16 looks every action_check_interval_seconds, and no longer than action_timeout_seconds', async () => {
    const world = await scanWorld({
      devices: 3,
      protect: 'JITA',
      pace: 0.01,
      options: { ...noBulk, action_check_interval_seconds: 3, action_timeout_seconds: 60 },
    });
    const [device] = await devicesOf(world);
    await world.tell('faults', { rates: { stuck: 1 }, seed: 1 });
    const slept: number[] = [];
    const { clock } = world;
    let watching = false;
    const actions: ScanContext['actions'] = {
      ...world.context.actions,
      progress: (...given) => {
        watching = true;
        return world.context.actions.progress(...given);
      },
    };
    const counting: ScanContext['clock'] = {
      now: () => clock.now(),
      sleep: async (milliseconds, signal) => {
        if (watching) {
          slept.push(milliseconds);
          clock.shift(milliseconds / 1000);
        }
        await clock.sleep(milliseconds, signal);
      },
    };
    const id = String(device?.computerId);
    const { result } = await scanDevice({ ...world.context, actions, clock: counting }, id, false);
    expect(result.failure).toBe('action-timeout');
    expect(new Set(slept)).toEqual(new Set([3000]));
    expect(slept.length).toBeGreaterThanOrEqual(19);
    expect(slept.length).toBeLessThanOrEqual(20);
    expect(await scanOf(world, id)).toMatchObject({ success: false, error: 'action-timeout' });
  });

  it.each([
    ['cutOutput', 'no-report'],
    ['lostOutput', 'no-report'],
    ['hostileOutput', 'no-report'],
  ] as const)('#17 #18 writes no result of an output that it cannot read (%s)', async (fault, failure) => {
    const world = await scanWorld({ devices: 3, protect: 'JITA', options: noBulk, pace: 0.1 });
    const { context } = world;
    const [device] = await devicesOf(world);
    const id = String(device?.computerId);
    await scanDevice(context, id, false);
    const before = await context.store.history(id);
    await world.tell('drift', { device: device?.computerId, group: { sid: 'S-1-5-32-544', add: [strangers] } });
    await world.tell('faults', { rates: { [fault]: 1 }, seed: 1 });
    const { result, run } = await scanDevice(context, id, false);
    expect(result).toMatchObject({ failure, answer: null });
    expect(run.status).toBe('failed');
    expect(await context.store.history(id)).toEqual(before);
    expect(await scanOf(world, id)).toMatchObject({ success: false, error: failure });
    if (fault !== 'cutOutput') return;
    // The raw text is there for whoever looks for the cause, without what may be a secret.
    expect(run.errors[0]).toContain('holds no report: "');
    expect(run.errors[0]).not.toMatch(/[A-Za-z0-9+/=]{24,}/);
  });

  it('says of a device that Tanium alone knows that it is not on record', async () => {
    const world = await scanWorld({ devices: 3, options: noBulk, isKnown: (index) => index > 0 });
    const [stranger] = await world.ask<readonly DeviceTruth[]>('devices');
    await expect(scanDevice(world.context, stranger?.name ?? '', false)).rejects.toMatchObject({
      code: 'TRUEUP_DEVICE_NOT_FOUND',
      message: `No computer on record is called "${stranger?.name}".`,
      likelyCause: expect.stringContaining('it has no record'),
    });
    expect(await world.ask('requests')).toEqual({});
  });

  it('#14 says of a computer that is not there when it was seen last, and sends nothing', async () => {
    const world = await scanWorld({ devices: 3, protect: 'JITA', options: noBulk });
    const { context, tell, ask } = world;
    const [device] = await devicesOf(world);
    const id = String(device?.computerId);
    await context.store.saveScan('inventory', 'run', '2026-03-02T09:00:00.000Z', 1, [
      { computerId: id, name: device?.name ?? '', os: '', domain: null, text: '' },
    ]);
    await tell('faults', { offline: [device?.computerId], rates: {} });
    const { result } = await scanDevice(context, id, false);
    expect(result).toMatchObject({ failure: 'last-seen-too-long-ago' });
    expect(result.message).toContain('last seen 2026-03-02 09:00Z');
    expect(await ask('actions')).toEqual([]);
  });

  it('#33 #34 skips devices that lack what a scan needs, each with its reason, and sends them nothing', async () => {
    const world = await scanWorld({ devices: 300, protect: 'JITA', options: noBulk });
    const { context, ask } = world;
    await context.store.change((await computersIn(context)).map(({ id }) => ({ id, protect: 'Disabled' as const })));
    await scanStep(context, all);
    const unready = new Map<string, string>();
    for (const { id } of await computersIn(context)) {
      const [latest] = await context.store.history(id);
      const inventory = JSON.parse(latest?.text.startsWith('{') ? latest.text : '{}') as {
        readonly os?: { readonly kind: string };
        readonly ps?: string;
      };
      if (inventory.os?.kind === 'dc') unready.set(id, 'domain-controller');
      else if (inventory.ps === '4.0') unready.set(id, 'powershell-too-old');
    }
    expect(new Set(unready.values())).toEqual(new Set(['domain-controller', 'powershell-too-old']));
    for (const [id, why] of unready) {
      await context.store.change([{ id, protect: 'JITA' }]);
      expect((await scanDevice(context, id, false)).result, id).toMatchObject({ failure: why, answer: null });
    }
    const { skipped, failed } = reportOfStep('P', 'scan', await scanStep(context, all));
    expect([skipped, failed]).toEqual([unready.size, unready.size]);
    expect(await ask('actions')).toEqual([]);
  });

  it('sends nothing to a device that an Exclusion leaves alone', async () => {
    const world = await scanWorld({ devices: 4, protect: 'JITA', options: noBulk });
    const { context, ask } = world;
    const [device, other] = await devicesOf(world);
    const name = device?.name ?? '';
    const incident = exclusion('INC-1', { name: [pattern(name)] }, '2036-01-01T00:00:00Z');
    const excluding = { ...context, desired: { ...context.desired, exclusions: [incident] } };
    const { result } = await scanDevice(excluding, name, false);
    expect(result).toMatchObject({
      failure: 'left-alone',
      message: 'skipped: left alone until 2036-01-01T00:00Z: incident 42',
    });
    expect(await ask('actions')).toEqual([]);
    expect((await scanDevice(excluding, other?.name ?? '', false)).result.failure).toBeNull();
  });

  it('finds the action that a doubtful request has made, and makes no second one', async () => {
    const world = await scanWorld({ devices: 3, protect: 'JITA', options: noBulk, pace: 0.1 });
    const [device] = await devicesOf(world);
    const id = String(device?.computerId);
    const issue: ScanContext['actions']['issue'] = async (...given) => {
      await world.context.actions.issue(...given);
      throw new TrueupError('TRUEUP_TANIUM_UNREACHABLE', 'The connection ended.', { doubtful: true });
    };
    const { result } = await scanDevice({ ...world.context, actions: { ...world.context.actions, issue } }, id, false);
    expect(result.failure).toBeNull();
    expect(await world.ask('actions')).toHaveLength(1);
  });

  it('#54 needs a package only where it is used', async () => {
    const options = { ...noBulk, package_name: 'No Such Package' };
    const cached = await scanWorld({ devices: 3, options });
    expect((await scanStep(cached.context, all)).queue?.run.totals.completed).toBe(3);
    const strict = await scanWorld({ devices: 3, protect: 'JITA', options });
    await expect(scanStep(strict.context, all)).rejects.toMatchObject({ code: 'TRUEUP_PACKAGE_NOT_FOUND' });
    // Whoever was not scanned waits still.
    expect(await queuedIn(strict.context)).toHaveLength(3);
  });
});

describe('the queue', { timeout: 60_000 }, () => {
  it('#127 #128 is worked after the group in a cycle, with those that the group’s question left', async () => {
    const world = await scanWorld({ devices: 20, options: { bulk_scan_retry_attempts: 0 } });
    const { context, tell } = world;
    const devices = await devicesOf(world);
    await tell('faults', { offline: [devices[0]?.computerId, devices[1]?.computerId], rates: {} });
    const order: string[] = [];
    const seen: ScanContext = {
      ...context,
      scanner: {
        ...context.scanner,
        scanGroup: (request) => {
          order.push('group');
          return context.scanner.scanGroup(request);
        },
        scan: async (request) => {
          order.push(`single ${request.computerIds?.length}`);
          // One of them is back meanwhile.
          await tell('faults', { offline: [devices[0]?.computerId], rates: {} });
          return context.scanner.scan(request);
        },
      },
    };
    const { bulk, queue } = await scanStep(seen, cycle);
    expect(order).toEqual(['group', 'single 2']);
    expect(bulk?.run.totals).toMatchObject({ completed: 18, fallback: 2 });
    expect(queue?.run.totals).toMatchObject({ targeted: 2, completed: 1, offline: 1 });
    // Both have had their individual scan; the next cycle's question begins anew.
    expect(await queuedIn(context)).toEqual([]);
    expect(await scanOf(world, String(devices[1]?.computerId))).toMatchObject({ success: true, source: 'cached' });
    expect(await scanOf(world, String(devices[0]?.computerId))).toMatchObject({ success: false, error: 'offline' });
  });

  it('without bulk scans, a cycle scans only whom somebody has asked for', async () => {
    const world = await scanWorld({ devices: 5, options: noBulk });
    const [device] = await devicesOf(world);
    expect(await scanStep(world.context, cycle)).toMatchObject({ bulk: null, queue: null });
    expect(await world.ask('requests')).toEqual({});
    await enqueued(world, [String(device?.computerId)]);
    const { queue } = await scanStep(world.context, cycle);
    expect(queue?.run.totals).toMatchObject({ targeted: 1, completed: 1 });
  });

  it('#109 drops a request for a computer whose Scan was disabled meanwhile, and one whose record is gone', async () => {
    const world = await scanWorld({ devices: 3, options: noBulk });
    const [device] = await devicesOf(world);
    const id = String(device?.computerId);
    await enqueued(world, [id, 'gone']);
    await world.context.store.change([{ id, scan: false }]);
    const { queue } = await scanStep(world.context, cycle);
    expect(queue?.run.totals.targeted).toBe(0);
    expect(await queuedIn(world.context)).toEqual([]);
    expect(await world.ask('requests')).toEqual({});
    await expect(scanDevice(world.context, id, false)).rejects.toMatchObject({ code: 'TRUEUP_SCAN_DISABLED' });
  });

  it('recovers requests that are stuck in progress with a process that died', async () => {
    const world = await scanWorld({ devices: 3, options: noBulk });
    const { store, clock } = world.context;
    const [device] = await devicesOf(world);
    await enqueued(world, [String(device?.computerId)]);
    const taker = { holder: 'dead', now: clock.now(), isDead: () => false, stuckBefore: '2000-01-01T00:00:00.000Z' };
    expect(await store.take(10, taker)).toHaveLength(1);
    expect(await store.take(10, taker)).toHaveLength(0);
    const { queue } = await scanStep(world.context, cycle);
    expect(queue?.run.totals.completed).toBe(1);
  });

  it('lets those wait again that an interruption kept from being scanned', async () => {
    const world = await scanWorld({ devices: 12, protect: 'JITA', options: noBulk });
    const stop = new AbortController();
    const store: ScanContext['store'] = {
      ...world.context.store,
      finish: async (ids) => {
        await world.context.store.finish(ids);
        if (ids.length > 0) stop.abort(new TrueupError('TRUEUP_INTERRUPTED', 'The run was interrupted by SIGTERM.'));
      },
    };
    const scan = scanStep({ ...world.context, store, signal: stop.signal }, all);
    await expect(scan).rejects.toMatchObject({ code: 'TRUEUP_INTERRUPTED' });
    const run = await lastRun(world.context);
    expect(run).toMatchObject({ status: 'interrupted' });
    const done = (await computersIn(world.context)).filter(({ lastScan }) => lastScan !== null);
    expect(done.length).toBeGreaterThan(0);
    expect((await queuedIn(world.context)).length).toBe(12 - done.length);
    for await (const { inProgress } of world.context.store.queued()) expect(inProgress).toBeNull();
  });
});
