/** Killed, interrupted, started twice: nothing is lost, nothing is done twice. */
import { describe, expect, it } from 'vitest';
import type { ApplyResult } from '../../src/model/apply.ts';
import { exampleFolder, type SimulatedAction, simulatedCloud, start, trueup, until } from './trueup.ts';

/** Every action under a name of its own: what was issued once was not issued again. */
function expectOnce(actions: readonly SimulatedAction[]): void {
  const names = actions.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
}

describe('kill -9', { timeout: 180_000 }, () => {
  it('at whatever moment: the next run takes up what is under way and issues nothing twice', async () => {
    const cloud = await simulatedCloud('--devices', '40', '--drift', '0.6', '--seed', '11');
    const at = { cwd: exampleFolder(), env: cloud.env };
    for (const milliseconds of [400, 700, 900, 1100, 1300, 1500, 1700, 2000, 2400, 2900, 3500, 4200]) {
      const running = start(['apply', '--yes', '--quiet'], at);
      await Promise.race([running.finished, new Promise((resolve) => setTimeout(resolve, milliseconds))]);
      running.child.kill('SIGKILL');
      await running.finished;
      expectOnce(await cloud.ask('actions'));
    }
    const last = await trueup(['apply', '--yes', '--json'], at);
    expect(last.stderr).not.toContain('TRUEUP_');
    expect(last.code).toBe(0);
    expect(JSON.parse(last.stdout) as ApplyResult).toMatchObject({ converged: true });
    const actions = await cloud.ask<readonly SimulatedAction[]>('actions');
    expectOnce(actions);
    expect((await cloud.ask<Record<string, number>>('requests'))['POST /api/v2/actions']).toBe(actions.length);
    expect((await trueup(['plan'], at)).code).toBe(0);
  });

  it('between the POST and its answer: the action is found by its name', async () => {
    const cloud = await simulatedCloud('--devices', '20', '--drift', '0.6', '--latency-ms', '150');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const running = start(['apply', '--yes', '--quiet'], at);
    await until(async () => (await cloud.ask<readonly SimulatedAction[]>('actions')).length > 0);
    running.child.kill('SIGKILL');
    await running.finished;
    const [first] = await cloud.ask<readonly SimulatedAction[]>('actions');
    const next = await trueup(['apply', '--yes'], at);
    expect(next.code).toBe(0);
    expect(next.stderr).toContain(`taking up action ${first?.name}`);
    expectOnce(await cloud.ask('actions'));
  });

  it('a POST whose answer is lost is looked for, never repeated', async () => {
    const cloud = await simulatedCloud('--devices', '30', '--drift', '0.6', '--seed', '2');
    const at = { cwd: exampleFolder(), env: cloud.env };
    for (let seed = 1; seed <= 6; seed += 1) {
      await cloud.tell('faults', { rates: { doubtful: 0.4 }, seed });
      await trueup(['apply', '--yes', '--quiet'], at);
      expectOnce(await cloud.ask('actions'));
    }
    await cloud.tell('faults', {});
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    expectOnce(await cloud.ask('actions'));
  });
});

describe('a signal', { timeout: 120_000 }, () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the run in hand with %i, and the next one goes on', async (signal, code) => {
    const cloud = await simulatedCloud('--devices', '30', '--drift', '0.6');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const running = start(['apply', '--yes', '--json'], at);
    await until(async () => (await cloud.ask<readonly SimulatedAction[]>('actions')).length > 0);
    // Twice, as a process group gets it whose leader passes it on.
    running.child.kill(signal);
    running.child.kill(signal);
    const ended = await running.finished;
    expect(ended.code).toBe(code);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'TRUEUP_INTERRUPTED' } });
    const next = await trueup(['apply', '--yes'], at);
    expect(next.code).toBe(0);
    expectOnce(await cloud.ask('actions'));
  });
});
