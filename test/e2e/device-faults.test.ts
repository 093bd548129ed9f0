/** What goes wrong on devices: each ends as failed or pending, and the others are unharmed. */
import { describe, expect, it } from 'vitest';
import type { ApplyResult } from '../../src/model/apply.ts';
import type { Plan } from '../../src/model/plan.ts';
import { type DeviceTruth, edit, exampleFolder, ordinary, simulatedCloud, trueup } from './trueup.ts';

describe('devices', { timeout: 120_000 }, () => {
  it('#190 a device that is offline stays pending, and is planned anew when it is back', async () => {
    const cloud = await simulatedCloud('--devices', '20', '--drift', '0.5');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const planned = JSON.parse((await trueup(['plan', '--json'], at)).stdout) as Plan;
    const [target = ''] = planned.actions.flatMap(({ targets }) => targets);
    await cloud.tell('faults', { offline: [Number(target)] });
    const without = JSON.parse((await trueup(['apply', '--yes', '--json'], at)).stdout) as ApplyResult;
    expect(without).toMatchObject({ failed: [] });
    const silent = JSON.parse((await trueup(['plan', '--json'], at)).stdout) as Plan;
    expect(silent.changes).toEqual([]);
    await cloud.tell('faults', {});
    const back = JSON.parse((await trueup(['plan', '--json'], at)).stdout) as Plan;
    expect(back.actions.flatMap(({ targets }) => targets)).toEqual([target]);
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
  });

  it('a device that never ends its action is pending when the time is over, and the others are done', async () => {
    const cloud = await simulatedCloud('--devices', '20', '--drift', '0.6');
    const at = { cwd: exampleFolder(), env: cloud.env };
    edit(at.cwd, 'provider.yaml', 'action_timeout_seconds: 1200', 'action_timeout_seconds: 8');
    await cloud.tell('faults', { rates: { stuck: 0.3 }, seed: 2 });
    const applied = await trueup(['apply', '--yes', '--json'], at);
    const result = JSON.parse(applied.stdout) as ApplyResult;
    expect(applied.code).toBe(2);
    expect(result.pending.length).toBeGreaterThan(0);
    expect(result).toMatchObject({ converged: false, failed: [] });
    expect(result.actions.reduce((sum, { ok }) => sum + ok, 0)).toBeGreaterThan(0);
    const drift = await trueup(['drift', '--json', '--device', result.pending[0] ?? ''], at);
    expect(drift.stdout).toContain('"state": "pending"');
    // Switched off before they came to it: a change is owed to them, and that is not converged.
    await cloud.tell('faults', { offline: result.pending });
    const owed = await trueup(['plan', '--json'], at);
    expect(owed.code).toBe(2);
    expect(JSON.parse(owed.stdout)).toMatchObject({ changes: [], pending: result.pending });
    await cloud.tell('faults', {});
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
  });

  it.each(['lostOutput', 'cutOutput', 'hostileOutput'])('%s: what is not reported is not believed', async (fault) => {
    const cloud = await simulatedCloud('--devices', '20', '--drift', '0.8', '--seed', '4');
    const at = { cwd: exampleFolder(), env: cloud.env };
    await cloud.tell('faults', { rates: { [fault]: 0.5 }, seed: 1 });
    const applied = await trueup(['apply', '--yes', '--json'], at);
    const result = JSON.parse(applied.stdout) as ApplyResult;
    if (fault === 'hostileOutput') expect(applied.code === 0 || applied.code === 6).toBe(true);
    else {
      expect(applied.code).toBe(6);
      expect(new Set(result.failed.map(({ code }) => code))).toEqual(new Set(['no-report']));
    }
    await cloud.tell('faults', {});
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
  });

  it('an administrator who keeps undoing it is other-manager from the third time on', async () => {
    const cloud = await simulatedCloud('--devices', '10');
    const at = { cwd: exampleFolder(), env: cloud.env };
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    const [device] = ordinary(await cloud.ask<readonly DeviceTruth[]>('devices'));
    for (let time = 1; time <= 3; time += 1) {
      await cloud.tell('drift', { device: device?.computerId, user: { name: 'corp_breakglass', enabled: false } });
      expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
    }
    const drift = JSON.parse((await trueup(['drift', '--json'], at)).stdout) as {
      drift: readonly { device: string; cause: string; count: number; kind: string }[];
    };
    expect(drift.drift.filter(({ kind }) => kind === 'account.enable')).toMatchObject([
      { device: device?.name, cause: 'other-manager', count: 3 },
    ]);
  });
});
