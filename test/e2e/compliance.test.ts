/** `trueup compliance` as a user types it, against a simulated fleet. */
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Compliance } from '../../src/model/compliance.ts';
import { document } from '../desired/repository.ts';
import { validator } from '../render/schema.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { type DeviceTruth, edit, root, simulatedCloud, temporaryFolder, trueup } from './trueup.ts';

const npsd = await npsdWorld();

it('tells how a fleet stands, in every form, and leaves it to a scan to keep that', { timeout: 60_000 }, async () => {
  const cloud = await simulatedCloud('--devices', '12');
  const cwd = temporaryFolder();
  cpSync(join(root, 'examples/compliance'), cwd, { recursive: true });
  const run = (...words: string[]) => trueup(['compliance', ...words], { cwd, env: cloud.env });

  const text = await run();
  expect(text.code).toBe(2);
  expect(text.stdout).toMatch(/^compliance {3}config [0-9a-f]{7} {3}posture /);
  expect(text.stdout.trimEnd().split('\n').at(-1)).toMatch(/^Compliance \d[\d.]* %: \d+ checks passed, \d+ failed/);

  const json = await run('--json');
  expect(json.code).toBe(2);
  const validate = validator('compliance');
  const report = JSON.parse(json.stdout) as Compliance;
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
  expect(report.devices).toEqual({ selected: 12, observed: 12, leftOut: 0 });
  expect(report.scan).toMatchObject({ sensor: 'NPS Posture', origin: 'asked' });

  expect(existsSync(join(cwd, '.trueup'))).toBe(false);

  await trueup(['scan'], { cwd, env: cloud.env });
  const stored = JSON.parse((await run('--json')).stdout) as Compliance;
  expect(stored.scan.origin).toBe('stored');
  expect(stored.counts).toEqual(report.counts);
  const drift = await trueup(['drift', '--json'], { cwd, env: cloud.env });
  const { drift: records } = JSON.parse(drift.stdout) as { drift: { kind: string; state: string }[] };
  expect(records).toHaveLength(report.counts.failed);
  expect(new Set(records.map(({ kind, state }) => `${kind} ${state}`))).toEqual(new Set(['compliance.check open']));

  expect((await run('--format', 'markdown')).stdout).toMatch(/^## Trueup compliance\n/);
  expect((await run('--format', 'html')).stdout).toMatch(/^<!doctype html>/);
  expect(await cloud.ask('actions')).toEqual([]);
});

it('exits as it found: 0, 2 or 4, and 1 for what nobody declares', { timeout: 60_000 }, async () => {
  const cloud = await simulatedCloud('--devices', '6');
  const cwd = temporaryFolder();
  cpSync(join(root, 'examples/compliance/provider.yaml'), join(cwd, 'provider.yaml'));
  const run = (...words: string[]) => trueup(['compliance', ...words], { cwd, env: cloud.env });

  const none = await run();
  expect([none.code, none.stdout]).toEqual([4, expect.stringContaining('No ComplianceBaseline is declared.')]);

  const checks = 'selector: {}\nchecks: [{ path: uac.enabled, op: equals, value: true }]';
  writeFileSync(join(cwd, 'uac.yaml'), document('ComplianceBaseline', checks, 'uac'));
  expect((await run()).code).toBe(0);
  edit(cwd, 'uac.yaml', 'value: true', 'value: false');
  expect((await run()).code).toBe(2);

  const cycle = await trueup(['reconcile', '--once'], { cwd, env: cloud.env });
  const { scan } = JSON.parse(cycle.stdout) as { scan: { compliance: unknown } };
  const counts = { passed: 0, failed: 6, unknown: 0 };
  expect(scan.compliance).toEqual({ outcome: 'failed', score: 0, ...counts, opened: 6, resolved: 0 });

  const strange = await run('--baseline', 'uca');
  expect([strange.code, strange.stderr]).toEqual([1, expect.stringContaining('No ComplianceBaseline is called uca.')]);
  const stranger = await run('--device', 'NOBODY');
  expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('No device is called NOBODY.')]);

  edit(cwd, 'provider.yaml', 'name: NPS Posture', 'name: Nps Posture');
  const missing = await run('--fresh');
  expect(missing.code).toBe(4);
  expect(missing.stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Tanium has no sensor named "Nps Posture". Tanium has "NPS Posture": upper and lower case differ',
  );
});

it.skipIf(npsd === null)(
  'keeps to the computers that NPS-D has, and out of its records',
  { timeout: 60_000 },
  async () => {
    if (npsd === null) return;
    const cloud = await simulatedCloud('--devices', '12', '--seed', '5');
    const devices = await cloud.ask<readonly DeviceTruth[]>('devices');
    const [stranger, ...known] = devices.filter(({ name }) => devices.filter((one) => one.name === name).length === 1);
    await npsd.db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: true });
    await npsd.insertProvider({ api_base_url: cloud.url });
    for (const { name, os } of known) {
      const policy = { scan: true, secure: false, strict_secure: false };
      await npsd.insertComputer({ cn: name, os, policy, edr_integration: 'tanium_cloud' });
    }
    const before = await npsd.db.collection('computers').find().toArray();
    const cwd = temporaryFolder();
    cpSync(join(root, 'examples/compliance'), cwd, { recursive: true });
    const at = { cwd, env: { ...cloud.env, TRUEUP_STORE: npsd.url } };

    const look = JSON.parse((await trueup(['compliance', '--json'], at)).stdout) as Compliance;
    expect(look.devices).toEqual({ selected: known.length, observed: known.length, leftOut: 0 });
    const others = devices.length - known.length;
    expect(look.warnings).toEqual([`${others} devices that Tanium knows and NPS-D does not are left out.`]);
    expect(JSON.stringify(look)).not.toContain(`"${stranger?.name}"`);
    expect(await npsd.db.collection('computers').find().toArray()).toEqual(before);

    await trueup(['reconcile', '--once'], at);
    const stored = JSON.parse((await trueup(['compliance', '--json'], at)).stdout) as Compliance;
    expect([stored.scan.origin, stored.counts]).toEqual(['stored', look.counts]);
    const drift = JSON.parse((await trueup(['drift', '--json'], at)).stdout) as { drift: { kind: string }[] };
    expect(drift.drift.filter(({ kind }) => kind === 'compliance.check')).toHaveLength(look.counts.failed);
  },
);
