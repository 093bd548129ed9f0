/** Waves as an operator meets them: on the command line, with its exit codes, and in the daemon. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ApplyResult } from '../../src/model/apply.ts';
import { exampleFolder, type SimulatedCloud, simulatedCloud, trueup } from './trueup.ts';

const rollout = `apiVersion: trueup/v1
kind: Rollout
metadata: { name: rollout }
spec:
  budgets: { removals: { percent: 100, floor: 50 }, disables: 50, devices: 100% }
  canaries: { devices: 2 }
  waves:
    - { name: pilot, size: 3 }
    - { name: fleet, size: rest, requireApproval: true }
  gate: { success: 99%, within: 1s }
`;

async function atHome(): Promise<{
  readonly cwd: string;
  readonly env: SimulatedCloud['env'];
  readonly cloud: SimulatedCloud;
}> {
  const cloud = await simulatedCloud('--devices', '20', '--drift', '1', '--seed', '3');
  const cwd = exampleFolder();
  writeFileSync(join(cwd, 'rollout.yaml'), rollout);
  return { cwd, env: cloud.env, cloud };
}

it('what nobody released waits, and is released by name', { timeout: 120_000 }, async () => {
  const { cloud, ...at } = await atHome();
  const planned = await trueup(['plan'], at);
  expect(planned.code).toBe(2);
  expect(planned.stdout).toMatch(
    /waves: canaries \(2 devices\) → pilot \(3 devices\) → fleet \(\d+ devices held\), gate 99 % within 1 s/,
  );
  expect(planned.stdout).not.toContain('not acted on');

  const first = await trueup(['apply', '--yes'], at);
  expect(first.code).toBe(2);
  expect(first.stdout).toMatch(/✓ canaries +2 of 2 devices healthy/);
  expect(first.stdout).toMatch(/✓ pilot +3 of 3 devices healthy/);
  const sent = (await cloud.ask<readonly unknown[]>('actions')).length;

  expect(await trueup(['apply', '--yes'], at)).toMatchObject({ code: 2 });
  expect(await trueup(['reconcile', '--yes', '--once'], at)).toMatchObject({ code: 2 });
  expect(await cloud.ask('actions')).toHaveLength(sent);
  expect(await trueup(['apply', '--yes', '--approve', 'flet'], at)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--approve flet names no wave: wave 1 (canaries), wave 2 (pilot), wave 3 (fleet)'),
  });

  expect((await trueup(['plan', '--approve', 'fleet', '--out', 'p.json'], at)).code).toBe(2);
  expect(await trueup(['apply', 'p.json', '--yes', '--approve', 'fleet'], at)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--approve does not go with it'),
  });
  const released = await trueup(['apply', 'p.json', '--yes', '--json'], at);
  expect(released.code).toBe(0);
  expect((JSON.parse(released.stdout) as ApplyResult).converged).toBe(true);
  expect((await trueup(['audit'], at)).stdout).toMatch(/releases wave fleet in run/);
});

it('a gate that failed stops the rest with 6, and the daemon until somebody applies', {
  timeout: 120_000,
}, async () => {
  const { cloud, ...at } = await atHome();
  await cloud.tell('faults', { rates: { lostOutput: 1 } });
  const failed = await trueup(['reconcile', '--yes', '--once'], at);
  expect(failed.code).toBe(6);
  await cloud.tell('faults', {});
  const sent = (await cloud.ask<readonly unknown[]>('actions')).length;
  expect(await trueup(['reconcile', '--yes', '--once'], at)).toMatchObject({ code: 2 });
  expect(await cloud.ask('actions')).toHaveLength(sent);

  await cloud.tell('faults', { rates: { lostOutput: 1 } });
  const again = await trueup(['apply', '--yes'], at);
  expect(again.code).toBe(6);
  expect(again.stdout).toContain('The gate of wave 1 (canaries) failed in run');
  expect(again.stdout).toMatch(/✗ canaries +0 of 2 devices healthy +99 % needed within 1 s +rollout\.yaml:10/);
  expect(again.stdout).toContain('the gate of canaries failed and the waves after it were not sent');

  await cloud.tell('faults', {});
  expect(await trueup(['apply', '--yes', '--approve', 'fleet'], at)).toMatchObject({ code: 0 });
  expect(await trueup(['reconcile', '--yes', '--once'], at)).toMatchObject({ code: 0 });
});
