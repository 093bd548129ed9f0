/** Why one device is as it is: asked as a person asks, of the program as it runs. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/model/explanation.ts';
import { validator } from '../render/schema.ts';
import {
  administrators,
  corp,
  edit,
  exampleFolder,
  type SimulatedCloud,
  simulatedCloud,
  temporaryFolder,
  trueup,
} from './trueup.ts';

const fleet = [
  'devices:',
  '  - { name: SRV-1.corp.example, kind: server, computerId: 101 }',
  '  - { name: TWIN.corp.example, kind: server, computerId: 201 }',
  '  - { name: TWIN.corp.example, kind: server, computerId: 202 }',
  '',
].join('\n');

async function served(): Promise<{
  readonly cloud: SimulatedCloud;
  readonly at: { readonly cwd: string; readonly env: SimulatedCloud['env'] };
}> {
  const file = join(temporaryFolder(), 'fleet.yaml');
  writeFileSync(file, fleet);
  const cloud = await simulatedCloud('--fleet', file);
  return { cloud, at: { cwd: exampleFolder(), env: cloud.env } };
}

describe('explain', { timeout: 90_000 }, () => {
  it('tells of a device what differs and why, before and after an apply, and sends nothing', async () => {
    const { cloud, at } = await served();
    const validate = validator('explain');
    const asked = async (...words: readonly string[]): Promise<Explanation> => {
      const { code, stdout, stderr } = await trueup(['explain', 'srv-1', '--json', ...words], at);
      expect(stderr).not.toContain('TRUEUP_');
      expect(code).toBe(0);
      const told = JSON.parse(stdout) as Explanation;
      expect(validate(told), JSON.stringify(validate.errors)).toBe(true);
      return told;
    };

    const before = await asked();
    expect(before).toMatchObject({
      device: 'SRV-1.corp.example',
      standing: 'compared',
      record: null,
      lastAction: null,
    });
    expect(before.plan.actions).toHaveLength(1);
    expect(await cloud.ask('actions')).toEqual([]);

    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    const applied = await asked();
    expect(applied.facets.filter(({ verdict }) => verdict === 'differs' || verdict === 'held')).toEqual([]);
    expect(applied.lastAction).toMatchObject({
      name: expect.stringMatching(/^Trueup [0-9a-f]{12} /),
      state: 'settled',
      outcome: 'done',
      run: { kind: 'apply', status: 'done' },
    });
    expect(applied.plan.actions).toEqual([]);

    const contractor = `${corp}-1107`;
    await cloud.tell('drift', { device: 'SRV-1.corp.example', group: { sid: administrators, add: [contractor] } });
    const drifted = await asked();
    expect(drifted.facets.filter(({ verdict }) => verdict === 'differs')).toMatchObject([
      {
        about: 'group',
        subject: { group: administrators, member: contractor },
        desired: 'absent',
        observed: 'member',
        change: 'group.remove',
        reason: 'drifted',
        rule: {
          kind: 'LocalGroupMembership',
          policy: 'administrators',
          source: { file: 'administrators.yaml', line: 2 },
        },
      },
    ]);

    const { stdout } = await trueup(['explain', '101'], at);
    expect(stdout).toMatch(/^SRV-1\.corp\.example {3}Computer ID 101 {3}/);
    expect(stdout).toMatch(/ {2}- \S+ member → no member +drift +administrators administrators\.yaml:2/);
    expect(stdout).toMatch(/last action: Trueup [0-9a-f]{12} .*done/s);
    const actions = await cloud.ask<readonly unknown[]>('actions');
    await trueup(['explain', '101', '--fresh'], at);
    expect(await cloud.ask<readonly unknown[]>('actions')).toHaveLength(actions.length);
  });

  it('takes a stored scan that is young enough, and asks anew with --fresh', async () => {
    const { cloud, at } = await served();
    edit(at.cwd, 'computers.yaml', 'protect: JITA', 'protect: Disabled');
    // Without Protect no device may be changed, and so nothing of one may be declared.
    for (const file of ['administrators.yaml', 'breakglass.yaml']) rmSync(join(at.cwd, file));
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    const questions = async (): Promise<number> => {
      const requests = await cloud.ask<Readonly<Record<string, number>>>('requests');
      return Object.entries(requests).reduce((sum, [path, count]) => (/questions/.test(path) ? sum + count : sum), 0);
    };
    const before = await questions();
    expect((await trueup(['explain', 'SRV-1'], at)).code).toBe(0);
    expect(await questions()).toBe(before);
    expect((await trueup(['explain', 'SRV-1', '--fresh'], at)).code).toBe(0);
    expect(await questions()).toBeGreaterThan(before);
  });

  it('says which devices a name may mean, and which it cannot', async () => {
    const { at } = await served();
    const twin = await trueup(['explain', 'twin', '--json'], at);
    expect(twin.code).toBe(1);
    expect(JSON.parse(twin.stdout)).toMatchObject({
      error: {
        code: 'TRUEUP_DEVICE_NOT_FOUND',
        message: '2 devices are called twin: TWIN.corp.example#201, TWIN.corp.example#202.',
      },
    });
    expect(await trueup(['explain', 'TWIN#202'], at)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^TWIN\.corp\.example#202 /),
    });
    expect(await trueup(['explain', 'SRV-9'], at)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No device is called SRV-9.'),
    });
    expect(await trueup(['explain'], at)).toMatchObject({ code: 1, stderr: expect.stringContaining('TRUEUP_USAGE') });
    expect(await trueup(['explain', 'SRV-1', '--format', 'html'], at)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('TRUEUP_USAGE'),
    });
  });

  it('tells of a device that is offline what is declared, and what is owed to it', async () => {
    const { cloud, at } = await served();
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    await cloud.tell('faults', { offline: ['SRV-1.corp.example'], rates: {}, seed: 1 });
    const { stdout, code } = await trueup(['explain', 'SRV-1', '--fresh'], at);
    expect(code).toBe(0);
    expect(stdout).toContain('! unobserved: did not answer');
    expect(stdout).toMatch(/\? CORP\\Domain Admins declared member +not seen +administrators administrators\.yaml:2/);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^SRV-1\.corp\.example: held back whole, \d+ not seen, /);
  });
});

it('plan and drift print a page of their own', { timeout: 60_000 }, async () => {
  const { at } = await served();
  const plan = await trueup(['plan', '--format', 'html'], at);
  expect(plan.code).toBe(2);
  expect(plan.stdout).toMatch(/^<!doctype html>\n[^]*<\/html>\n$/);
  expect(plan.stdout).toContain('administrators.yaml:2');
  const drift = await trueup(['drift', '--format=html'], at);
  expect(drift).toMatchObject({ code: 0, stdout: expect.stringContaining('No drift is on record.') });
});
