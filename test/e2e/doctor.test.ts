/** The diagnosis as a user starts it: against a simulated cloud, interrupted, and with a key that others can read. */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DoctorReport } from '../../src/model/doctor.ts';
import { type DeviceTruth, exampleFolder, ordinary, simulatedCloud, start, trueup, until } from './trueup.ts';

const account = 'trueup_doctor';

function holders(devices: readonly DeviceTruth[]): readonly string[] {
  return devices.filter(({ users }) => users.some(({ name }) => name === account)).map(({ name }) => name);
}

it('#164 #182 tries out all eight rows on one machine, and Ctrl-C in the middle leaves nothing there', async () => {
  const cloud = await simulatedCloud('--devices', '12');
  const at = { cwd: exampleFolder(), env: cloud.env };
  expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
  const before = await cloud.ask<readonly DeviceTruth[]>('devices');
  const [machine] = ordinary(before);
  if (machine === undefined) throw new Error('the fleet has no ordinary device');
  const words = ['doctor', '--target', String(machine.computerId), '--write', '--json'];

  const whole = await trueup(words, at);
  expect(whole.stderr).not.toContain('error');
  const report = JSON.parse(whole.stdout) as DoctorReport;
  const rows = report.checks.filter(({ id }) => id.startsWith('row.'));
  const open = rows.filter(({ status }) => status !== 'ok').map(({ id }) => id);
  expect(open).toEqual(['row.bulk-scan']);
  expect(await cloud.ask('devices')).toEqual(before);

  const running = start(words, at);
  await until(async () => {
    if (running.child.exitCode !== null) throw new Error(`it ended: ${running.stderr()}`);
    return holders(await cloud.ask<readonly DeviceTruth[]>('devices')).length > 0;
  });
  running.child.kill('SIGINT');
  const { code, stderr } = await running.finished;
  expect(code).toBe(130);
  expect(stderr).toContain('undoing what was tried');
  expect(await cloud.ask('devices')).toEqual(before);

  // Nor on this machine: beside the configuration there is what is kept, and no file of a trial.
  expect(readdirSync(at.cwd).filter((name) => !name.endsWith('.yaml'))).toEqual(['.trueup']);
  const again = await trueup(['doctor', '--json'], at);
  const checks = new Map((JSON.parse(again.stdout) as DoctorReport).checks.map((check) => [check.id, check]));
  expect(checks.get('store.runs')?.status).toBe('ok');
  expect(checks.get('store.lease')?.status).toBe('ok');
}, 120_000);

it('names a key file that others can read', async () => {
  const cloud = await simulatedCloud('--devices', '3');
  const cwd = exampleFolder();
  mkdirSync(join(cwd, '.trueup'));
  const key = join(cwd, '.trueup/key');
  writeFileSync(key, Buffer.alloc(32, 5));
  chmodSync(key, 0o644);
  const { code, stdout } = await trueup(['doctor', '--json'], { cwd, env: cloud.env });
  expect(code).toBe(1);
  const failed = (JSON.parse(stdout) as DoctorReport).checks.filter(({ status }) => status === 'fail');
  expect(failed.map(({ id }) => id)).toEqual(['host.key']);
  chmodSync(key, 0o600);
  expect((await trueup(['doctor'], { cwd, env: cloud.env })).code).toBe(0);
}, 60_000);
