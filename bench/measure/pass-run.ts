/** Runs the children of the bench `pass`: the server of the pages, and either side against it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PassLine } from './pass-result.ts';
import { measure, root } from './process.ts';

/** The server lives in a process of its own until `work` has ended, and lets go of nothing in between. */
export async function withServer<T>(devices: number, work: (url: string) => Promise<T>): Promise<T> {
  const args = ['bench/measure/pass-server.ts', String(devices)];
  const server = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'close');
  try {
    const lines = createInterface({ input: server.stdout });
    const [url] = (await Promise.race([once(lines, 'line'), ended])) as unknown[];
    if (typeof url !== 'string') throw new Error('the server of the pages did not start');
    return await work(url);
  } finally {
    server.stdin.end();
    await ended;
  }
}

export interface Passes {
  readonly first: PassLine;
  readonly second: PassLine;
}

export async function passesOf(script: string, ...args: readonly string[]): Promise<Passes> {
  const { out } = await measure({ args: [`bench/measure/${script}`, ...args] });
  const [first, second] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PassLine);
  if (first === undefined || second === undefined) throw new Error(`${script} said: ${out}`);
  if (first.digest !== second.digest) throw new Error(`${script} made two plans of one fleet`);
  return { first, second };
}

export interface Cycle {
  readonly wallSeconds: number;
  readonly stallMilliseconds: number;
}

export interface Cycles {
  /** In the order in which they ran. */
  readonly cycles: readonly Cycle[];
  /** The longest stall of a process that did nothing meanwhile: that of the machine. */
  readonly idleMilliseconds: number;
}

/** Of a daemon that looks, in which nothing changes after the first cycle. */
export async function cyclesOf(url: string, config: string): Promise<Cycles> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-pass-'));
  const idle = spawn(process.execPath, ['bench/measure/pass-idle.ts'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(idle, 'close');
  const said = once(createInterface({ input: idle.stdout }), 'line');
  try {
    const { out } = await measure({ args: ['bench/measure/pass-daemon.ts', url, config, folder, '3'] });
    idle.stdin.end();
    const [line] = (await said) as unknown[];
    return {
      cycles: out
        .trim()
        .split('\n')
        .map((one) => JSON.parse(one) as Cycle),
      idleMilliseconds: Number(line),
    };
  } finally {
    idle.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
