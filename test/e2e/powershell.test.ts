/** The loop with the endpoint scripts at its other end: a real PowerShell runs what is deployed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pwsh } from '../endpoint/powershell.ts';
import {
  administratorsOf,
  corp,
  type DeviceTruth,
  exampleFolder,
  simulatedCloud,
  start,
  temporaryFolder,
  trueup,
  until,
} from './trueup.ts';

describe.skipIf(pwsh === null)('a fleet that runs the real scripts', () => {
  it('is planned, applied and converged', { timeout: 120_000 }, async () => {
    const cloud = await simulatedCloud('--powershell', '--devices', '20', '--drift', '0.5', '--seed', '3');
    expect(cloud.running.stdout()).toMatch(/20 devices, clock fast, PowerShell 7\.\d/);
    const at = { cwd: exampleFolder(), env: cloud.env };
    const before = await cloud.ask<readonly DeviceTruth[]>('devices');

    const planned = await trueup(['plan', '--json'], at);
    expect(planned).toMatchObject({ code: 2, stderr: expect.not.stringContaining('TRUEUP_') });
    expect(JSON.parse(planned.stdout)).toMatchObject({ scan: { expected: 20, answered: 20 } });
    const applied = await trueup(['apply', '--yes'], at);
    expect(applied.stdout).toContain('Converged.');
    expect(applied.code).toBe(0);
    const again = await trueup(['plan', '--json', '--fresh'], at);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ changes: [] });

    const after = await cloud.ask<readonly DeviceTruth[]>('devices');
    const isWanted = (device: DeviceTruth): boolean =>
      device.users.some(({ name, enabled }) => name === 'corp_breakglass' && enabled) &&
      (!administratorsOf(device).some((sid) => sid.startsWith(corp)) ||
        administratorsOf(device).includes(`${corp}-512`));
    const has = (devices: readonly DeviceTruth[]): number => devices.filter(isWanted).length;
    expect(has(after)).toBeGreaterThan(has(before));
    // A domain controller has none.
    expect(after.filter((device) => !isWanted(device)).map(({ name }) => name)).toEqual([
      expect.stringContaining('SRV-DC-'),
    ]);
    // What the script drew for the accounts that it made.
    const made = after.flatMap(({ computerId, users }) => {
      const old = before.find((device) => device.computerId === computerId)?.users ?? [];
      return users.filter(({ rid }) => !old.some((user) => user.rid === rid)).map(({ passwordId }) => passwordId);
    });
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made).size).toBe(made.length);
  });
});

it('ends, and says why, when its PowerShell is gone', { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'pwsh'), `#!/bin/sh\necho '{"version":"7.6.0"}'\nread line\n`, { mode: 0o755 });
  const readyFile = join(folder, 'ready.json');
  const words = ['simulate', '--powershell', '--devices', '2', '--ready-file', readyFile];
  const running = start(words, { cwd: folder, env: { PATH: `${folder}:/usr/bin:/bin` } });
  await until(() => existsSync(readyFile));
  const { url, token } = JSON.parse(readFileSync(readyFile, 'utf8')) as {
    readonly url: string;
    readonly token: string;
  };
  const env = { TRUEUP_TANIUM_URL: url, TRUEUP_TANIUM_TOKEN: token };
  expect((await trueup(['plan'], { cwd: exampleFolder(), env })).code).toBe(1);
  const ended = await running.finished;
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('PowerShell ended by itself, with 0');
});

it('says what is missing where there is no PowerShell on PATH', async () => {
  const at = { cwd: temporaryFolder(), env: { PATH: '/nowhere' } };
  const refused = await trueup(['simulate', '--powershell', '--devices', '1'], at);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('TRUEUP_SIMULATOR');
  expect(refused.stderr).toContain('there is no pwsh on PATH');
  expect(refused.stderr.replaceAll(/\s+/g, ' ')).toContain('Install PowerShell 7.5 or later');
});
