/** What a command costs: run as a process of its own, so that nothing but the command is counted. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

const usage = fileURLToPath(new URL('usage.cjs', import.meta.url));

export interface Sample {
  /** From start to end, as a user waits for it. */
  readonly wallSeconds: number;
  /** User and system time of the process itself. */
  readonly cpuSeconds: number;
  /** The most memory that was resident at once. */
  readonly peakMegabytes: number;
  readonly out: string;
}

export interface Command {
  /** Of Node: the script and its arguments. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit statuses that are no failure; 0 where not given. */
  readonly expected?: readonly number[];
}

/** Throws where the command fails, with what it said. */
export async function measure(command: Command): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-bench-'));
  const file = join(folder, 'usage.json');
  try {
    const began = performance.now();
    const out = await run(command, file);
    const wallSeconds = (performance.now() - began) / 1000;
    const used = JSON.parse(readFileSync(file, 'utf8')) as NodeJS.ResourceUsage;
    return {
      wallSeconds,
      cpuSeconds: (used.userCPUTime + used.systemCPUTime) / 1_000_000,
      peakMegabytes: used.maxRSS / 1024,
      out,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command again and again, one after the other; the first run warms the caches of the system and is left out. */
export async function measureRuns(command: Command, runs: number): Promise<Sample[]> {
  await measure(command);
  const samples: Sample[] = [];
  while (samples.length < runs) samples.push(await measure(command));
  return samples;
}

function run({ args, cwd = root, env, expected = [0] }: Command, usageFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--require', usage, ...args], {
      cwd,
      env: { ...process.env, ...env, TRUEUP_USAGE: usageFile },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => err.push(data));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code !== null && expected.includes(code)) return resolve(Buffer.concat(out).toString());
      reject(
        new Error(`${args.join(' ')} ended with ${code ?? signal}:\n${Buffer.concat([...out, ...err]).toString()}`),
      );
    });
  });
}
