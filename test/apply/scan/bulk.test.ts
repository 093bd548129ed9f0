/** One question for a whole group, on the simulated cloud with its faults. */
import { describe, expect, it, vi } from 'vitest';
import type { ScanContext } from '../../../src/apply/scan/context.ts';
import { scanStep } from '../../../src/apply/scan/step.ts';
import { TrueupError } from '../../../src/errors.ts';
import type { ScanNote } from '../../../src/model/scan.ts';
import { ADMINISTRATORS } from '../../../src/model/sid.ts';
import type { DeviceRow } from '../../../src/ports.ts';
import type { DeviceTruth } from '../../../src/simulator/fleet/fleet.ts';
import { computersIn, countOf, lastRun, queuedIn, scanWorld } from './world.ts';

const bulk = { what: 'bulk', collectNow: false } as const;

type Requests = Readonly<Record<string, number>>;

/** Every batch that the store is told of, in order. */
function recordedBatches(context: ScanContext): { readonly context: ScanContext; readonly batches: ScanNote[][] } {
  const batches: ScanNote[][] = [];
  const store: ScanContext['store'] = {
    ...context.store,
    noteScans: async (notes) => {
      batches.push([...notes]);
      await context.store.noteScans(notes);
    },
  };
  return { context: { ...context, store }, batches };
}

async function* withoutFirst(rows: AsyncIterable<DeviceRow>): AsyncGenerator<DeviceRow> {
  let isFirst = true;
  for await (const row of rows) {
    if (!isFirst) yield row;
    isFirst = false;
  }
}

describe('a bulk scan', { timeout: 60_000 }, () => {
  it('#12 #19 #20 #117 #118 is one question, whatever the size of its group, and changes no device', async () => {
    const small = await scanWorld({ devices: 10 });
    const large = await scanWorld({ devices: 2_300, options: { bulk_scan_batch_size: 500 } });
    for (const { context, ask } of [small, large]) {
      const before = await ask<readonly DeviceTruth[]>('devices');
      const { bulk: part } = await scanStep(context, bulk);
      const requests = await ask<Requests>('requests');
      expect(countOf(requests, 'POST /api/v2/questions')).toBe(1);
      expect(await ask('actions')).toEqual([]);
      const pages = Math.ceil(before.length / 1000);
      const all = Object.values(requests).reduce((sum, count) => sum + count, 0);
      expect(all).toBeLessThanOrEqual(2 * pages + 20);
      expect(part?.run).toMatchObject({
        status: 'completed',
        apiCalls: all,
        apiErrors: 0,
        group: 'All Windows Computers',
      });
      expect(part?.run.totals).toMatchObject({
        targeted: before.length,
        matched: before.length,
        completed: before.length,
        failed: 0,
        offline: 0,
        fallback: 0,
      });
      expect(await ask('devices')).toEqual(before);
    }
  });

  it('#23 #119 is kept in batches of bulk_scan_batch_size, all results with one time', async () => {
    const { context, batches } = recordedBatches(
      (await scanWorld({ devices: 120, options: { bulk_scan_batch_size: 50 } })).context,
    );
    await scanStep(context, bulk);
    expect(batches.map(({ length }) => length)).toEqual([50, 50, 20]);
    expect(new Set(batches.flat().map(({ lastScan }) => lastScan.scanTs)).size).toBe(1);
    const computers = await computersIn(context);
    expect(new Set(computers.map(({ lastScan }) => lastScan?.scanTs)).size).toBe(1);
    expect(computers.every(({ lastScan }) => lastScan?.success === true && lastScan.source === 'bulk')).toBe(true);
  });

  it('keeps who is an administrator of each device', async () => {
    const { context, ask } = await scanWorld({ devices: 15 });
    await scanStep(context, bulk);
    const truth = new Map(
      (await ask<readonly DeviceTruth[]>('devices')).map(({ computerId, groups }) => [
        String(computerId),
        groups.find(({ sid }) => sid === ADMINISTRATORS)?.members.length ?? 0,
      ]),
    );
    let checked = 0;
    for await (const { id, current } of context.store.administrators()) {
      expect(current.filter(({ onHost }) => onHost).length, id).toBe(truth.get(id));
      checked += 1;
    }
    expect(checked).toBe(15);
    const [first] = truth.keys();
    expect(await context.store.history(first ?? '')).toHaveLength(1);
  });

  it.each([
    ['Disabled', false, false],
    ['Disabled', true, true],
    ['JITA', false, true],
  ] as const)(
    '#53 #110 #111 with Protect %s, and --collect-now %s, goes past the caches: %s',
    async (protect, collectNow, isFresh) => {
      const { context, tell, ask } = await scanWorld({ devices: 5, protect });
      const [device] = await ask<readonly DeviceTruth[]>('devices');
      const stranger = 'S-1-5-21-1004336348-1177238915-682003330-1107';
      // So that every client has an answer in its cache.
      await scanStep(context, bulk);
      await tell('drift', { device: device?.computerId, group: { sid: ADMINISTRATORS, add: [stranger] } });
      await scanStep(context, { what: 'bulk', collectNow });
      const [latest] = await context.store.history(String(device?.computerId));
      expect(latest?.text.includes(stranger)).toBe(isFresh);
    },
  );

  it('#22 #51 one bad row loses none of the others, and is counted', async () => {
    const { context, tell } = await scanWorld({ devices: 60, options: { bulk_scan_retry_attempts: 0 } });
    await tell('faults', { rates: { tseError: 0.2 }, seed: 4 });
    const { bulk: part } = await scanStep(context, bulk);
    const { completed, failed, matched } = part?.run.totals ?? {};
    expect(failed).toBeGreaterThan(3);
    expect([completed, matched]).toEqual([60 - (failed ?? 0), 60]);
    expect(part?.run.status).toBe('partial');
  });

  it('#130 leaves devices whose sensor does not come to an end to be scanned one by one', async () => {
    const { context, tell } = await scanWorld({ devices: 40, pace: 0.1, options: { bulk_scan_retry_attempts: 0 } });
    await tell('faults', { rates: { unavailable: 0.2 }, seed: 3 });
    const { bulk: part } = await scanStep(context, bulk);
    const { completed = 0, failed = 0 } = part?.run.totals ?? {};
    expect(failed).toBeGreaterThan(0);
    expect(completed + failed).toBe(40);
    expect(part?.left.map(({ failure }) => failure)).toEqual(Array.from({ length: failed }, () => 'no-answer'));
    expect(await queuedIn(context)).toHaveLength(failed);
  });

  it('#132 takes a device that answers twice once, and rows that come late', async () => {
    const { context, tell } = await scanWorld({ devices: 80 });
    await tell('faults', { rates: { duplicateRows: 0.5, lateRows: 0.3 }, seed: 2 });
    const { bulk: part } = await scanStep(context, bulk);
    expect(part?.run.totals).toMatchObject({ targeted: 80, matched: 80, completed: 80, failed: 0 });
    expect(await queuedIn(context)).toEqual([]);
  });

  it('#131 asks those that are missing again, bulk_scan_retry_attempts times, before it leaves them', async () => {
    const { context, tell, ask, lines } = await scanWorld({ devices: 40, options: { bulk_scan_retry_attempts: 2 } });
    await tell('faults', { rates: { tseError: 0.6 }, seed: 4 });
    const { bulk: part } = await scanStep(context, bulk);
    expect(part?.run.retries).toBe(2);
    expect(countOf(await ask<Requests>('requests'), 'POST /api/v2/questions')).toBe(3);
    const { failed = 0 } = part?.run.totals ?? {};
    expect(failed).toBeGreaterThan(0);
    expect(part?.run.totals).toMatchObject({ completed: 40 - failed, offline: 0, fallback: failed });
    // Nobody else is asked again.
    const [first, second] = lines
      .filter((line) => line.includes('bulk_scan retry'))
      .map((line) => JSON.parse(line).devices);
    expect([40 > first, first > second, second > failed]).toEqual([true, true, true]);
  });

  it.each([0.01, 0.2, 0.9])(
    '#117 #131 asks nobody again who is offline, and costs no more with a share of %f offline',
    async (share) => {
      const { context, tell, ask } = await scanWorld({ devices: 3_000, options: { bulk_scan_batch_size: 500 } });
      await tell('faults', { rates: { offline: share }, seed: 5 });
      const { bulk: part } = await scanStep(context, bulk);
      const requests = await ask<Requests>('requests');
      const { completed = 0, offline = 0, fallback } = part?.run.totals ?? {};
      expect(offline).toBeGreaterThan(0);
      expect([completed + offline, fallback]).toEqual([3_000, offline]);
      expect(part?.run.retries).toBe(0);
      expect(countOf(requests, 'POST /api/v2/questions')).toBe(1);
      const all = Object.values(requests).reduce((sum, count) => sum + count, 0);
      expect(all).toBeLessThanOrEqual(2 * Math.ceil(completed / 1000) + 20);
      expect(await queuedIn(context)).toHaveLength(offline);
    },
  );

  it('#131 asks those who are silent while some clients have not had a look', async () => {
    const { context, lines } = await scanWorld({ devices: 30 });
    const scanGroup: ScanContext['scanner']['scanGroup'] = async (request) => {
      const answer = await context.scanner.scanGroup(request);
      return { ...answer, rows: withoutFirst(answer.rows), heard: () => null };
    };
    const { bulk: part } = await scanStep({ ...context, scanner: { ...context.scanner, scanGroup } }, bulk);
    expect(part?.run).toMatchObject({ status: 'completed', retries: 1, totals: { completed: 30, fallback: 0 } });
    expect(lines.filter((line) => line.includes('bulk_scan retry')).map((line) => JSON.parse(line).devices)).toEqual([
      1,
    ]);
  });

  it('#131 asks those whose rows have not come, though all have had a look', async () => {
    const { context } = await scanWorld({ devices: 30 });
    const scanGroup: ScanContext['scanner']['scanGroup'] = async (request) => {
      const answer = await context.scanner.scanGroup(request);
      return { ...answer, rows: withoutFirst(answer.rows) };
    };
    const { bulk: part } = await scanStep({ ...context, scanner: { ...context.scanner, scanGroup } }, bulk);
    expect(part?.run).toMatchObject({ status: 'completed', retries: 1, totals: { completed: 30, fallback: 0 } });
  });

  it('#117 #131 asks as many again as its requests are left for, where many have no answer', async () => {
    const { context, tell, ask } = await scanWorld({ devices: 3_000, options: { bulk_scan_batch_size: 500 } });
    await tell('faults', { rates: { tseError: 0.7 }, seed: 2 });
    const { bulk: part } = await scanStep(context, bulk);
    const { failed = 0, fallback = 0 } = part?.run.totals ?? {};
    expect(failed).toBeGreaterThan(900);
    const requests = await ask<Requests>('requests');
    const all = Object.values(requests).reduce((sum, count) => sum + count, 0);
    expect(all).toBeLessThanOrEqual(2 * 3 + 20);
    expect(countOf(requests, 'POST /api/v2/questions')).toBeLessThanOrEqual(4);
    expect(await queuedIn(context)).toHaveLength(fallback);
  });

  it('#131 has those that answer at last by a retry, and does not leave them to the queue', async () => {
    const { context, tell } = await scanWorld({ devices: 60 });
    await tell('faults', { rates: { tseError: 0.3 }, seed: 9 });
    const healed: Promise<void>[] = [];
    const heal: ScanContext['log']['bulk'] = (_, __, message) => {
      if (message === 'bulk_scan retry') healed.push(tell('faults', {}));
    };
    const { bulk: part } = await scanStep({ ...context, log: { ...context.log, bulk: heal } }, bulk);
    await Promise.all(healed);
    expect(part?.run.retries).toBe(1);
    expect(part?.run.totals).toMatchObject({ completed: 60, failed: 0, fallback: 0 });
    expect(await queuedIn(context)).toEqual([]);
  });

  it('#129 #130 takes those that it scanned out of the queue, and puts those that it did not into it', async () => {
    const { context, tell, ask } = await scanWorld({ devices: 12, options: { bulk_scan_retry_attempts: 0 } });
    const computers = await computersIn(context);
    const requestedAt = context.clock.now();
    const asked = { requestedAt, by: 'somebody', reason: 'asked' } as const;
    await context.store.enqueue(computers.slice(0, 3).map(({ id, name }) => ({ id, name, ...asked })));
    const [, away, other] = await ask<readonly DeviceTruth[]>('devices');
    await tell('faults', { offline: [away?.computerId, other?.computerId], rates: {} });
    await scanStep(context, bulk);
    const waiting = [];
    for await (const request of context.store.queued()) waiting.push(request);
    expect(waiting.map(({ id }) => id).toSorted()).toEqual(
      [String(away?.computerId), String(other?.computerId)].toSorted(),
    );
    expect((await computersIn(context)).filter(({ lastScan }) => lastScan?.success === false)).toHaveLength(2);
  });

  it('#120 #121 #122 scans devices that are not on record for nothing, counts them, and makes no record', async () => {
    const { context } = await scanWorld({ devices: 40, isKnown: (index) => index >= 10 });
    const { bulk: part } = await scanStep(context, bulk);
    expect(part?.run).toMatchObject({ status: 'completed' });
    expect(part?.run.totals).toMatchObject({ targeted: 40, matched: 30, unmatched: 10, completed: 30 });
    expect(part?.mismatch).toMatchObject({ level: 'warn', extra: 10, extraPercent: 25 });
    expect(await computersIn(context)).toHaveLength(30);
  });

  it('#109 keeps nothing of a computer whose Scan is disabled, and never queues it', async () => {
    const { context, tell, ask } = await scanWorld({ devices: 10, options: { bulk_scan_retry_attempts: 0 } });
    const [off] = await ask<readonly DeviceTruth[]>('devices');
    const id = String(off?.computerId);
    await context.store.change([{ id, scan: false }]);
    const { bulk: part, notDue } = await scanStep(context, bulk);
    expect(notDue['scan-disabled']).toBe(1);
    // It is on record: it was not scanned for nothing as a stranger is.
    expect(part?.run.totals).toMatchObject({ matched: 9, completed: 9, unmatched: 0 });
    await tell('faults', { offline: [off?.computerId], rates: {} });
    await scanStep(context, bulk);
    expect(await queuedIn(context)).toEqual([]);
    expect((await computersIn(context)).find((one) => one.id === id)?.lastScan).toBeNull();
  });

  it('#21 #133 keeps what came until bulk_scan_timeout_seconds, and leaves the rest to be scanned one by one', async () => {
    const { context, tell } = await scanWorld({
      devices: 60,
      options: { bulk_scan_timeout_seconds: 1, bulk_scan_retry_attempts: 2 },
    });
    await tell('faults', { rates: { lateRows: 0.4, slow: 0.6 }, seed: 1 });
    // Simulated time goes fifty times as fast: a second has all but the rows of slow devices.
    const { bulk: part } = await scanStep(context, bulk);
    const { completed = 0, fallback = 0 } = part?.run.totals ?? {};
    expect(part?.run.status).toBe('timeout');
    expect(completed).toBeGreaterThan(0);
    expect(fallback).toBe(60 - completed);
    expect(await queuedIn(context)).toHaveLength(fallback);
  });

  it('#134 shows on record how many have answered, while its question goes on', async () => {
    const { context, clock } = await scanWorld({ devices: 20 });
    const scanGroup: ScanContext['scanner']['scanGroup'] = async (request) => {
      clock.shift(2);
      request.progress?.(12, 20);
      await vi.waitFor(async () =>
        expect(await lastRun(context)).toMatchObject({ status: 'running', answering: { answered: 12, of: 20 } }),
      );
      return context.scanner.scanGroup(request);
    };
    await scanStep({ ...context, scanner: { ...context.scanner, scanGroup } }, bulk);
    expect(await lastRun(context)).toMatchObject({ status: 'completed', answering: null });
  });

  it('keeps what came before an interruption, and says that it was interrupted', async () => {
    const { context } = await scanWorld({ devices: 300, options: { bulk_scan_batch_size: 50 } });
    const stop = new AbortController();
    const store: ScanContext['store'] = {
      ...context.store,
      noteScans: async (notes) => {
        await context.store.noteScans(notes);
        stop.abort(new TrueupError('TRUEUP_INTERRUPTED', 'The run was interrupted by SIGINT.'));
      },
    };
    const scan = scanStep({ ...context, store, signal: stop.signal }, bulk);
    await expect(scan).rejects.toMatchObject({ code: 'TRUEUP_INTERRUPTED' });
    const run = await lastRun(context);
    expect(run.status).toBe('interrupted');
    expect(run.totals.completed).toBeGreaterThanOrEqual(50);
    const kept = (await computersIn(context)).filter(({ lastScan }) => lastScan?.success === true);
    expect(kept.length).toBe(run.totals.completed);
  });

  it('ends what a process that died has left as running', async () => {
    const { context } = await scanWorld({ devices: 5 });
    await scanStep(context, bulk);
    const done = await lastRun(context);
    await context.store.putScanRun({ ...done, id: 'died', status: 'running', endedAt: null });
    await scanStep(context, bulk);
    const runs = await context.store.scanRuns(10);
    expect(runs.find(({ id }) => id === 'died')).toMatchObject({ status: 'interrupted' });
  });

  it.each([
    ['resets and server errors', { reset: 0.1, serverError: 0.1 }],
    ['cut answers', { cut: 0.15 }],
  ])('#137 goes on through %s, and counts them', async (_, rates) => {
    const { context, tell } = await scanWorld({ devices: 50, pace: 0.05 });
    await tell('faults', { rates, seed: 6 });
    const { bulk: part } = await scanStep(context, bulk);
    await tell('faults', {});
    expect(part?.run.totals.completed).toBe(50);
    expect(part?.run.apiErrors).toBeGreaterThan(0);
  });

  it('#101 is refused where bulk_scan_enabled is false', async () => {
    const { context, ask } = await scanWorld({ devices: 3, options: { bulk_scan_enabled: false } });
    await expect(scanStep(context, bulk)).rejects.toMatchObject({ code: 'TRUEUP_BULK_SCAN_DISABLED' });
    expect(await ask('requests')).toEqual({});
  });

  it('#69 #166 names a group that Tanium does not have, and what is near', async () => {
    const { context, lines } = await scanWorld({ devices: 3, options: { bulk_scan_group: 'All Windows Computer' } });
    await expect(scanStep(context, bulk)).rejects.toMatchObject({ code: 'TRUEUP_GROUP_NOT_FOUND' });
    expect(await lastRun(context)).toMatchObject({ status: 'failed' });
    expect((await lastRun(context)).errors[0]).toContain('All Windows Computers');
    expect(await queuedIn(context)).toEqual([]);
    expect(lines.some((line) => /bulk_scan.*error/.test(line))).toBe(true);
  });

  it('#124 #166 advises no other group where no computer is on record', async () => {
    const { context } = await scanWorld({ devices: 10, isKnown: () => false });
    const { bulk: part } = await scanStep(context, bulk);
    expect(part?.nobody).toContain('no computer on record is to be scanned');
    expect(part?.mismatch).toMatchObject({ level: 'warn', extra: 10, advice: null });
  });

  it('#166 says of a group without members that it is empty', async () => {
    const { context } = await scanWorld({ devices: 3, options: { bulk_scan_group: 'No Computers' } });
    const { bulk: part } = await scanStep(context, bulk);
    expect(part?.nobody).toBe('the group "No Computers" is empty, or none of its devices is online');
    expect(part?.run.errors).toEqual([part?.nobody]);
  });

  it('#140 #141 logs bulk_scan in every line, and an error as bulk_scan error', async () => {
    const { context, tell, lines } = await scanWorld({ devices: 30, options: { bulk_scan_retry_attempts: 0 } });
    await scanStep(context, bulk);
    expect(lines.every((line) => line.includes('bulk_scan'))).toBe(true);
    expect(lines.filter((line) => /bulk_scan.*error/.test(line))).toEqual([]);
    await tell('faults', { rates: { tseError: 0.3 }, seed: 1 });
    await scanStep(context, bulk);
    expect(lines.filter((line) => /bulk_scan.*error/.test(line)).length).toBeGreaterThan(0);
  });

  it('refuses answers of which not one is of our sensor', async () => {
    const { context } = await scanWorld({ devices: 5, options: { sensor_name: 'Operating System' } });
    await expect(scanStep(context, bulk)).rejects.toMatchObject({ code: 'TRUEUP_SENSOR_FOREIGN' });
    expect((await computersIn(context)).every(({ lastScan }) => lastScan?.success !== true)).toBe(true);
  });
});
