/** `trueup reconcile` as a service: one line a cycle, events for whoever is on call, one at a time for a provider. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CycleReport } from '../../src/daemon/report.ts';
import { edit, exampleFolder, simulatedCloud, start, trueup, until } from './trueup.ts';

describe('the daemon', { timeout: 120_000 }, () => {
  it('holds the lease: a second one is refused by name, and takes over at once when the first is dead', async () => {
    const cloud = await simulatedCloud('--devices', '10');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const daemon = start(['reconcile', '--every', '1h', '--yes'], at);
    await until(() => daemon.stdout().includes('\n'));
    const refused = await trueup(['apply', '--yes', '--json'], at);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'TRUEUP_STORE_BUSY' } });
    expect(refused.stderr).toContain('trueup reconcile');
    expect(refused.stderr).toContain(String(daemon.child.pid));
    expect((await trueup(['plan'], at)).code).toBe(0);
    daemon.child.kill('SIGKILL');
    await daemon.finished;
    expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
  });

  it('says one line a cycle, keeps the last good configuration, tells of drift, and stops when it is asked to', async () => {
    const cloud = await simulatedCloud('--devices', '20', '--drift', '0.3');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const daemon = start(['reconcile', '--every', '1s', '--yes', '--notify', 'cat >> events.jsonl'], at);
    const reports = (): CycleReport[] =>
      daemon
        .stdout()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as CycleReport);
    await until(() => reports().some(({ status }) => status === 'converged'), 60);
    const good = reports().at(-1)?.config;
    appendFileSync(join(at.cwd, 'provider.yaml'), '\nnonsense: [\n');
    await until(() => reports().at(-1)?.configProblem !== null, 30);
    expect(reports().at(-1)).toMatchObject({
      config: good,
      configProblem: { code: 'TRUEUP_CONFIG_INVALID' },
      status: 'converged',
    });
    edit(at.cwd, 'provider.yaml', '\nnonsense: [\n', '');
    edit(at.cwd, 'breakglass.yaml', 'Break-glass administrator', 'Break-glass administrator 2');
    await until(() => reports().at(-1)?.configProblem === null && reports().at(-1)?.config !== good, 30);
    // What is left are the devices that are not ready for any change.
    await until(() => reports().at(-1)?.changes === 0, 30);
    daemon.child.kill('SIGTERM');
    const ended = await daemon.finished;
    expect([0, 143]).toContain(ended.code);
    const plan = await trueup(['plan', '--json'], at);
    expect(JSON.parse(plan.stdout)).toMatchObject({ changes: [] });
    const events = readFileSync(join(at.cwd, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(new Set(events.map(({ event }) => event))).toEqual(
      new Set(['drift', 'guard', 'config-broken', 'config-mended']),
    );
  });

  it('without --yes looks and records, and changes nothing', async () => {
    const cloud = await simulatedCloud('--devices', '20', '--drift', '0.5');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const once = await trueup(['reconcile', '--once'], at);
    expect(once.code).toBe(2);
    expect(JSON.parse(once.stdout)).toMatchObject({
      mode: 'observe',
      status: 'open',
      actions: 0,
      cycle: 1,
      next: null,
    });
    expect(await cloud.ask('actions')).toEqual([]);
    expect((await trueup(['drift'], at)).code).toBe(2);
  });

  it('tells of lost contact once, and when it is regained', async () => {
    const cloud = await simulatedCloud('--devices', '10');
    const at = { cwd: exampleFolder(), env: cloud.env };
    await cloud.tell('faults', { rates: { forbidden: 1 } });
    const daemon = start(['reconcile', '--every', '1s', '--yes', '--notify', 'cat >> events.jsonl'], at);
    const lines = (): number => daemon.stdout().split('\n').length - 1;
    await until(() => lines() >= 3, 30);
    await cloud.tell('faults', {});
    await until(() => daemon.stdout().includes('"status":"converged"'), 30);
    const file = join(at.cwd, 'events.jsonl');
    const events = (): string[] =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .trim()
            .split('\n')
            .map((line) => (JSON.parse(line) as { event: string }).event)
        : [];
    await until(() => events().includes('contact-regained'));
    expect(events().slice(0, 2)).toEqual(['lost-contact', 'contact-regained']);
  });
});
