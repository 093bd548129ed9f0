import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ApplyResult } from '../../src/model/apply.ts';
import { type DeviceTruth, root, simulatedCloud, temporaryFolder, trueup } from './trueup.ts';

/** `passwordId` of the built-in Administrator by Computer Name. */
function passwordsOf(devices: readonly DeviceTruth[]): ReadonlyMap<string, string | undefined> {
  return new Map(devices.map(({ name, users }) => [name, users.find(({ rid }) => rid === 500)?.passwordId]));
}

function idOf(shown: string): string {
  return createHash('sha256').update(shown.replace(/\n$/, '')).digest('hex');
}

describe('examples/rotation-only', { timeout: 240_000 }, () => {
  it('#7 #15 #191 rotates a fleet, shows one password, and rotates that one when it is asked for', async () => {
    const cwd = temporaryFolder();
    cpSync(join(root, 'examples/rotation-only'), cwd, { recursive: true });
    const cloud = await simulatedCloud('--devices', '20', '--seed', '3');
    const at = { cwd, env: cloud.env };
    const before = passwordsOf(await cloud.ask('devices'));
    const applied = JSON.parse((await trueup(['apply', '--yes', '--json'], at)).stdout) as ApplyResult;
    expect(applied.failed).toEqual([]);
    const after = passwordsOf(await cloud.ask('devices'));
    const [device = '', other = ''] = [...after.keys()].filter((name) => after.get(name) !== before.get(name));
    expect(device).not.toBe('');

    const reveal = ['password', 'reveal', device, '--stdout', '--reason', 'a test'];
    const shown = await trueup(reveal, at);
    expect([shown.code, shown.stderr, idOf(shown.stdout)]).toEqual([0, '', after.get(device)]);

    // Nothing is due now; what is held otherwise is held still.
    const idle = JSON.parse((await trueup(['rotate', '--yes', '--json'], at)).stdout) as ApplyResult;
    expect([idle.actions, idle.failed]).toEqual([[], []]);
    const rotated = await trueup(
      ['rotate', '--device', device, '--account', 'builtin', '--now', '--yes', '--json'],
      at,
    );
    const result = JSON.parse(rotated.stdout) as ApplyResult;
    expect([rotated.code, result.failed, result.actions.map(({ devices, ok }) => [devices, ok])]).toEqual([
      0,
      [],
      [[1, 1]],
    ]);
    const last = passwordsOf(await cloud.ask('devices'));
    expect(last.get(device)).not.toBe(after.get(device));
    expect(last.get(other)).toBe(after.get(other));
    expect(idOf((await trueup(reveal, at)).stdout)).toBe(last.get(device));
    expect((await trueup([...reveal, '--previous'], at)).stdout).toBe(shown.stdout);

    const key = await trueup(['key', 'rotate'], at);
    expect(key.code).toBe(0);
    expect(idOf((await trueup(reveal, at)).stdout)).toBe(last.get(device));
    expect((await trueup(['audit', 'verify'], at)).code).toBe(0);
  });

  it.each<[readonly string[], string]>([
    [['--policy', 'nobody'], 'No PasswordRotationPolicy is called nobody.'],
    [['--account', 'nobody'], 'No PasswordRotationPolicy names the account nobody.'],
    [['--device', 'SRV-9'], 'No device is called SRV-9.'],
    [['--policy', 'a', '--device', 'b'], '--policy and --device exclude each other.'],
  ])('is refused with %j', async (words, message) => {
    const cwd = temporaryFolder();
    cpSync(join(root, 'examples/rotation-only'), cwd, { recursive: true });
    const cloud = await simulatedCloud('--devices', '3');
    const { code, stderr } = await trueup(['rotate', '--yes', ...words], { cwd, env: cloud.env });
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});
