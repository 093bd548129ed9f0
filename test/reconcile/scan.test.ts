/** Scans before and after the questions: whom they are of, who can be scanned, how their figures are judged. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inventoryText, parseInventory } from '../../src/endpoint/inventory.ts';
import type { ScanRun, ScanTotals } from '../../src/model/scan.ts';
import { scanExitCode } from '../../src/reconcile/exit-code.ts';
import { dueOf, freshestNeed, scanModeOf, whyNotDue } from '../../src/reconcile/scan-due.ts';
import { emptyHanded, mismatchOf } from '../../src/reconcile/scan-mismatch.ts';
import { metricsOf, scanStatusOf } from '../../src/reconcile/scan-monitor.ts';
import { unreadinessOf } from '../../src/reconcile/scan-readiness.ts';
import { whomToAsk } from '../../src/reconcile/scan-retry.ts';
import { computer, inventory, now, provider } from './world.ts';

const enabled = { scan: true, os: 'Windows 11 Enterprise', edrIntegration: 'Production Tanium' } as const;

describe('a computer that is due', () => {
  it('#109 has Scan enabled: without it, it is never queued', () => {
    const off = computer('OFF-1', { ...enabled, scan: false });
    const unknown = computer('OFF-2', { ...enabled, scan: null });
    const on = computer('ON-1', enabled);
    const due = dueOf([off, unknown, on], provider());
    expect(due.computers).toEqual([on]);
    expect(due.notDue).toEqual({ 'scan-disabled': 2, 'other-provider': 0, 'not-windows': 0 });
  });

  it('#113 names this provider, or its kind as the seed’s own query does', () => {
    const of = (edrIntegration: string | null): unknown =>
      whyNotDue(computer('A', { ...enabled, edrIntegration }), provider());
    expect([of('Production Tanium'), of('tanium_cloud')]).toEqual([null, null]);
    expect([of('Other Tanium'), of(''), of(null)]).toEqual(['other-provider', 'other-provider', 'other-provider']);
  });

  it('#1 runs Windows, as far as its record knows', () => {
    const of = (os: string | null): unknown => whyNotDue(computer('A', { ...enabled, os }), provider());
    expect([of('Ubuntu 22.04'), of('WINDOWS Server 2019'), of(null)]).toEqual(['not-windows', null, null]);
  });

  it.each([
    [null, 'cached'],
    ['Disabled', 'cached'],
    ['JITA', 'realtime'],
    ['Deny', 'realtime'],
  ] as const)('#110 #111 with Protect %s is scanned %s', (protect, mode) => {
    expect(scanModeOf(computer('A', { ...enabled, protect }))).toBe(mode);
  });

  it('#110 #111 makes the one question for all as fresh as itself', () => {
    const options = { sensor_max_age_seconds: 900 };
    const cached = computer('A', { ...enabled, protect: 'Disabled' });
    const strict = computer('B', { ...enabled, protect: 'JITA' });
    expect(freshestNeed([cached, cached], options)).toBe(900);
    expect(freshestNeed([cached, strict], options)).toBe(1);
  });
});

describe('a device that can be scanned in real time', () => {
  it.each([
    ['Windows 10 Enterprise', null],
    ['Windows 11 Pro', null],
    ['Microsoft Windows 11 Enterprise', null],
    ['Windows Server 2012 R2 Standard', null],
    ['Windows Server 2025 Datacenter', null],
    ['Windows Server 2012 Standard', 'os-too-old'],
    ['Windows Server 2008 R2 Enterprise', 'os-too-old'],
    ['Windows 8.1 Pro', 'os-too-old'],
    ['Windows 7 Ultimate', 'os-too-old'],
    ['Windows 2000', 'os-too-old'],
    ['Windows XP Professional', 'os-too-old'],
    ['Ubuntu 22.04.3 LTS', 'not-windows'],
    ['Mac OS X 14.2', 'not-windows'],
    ['', 'os-unknown'],
    ['Plan 9', 'os-unknown'],
    ['Windows', 'os-unknown'],
  ] as const)('#33 runs Windows Server 2012 R2 or Windows 10 at least: %s is %s', (os, why) => {
    expect(unreadinessOf({ os, text: null })?.why ?? null).toBe(why);
  });

  const judged = (parts: Parameters<typeof inventory>[0], os = 'Windows 11 Enterprise'): unknown =>
    unreadinessOf({ os, text: parseInventory(inventoryText(inventory(parts))) })?.why ?? null;

  it('#33 is judged by its build where an inventory tells it', () => {
    expect(judged({ os: { build: '6.3.9600', kind: 'server' } }, '')).toBeNull();
    expect(judged({ os: { build: '6.3.9600', kind: 'workstation' } })).toBe('os-too-old');
    expect(judged({ os: { build: '6.2.9200', kind: 'server' } })).toBe('os-too-old');
    expect(judged({ os: { build: '10.0.26100', kind: 'workstation' } }, '')).toBeNull();
  });

  it('#34 #35 has Windows PowerShell 5.1 and the module LocalAccounts', () => {
    expect([judged({ powershell: '5.1' }), judged({ powershell: '7.4' })]).toEqual([null, null]);
    expect(judged({ powershell: '4.0' })).toBe('powershell-too-old');
    expect(judged({ localAccounts: false })).toBe('no-local-accounts');
    expect(judged({ localAccounts: null })).toBeNull();
  });

  it('is no domain controller, and what says that it is no Windows is believed', () => {
    expect(judged({ os: { build: '10.0.20348', kind: 'dc' } })).toBe('domain-controller');
    expect(unreadinessOf({ os: 'Windows', text: parseInventory('Not available on Linux') })?.why).toBe('not-windows');
  });
});

const totals: ScanTotals = {
  targeted: 10_000,
  matched: 10_000,
  unmatched: 0,
  missing: 0,
  completed: 10_000,
  failed: 0,
  offline: 0,
  fallback: 0,
  updated: 0,
};

function stateOf(metric: string, parts: Partial<ScanTotals>, run: Partial<ScanRun> = {}): string | undefined {
  const measured = { apiCalls: 1000, apiErrors: 0, durationSeconds: 60, ...run, totals: { ...totals, ...parts } };
  const found = metricsOf(measured).find((one) => one.metric === metric);
  return found && `${found.state}${found.action === null ? '' : `: ${found.action}`}`;
}

describe('the Bulk Scan Monitor', () => {
  it.each([
    [9499, 'abnormal: Check Tanium agent health'],
    [9500, 'abnormal: Check Tanium agent health'],
    [9501, 'ok'],
  ])('#135 of a Success Rate of %i in 10,000 says %s', (completed, state) => {
    expect(stateOf('success-rate', { completed })).toBe(state);
  });

  it.each([
    [1799.9, 'ok'],
    [1800, 'abnormal: Adjust batch size or timeout'],
    [1800.1, 'abnormal: Adjust batch size or timeout'],
  ])('#136 of a Scan Duration of %d s says %s', (durationSeconds, state) => {
    expect(stateOf('scan-duration', {}, { durationSeconds })).toBe(state);
  });

  it.each([
    [9, 'ok'],
    [10, 'abnormal: Check API token and network'],
    [11, 'abnormal: Check API token and network'],
  ])('#137 of %i API Errors in 1,000 says %s', (apiErrors, state) => {
    expect(stateOf('api-errors', {}, { apiErrors })).toBe(state);
  });

  it.each([
    [499, 'ok'],
    [500, 'abnormal: Investigate device issues'],
    [501, 'abnormal: Investigate device issues'],
  ])('#138 of a Fallback Count of %i in 10,000 says %s', (fallback, state) => {
    expect(stateOf('fallback-count', { fallback })).toBe(state);
  });

  it('#139 has no data where there was no device, neither 0 % nor 100 %', () => {
    const none = { ...totals, targeted: 0, matched: 0, completed: 0 };
    const metrics = metricsOf({ totals: none, apiCalls: 0, apiErrors: 0, durationSeconds: 3 });
    expect(metrics.map(({ value, state, action }) => [value, state, action])).toEqual(
      Array.from({ length: 4 }, () => [null, 'no-data', null]),
    );
  });

  it('judges by counts, so that no rounding moves a limit', () => {
    const devices = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(devices, devices, (a, b) => {
        const [completed, matched] = [Math.min(a, b), Math.max(a, b)];
        const isOk = BigInt(completed) * 100n > 95n * BigInt(matched);
        expect(stateOf('success-rate', { completed, matched })?.startsWith('ok')).toBe(isOk);
      }),
    );
  });

  it('#134 #163 shows progress, success and failures of the newest bulk scan, one that runs by the clock', () => {
    const run: ScanRun = {
      id: 'r2',
      kind: 'bulk',
      provider: 'Production Tanium',
      group: 'All Windows Computers',
      startedAt: '2026-03-02T08:50:00.000Z',
      endedAt: null,
      status: 'running',
      questionId: '7',
      actionId: null,
      totals: { ...totals, matched: 100, completed: 40, failed: 10 },
      retries: 0,
      apiCalls: 12,
      apiErrors: 0,
      durationSeconds: 1,
      errors: [],
    };
    const older: ScanRun = { ...run, id: 'r1', status: 'completed' };
    const device: ScanRun = { ...run, id: 'r3', kind: 'device', status: 'completed' };
    const waiting = { id: 'c1', name: 'A', requestedAt: now, by: 'me', reason: 'fallback', attempts: 1 } as const;
    const queue = [
      { ...waiting, inProgress: { since: now, holder: 'x' } },
      { ...waiting, id: 'c2', inProgress: null },
    ];
    const status = scanStatusOf('Production Tanium', [device, run, older], queue, now);
    expect(status.monitor).toMatchObject({ run: 'r2', status: 'running', progress: { done: 50, of: 100 } });
    // Half an hour after its begin it is abnormal, though it has not timed out.
    expect(status.monitor?.metrics.find(({ metric }) => metric === 'scan-duration')).toMatchObject({
      value: 1800,
      state: 'abnormal',
    });
    // Who has not had a turn yet is no failure: 40 of 50, and of nobody there is no data.
    expect(status.monitor?.metrics[0]).toMatchObject({ metric: 'success-rate', value: 80, state: 'abnormal' });
    const begun = { ...run, totals: { ...totals, matched: 100, completed: 0 } };
    expect(scanStatusOf('P', [begun], [], now).monitor?.metrics[0]).toMatchObject({ value: null, state: 'no-data' });
    const asking = { ...run, totals: { ...totals, matched: 0, completed: 0 }, answering: { answered: 30, of: 120 } };
    const asked = scanStatusOf('P', [asking], [], now);
    expect(asked.monitor).toMatchObject({ progress: { done: 30, of: 120 } });
    expect(asked.runs[0]).not.toHaveProperty('answering');
    expect(status.queue).toEqual({ waiting: 1, inProgress: 1, oldest: now });
    expect(status.runs.map(({ run: id }) => id)).toEqual(['r3', 'r2', 'r1']);
  });

  it('has nothing to show before the first bulk scan', () => {
    expect(scanStatusOf('P', [], [], now)).toMatchObject({ monitor: null, queue: { waiting: 0, oldest: null } });
  });
});

describe('#131 whom a bulk scan asks again', () => {
  const missing = Array.from({ length: 20_000 }, (_, index) => String(index + 1));
  const nobody = new Set<string>();

  it('#117 is everybody where requests are left for their questions of 900 each, and else as many as they are for', () => {
    // 2 × 100 pages + 20, of which 108 are left: 13 questions.
    expect(whomToAsk(missing, nobody, 100_000, 112)).toEqual(missing.slice(0, 13 * 900));
    expect(whomToAsk(missing.slice(0, 5_000), nobody, 100_000, 112)).toEqual(missing.slice(0, 5_000));
  });

  it('is one question’s worth where no request is left', () => {
    expect(whomToAsk(missing, nobody, 100_000, 219)).toHaveLength(900);
    expect(whomToAsk(missing, nobody, 100_000, 400)).toHaveLength(900);
  });

  it('is first whoever was not asked again before', () => {
    expect(whomToAsk(missing.slice(0, 1_000), new Set(missing.slice(0, 500)), 1_000, 22)).toEqual([
      ...missing.slice(500, 1_000),
      ...missing.slice(0, 400),
    ]);
  });
});

describe('a mismatch of Tanium and NPS-D', () => {
  it.each([
    [499, 'ok'],
    [500, 'warn'],
    [501, 'warn'],
  ] as const)('#124 of %i devices more in 10,000 is %s: 4.99, 5.00 and 5.01 %', (extra, level) => {
    const { advice, ...found } = mismatchOf(10_000, extra, 0, 9_000);
    expect(found).toEqual({ extra, extraPercent: extra / 100, missing: 0, level });
    expect(advice?.includes('NPS-D Managed Windows Devices') ?? false).toBe(level === 'warn');
  });

  it('#122 #124 warns in the seed’s own example, and tells of the 500 devices', () => {
    expect(mismatchOf(10_000, 500, 0, 9_500)).toMatchObject({ level: 'warn', extra: 500, extraPercent: 5 });
  });

  it('#124 #166 advises no other group where no computer is to be scanned', () => {
    expect(mismatchOf(10_000, 10_000, 0, 0)).toMatchObject({ level: 'warn', advice: null });
  });

  it('#123 is none for a group that holds only the devices of NPS-D', () => {
    expect(mismatchOf(9_500, 0, 0, 9_500)).toMatchObject({ level: 'ok', extra: 0, extraPercent: 0, advice: null });
  });

  it('#125 tells the reverse too, and has no data of an empty group', () => {
    expect(mismatchOf(100, 0, 7, 107)).toMatchObject({ level: 'ok', missing: 7 });
    expect(mismatchOf(0, 0, 7, 7)).toMatchObject({ level: 'no-data', extraPercent: null, missing: 7 });
  });

  it('#166 tells apart why nobody was found', () => {
    const of = (members: number, targeted: number, due: number, answered: number): string | null =>
      emptyHanded('G', 'embedded', { members, targeted, due, answered });
    expect([of(0, 0, 5, 0), of(3, 0, 5, 0), of(3, 3, 0, 0), of(3, 3, 5, 0), of(3, 3, 5, 1)]).toEqual([
      'the group "G" is empty, or none of its devices is online',
      'the group "G" holds no Windows device',
      'no computer on record is to be scanned: `trueup apply` makes records of the devices that a ComputerPolicy with `enroll: true` selects',
      'no Windows device of the group "G" is a computer that is to be scanned',
      null,
    ]);
  });
});

describe('the exit status of a scan', () => {
  const failure = (why: string | null) =>
    ({ device: 'A', source: 'cached', failure: why, message: '', seconds: 1, administrators: null }) as const;

  it('is 0 where only devices that are off are left, 6 where one failed, 4 where the time was over', () => {
    const some = { answered: 9, skipped: 0, device: null };
    expect(scanExitCode({ ...some, status: 'partial', failed: 0 })).toBe(0);
    expect(scanExitCode({ ...some, status: 'partial', failed: 1 })).toBe(6);
    expect(scanExitCode({ ...some, status: 'timeout', failed: 1 })).toBe(4);
    // They are told each time, and no run would ever end with 0 for them.
    expect(scanExitCode({ ...some, status: 'partial', failed: 2, skipped: 2 })).toBe(0);
    expect(scanExitCode({ ...some, status: 'partial', failed: 3, skipped: 2 })).toBe(6);
  });

  it('#166 is 4 where nobody answered: no computer is on record, the group is empty, or all are off', () => {
    expect(scanExitCode({ status: 'completed', answered: 0, failed: 0, skipped: 0, device: null })).toBe(4);
    expect(scanExitCode({ status: 'partial', answered: 0, failed: 0, skipped: 0, device: null })).toBe(4);
  });

  it('of one device is 0 where it was scanned or waits for its turn, 6 where it was not', () => {
    const one = { answered: 0, failed: 0, skipped: 0 };
    expect(scanExitCode({ ...one, status: 'partial', device: failure('offline') })).toBe(6);
    expect(scanExitCode({ ...one, status: 'completed', device: failure(null) })).toBe(0);
    expect(scanExitCode({ ...one, status: 'queued', device: failure(null) })).toBe(0);
  });
});
