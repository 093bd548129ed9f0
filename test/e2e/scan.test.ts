/** `trueup scan` as it is typed: a group, one device, the queue beside a daemon, the monitor. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CycleReport } from '../../src/daemon/report.ts';
import type { ScanReport, ScanStatusReport } from '../../src/model/scan-report.ts';
import { validator } from '../render/schema.ts';
import { type DeviceTruth, edit, exampleFolder, ordinary, simulatedCloud, start, trueup, until } from './trueup.ts';

/** A folder in which bulk scans are enabled. */
function bulkFolder(): string {
  const cwd = exampleFolder();
  edit(cwd, 'provider.yaml', 'bulk_scan_enabled: false', 'bulk_scan_enabled: true');
  return cwd;
}

describe('trueup scan', { timeout: 120_000 }, () => {
  it('#8 #12 #162 #163 scans the group, shows how it went, and changes nothing', async () => {
    const cloud = await simulatedCloud('--devices', '60', '--seed', '7');
    const at = { cwd: bulkFolder(), env: cloud.env };
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    const before = await cloud.ask('devices');
    const actions = await cloud.ask<readonly unknown[]>('actions');
    const done = await trueup(['scan', '--bulk', '--json', '--log-dir', 'logs'], at);
    expect(done.stderr).not.toContain('TRUEUP_');
    expect(done.code).toBe(0);
    const report = JSON.parse(done.stdout) as ScanReport;
    const validate = validator('scan');
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report).toMatchObject({ kind: 'bulk', status: 'completed', group: 'All Windows Computers', failed: 0 });
    expect(report.completed).toBe(report.matched);
    expect(report.completed).toBeGreaterThan(50);
    expect(await cloud.ask('devices')).toEqual(before);
    expect(await cloud.ask('actions')).toEqual(actions);
    for (const name of ['svc_scan.log', 'bulk_scan.log']) {
      const lines = readFileSync(join(at.cwd, 'logs', name), 'utf8')
        .trim()
        .split('\n');
      expect(lines.length, name).toBeGreaterThanOrEqual(2);
      expect(
        lines.every((line) => line.includes('bulk_scan')),
        name,
      ).toBe(true);
    }

    const status = await trueup(['scan', '--status', '--json'], at);
    const shown = JSON.parse(status.stdout) as ScanStatusReport;
    const isStatus = validator('scan-status');
    expect(isStatus(shown), JSON.stringify(isStatus.errors)).toBe(true);
    expect(shown.runs.map(({ run }) => run)).toEqual([report.run]);
    expect(shown.monitor).toMatchObject({ run: report.run, progress: { done: report.completed, of: report.matched } });
    expect(shown.monitor?.metrics.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok']);
    const text = await trueup(['scan', '--status'], at);
    expect(text.stdout).toContain('Success Rate');
    expect(text.stdout).toContain('▇');
  });

  it('#160 #161 scans one device by any of its names, and exits 6 where it does not answer', async () => {
    const cloud = await simulatedCloud('--devices', '20', '--seed', '7');
    const at = { cwd: bulkFolder(), env: cloud.env };
    await trueup(['apply', '--yes'], at);
    // The first ones have an old Windows PowerShell, and one that runs no script.
    const device = ordinary(await cloud.ask<readonly DeviceTruth[]>('devices')).at(-1);
    const short = device?.name.split('.')[0] ?? '';
    const done = await trueup(['scan', '--device', short, '--json'], at);
    const report = JSON.parse(done.stdout) as ScanReport;
    expect(report.device?.message).toBe('scanned in real time');
    expect(done.code).toBe(0);
    expect(report).toMatchObject({ kind: 'device', completed: 1, device: { source: 'realtime', failure: null } });
    expect(report.device?.administrators).toContain('S-1-5-21-1004336348-1177238915-682003330-512');
    expect(report.names).toMatchObject({
      'S-1-5-21-1004336348-1177238915-682003330-512': 'CORP\\Domain Admins',
      '~-500': expect.any(String),
    });
    await cloud.tell('faults', { offline: [device?.computerId] });
    const away = await trueup(['scan', '--device', short], at);
    expect(away.code).toBe(6);
    expect(away.stdout).toContain('Not scanned: it does not answer');
    const stranger = await trueup(['scan', '--device', 'NO-SUCH-PC', '--json'], at);
    expect(stranger.code).toBe(1);
    expect(JSON.parse(stranger.stdout)).toMatchObject({ error: { code: 'TRUEUP_DEVICE_NOT_FOUND' } });
  });

  it('#127 #128 scans in each cycle of reconcile, where others may queue a device meanwhile', async () => {
    const cloud = await simulatedCloud('--devices', '20', '--seed', '7');
    const at = { cwd: bulkFolder(), env: cloud.env };
    await trueup(['apply', '--yes'], at);
    const daemon = start(['reconcile', '--every', '2s'], at);
    const reports = (): CycleReport[] =>
      daemon
        .stdout()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as CycleReport);
    await until(() => reports().length > 0, 60);
    expect(reports()[0]?.scan).toMatchObject({ bulk: { status: 'completed' }, queue: null, error: null });
    const [device] = ordinary(await cloud.ask<readonly DeviceTruth[]>('devices'));
    const queued = await trueup(['scan', '--device', device?.name ?? '', '--json'], at);
    expect(queued.code).toBe(0);
    expect(JSON.parse(queued.stdout)).toMatchObject({ status: 'queued', run: null });
    // The group's question has it before its own turn comes.
    await until(() => reports().some(({ scan }) => scan?.bulk?.completed === reports()[0]?.scan?.bulk?.completed), 60);
    const busy = await trueup(['scan', '--bulk'], at);
    expect(busy.code).toBe(1);
    expect(busy.stderr).toContain('TRUEUP_STORE_BUSY');
    daemon.child.kill('SIGTERM');
    await daemon.finished;
    expect((await trueup(['scan'], at)).code).toBe(0);
    const status = JSON.parse((await trueup(['scan', '--status', '--json'], at)).stdout) as ScanStatusReport;
    expect(status.queue).toMatchObject({ waiting: 0, inProgress: 0 });
  });

  it('is interrupted by Ctrl-C with 130, and a run that died is told as interrupted', async () => {
    const cloud = await simulatedCloud('--devices', '200', '--seed', '7', '--clock', 'real');
    const at = { cwd: bulkFolder(), env: cloud.env };
    const quick = await simulatedCloud('--devices', '200', '--seed', '7');
    expect((await trueup(['apply', '--yes'], { ...at, env: quick.env })).code).toBe(0);
    const looks = async (): Promise<number> =>
      (await cloud.ask<Record<string, number>>('requests'))['GET /api/v2/result_info/question/{id}'] ?? 0;
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGKILL', null],
    ] as const) {
      const before = await looks();
      const running = start(['scan', '--bulk'], at);
      await until(async () => (await looks()) > before);
      running.child.kill(signal);
      expect((await running.finished).code).toBe(code);
    }
    expect((await trueup(['scan', '--bulk'], { ...at, env: quick.env })).code).toBe(0);
    const status = JSON.parse((await trueup(['scan', '--status', '--json'], at)).stdout) as ScanStatusReport;
    expect(status.runs.map((run) => run.status)).toEqual(['completed', 'interrupted', 'interrupted']);
  });

  it('--status --watch tells of each change on a line of its own, and ends with 0', async () => {
    const cloud = await simulatedCloud('--devices', '10', '--seed', '7');
    const at = { cwd: bulkFolder(), env: cloud.env };
    await trueup(['apply', '--yes'], at);
    const watch = start(['scan', '--status', '--watch'], at);
    await until(() => watch.stdout().includes('no data'));
    await trueup(['scan', '--bulk'], at);
    await until(() => watch.stdout().includes('completed'));
    watch.child.kill('SIGINT');
    const { code, stdout } = await watch.finished;
    expect(code).toBe(0);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^bulk scan \w+ {3}completed {3}\d+ of \d+ devices/);
  });

  it.each([
    [['--bulk', '--device', 'A'], '--bulk'],
    [['--status', '--collect-now'], '--status'],
    [['--watch'], '--watch'],
  ])('refuses %j', async (words, named) => {
    const refused = await trueup(['scan', ...words], { cwd: bulkFolder() });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('TRUEUP_USAGE');
    expect(refused.stderr).toContain(named);
  });

  it('#101 --bulk says that bulk scans are not enabled, and where', async () => {
    const cloud = await simulatedCloud('--devices', '3');
    const refused = await trueup(['scan', '--bulk'], { cwd: exampleFolder(), env: cloud.env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('TRUEUP_BULK_SCAN_DISABLED');
    expect(refused.stderr).toContain('provider.yaml:');
  });
});
