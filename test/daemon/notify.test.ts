import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DaemonEvent } from '../../src/daemon/events.ts';
import { notifier } from '../../src/daemon/notify.ts';

const event: DaemonEvent = {
  event: 'drift',
  at: '2026-03-02T09:00:00.000Z',
  provider: 'Production Tanium',
  cycle: 1,
  run: 'r1',
  message: "it's $(touch hacked) `touch hacked` found",
  count: 1,
  items: [{ device: 'SRV-1; touch hacked' }],
};

function run(command: string, limitMilliseconds?: number) {
  const cwd = mkdtempSync(join(tmpdir(), 'trueup-notify-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const complaints: string[] = [];
  const notify = notifier(command, {
    cwd,
    env: process.env,
    complain: (text) => complaints.push(text),
    ...(limitMilliseconds === undefined ? {} : { limitMilliseconds }),
  });
  return { cwd, complaints, done: notify(event) };
}

describe('--notify', () => {
  it('gives the event as one JSON line on standard input, and nothing of it to the shell', async () => {
    const { cwd, complaints, done } = run('cat > event.json; ls > files');
    await done;
    expect(JSON.parse(readFileSync(join(cwd, 'event.json'), 'utf8'))).toEqual(event);
    expect(readFileSync(join(cwd, 'files'), 'utf8')).not.toContain('hacked');
    expect(complaints).toEqual([]);
  });

  it('says that the command failed, and goes on', async () => {
    const { complaints, done } = run('exit 3');
    await done;
    expect(complaints).toEqual(['--notify failed with exit status 3 (event drift)']);
  });

  it('is not kept waiting by a command that does not want to end', async () => {
    const { complaints, done } = run("trap '' TERM; sleep 3 & wait", 200);
    const began = performance.now();
    await done;
    expect(performance.now() - began).toBeLessThan(2000);
    expect(complaints).toEqual(['--notify was ended by SIGKILL, or took longer than 0.2 s (event drift)']);
  });

  it('does not mind a command that reads nothing', async () => {
    const { complaints, done } = run('true');
    await done;
    expect(complaints).toEqual([]);
  });
});
