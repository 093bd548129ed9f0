import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { currentHolder, isDead } from '../../src/store/holder.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('the holder of a lease', () => {
  it('is this process, and it lives', () => {
    const holder = currentHolder('apply');
    expect(holder).toMatchObject({ pid: process.pid, command: 'apply' });
    expect(isDead(holder)).toBe(false);
    expect(isDead(JSON.parse(JSON.stringify(holder)))).toBe(false);
  });

  it('is dead when its process id has gone to another process', () => {
    expect(isDead({ ...currentHolder('apply'), started: 'earlier' })).toBe(true);
  });

  it('is dead when its process has ended', async () => {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('exit', resolve));
    expect(isDead({ ...currentHolder('apply'), pid: child.pid ?? 0 })).toBe(true);
    expect(isDead({ ...currentHolder('apply'), pid: -1 })).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('is dead when its process is a zombie', async () => {
    // The shell becomes `sleep`, which never asks after the child that the shell left it.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(parent);
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (data) => resolve(Number(data))));
    const stat = await until(
      () => readFileSync(`/proc/${pid}/stat`, 'utf8'),
      (text) => text.includes(') Z '),
    );
    const started = `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${stat.split(' ')[21]}`;
    expect(isDead({ ...currentHolder('apply'), pid, started })).toBe(true);
  });

  it('is never dead on another host', () => {
    expect(isDead({ ...currentHolder('apply'), host: 'elsewhere', pid: -1 })).toBe(false);
  });
});

async function until<T>(look: () => T, good: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = look();
    if (good(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
