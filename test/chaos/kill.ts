/**
 * The real program, killed with SIGKILL at one boundary of its effects after another, and started again: `npm run
 * chaos:kill -- --kills 100 [--seed 1]`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const program = fileURLToPath(new URL('../../bin/trueup', import.meta.url));
const preload = fileURLToPath(new URL('preload.ts', import.meta.url));
const example = fileURLToPath(new URL('../../examples/minimal', import.meta.url));

/** Fleets at a time. */
const lanes = 2;
/** Kills on one fleet before it has to be well again. */
const killsOnOne = 10;
/** Boundaries between one kill and the next: an odd number, so that all of them come in turn. */
const stride = 7;

interface Cloud {
  readonly url: string;
  readonly token: string;
}

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
process.exitCode = await main(Number(values.kills), Number(values.seed));

async function main(kills: number, firstSeed: number): Promise<number> {
  const began = performance.now();
  let seed = firstSeed;
  let killed = 0;
  let failed = 0;
  const lane = async (first: number): Promise<void> => {
    for (let boundary = first; killed < kills; ) {
      const own = seed;
      seed += 1;
      const round = await onOneFleet(own, boundary, killsOnOne);
      killed += round.killed;
      boundary = round.boundary;
      if (round.faults.length === 0) continue;
      failed += 1;
      process.stdout.write(`FAILED --seed ${own}: ${round.faults.join('; ')}\n`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index + 1)));
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stdout.write(`${killed} processes killed, ${failed} fleets failed, ${seconds} s\n`);
  return failed === 0 ? 0 : 1;
}

interface Round {
  readonly killed: number;
  /** Where the next round goes on. */
  readonly boundary: number;
  readonly faults: readonly string[];
}

async function onOneFleet(seed: number, from: number, kills: number): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-kill-'));
  cpSync(example, folder, { recursive: true });
  const ready = join(folder, 'ready.json');
  const options = ['simulate', '--port', '0', '--devices', '20', '--drift', '0.6', '--seed', String(seed)];
  const simulator = started([program, ...options, '--ready-file', ready], folder, {});
  try {
    const cloud = await readyCloud(ready, simulator);
    const env = { TRUEUP_TANIUM_URL: cloud.url, TRUEUP_TANIUM_TOKEN: cloud.token };
    let boundary = from;
    let killed = 0;
    while (killed < kills) {
      const end = await ended(
        started(['--import', preload, program, 'apply', '--yes', '--quiet'], folder, {
          ...env,
          TRUEUP_CHAOS_KILL: String(boundary),
        }),
      );
      if (end.signal === 'SIGKILL') {
        killed += 1;
        boundary += stride;
      } else {
        // It came to its end before that boundary: the next fleet begins at the first ones again.
        boundary = (boundary % stride) + 1;
        break;
      }
    }
    return { killed, boundary, faults: await faultsOf(cloud, folder, env) };
  } finally {
    simulator.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function faultsOf(cloud: Cloud, folder: string, env: Readonly<Record<string, string>>): Promise<string[]> {
  const faults: string[] = [];
  const last = await ended(started([program, 'apply', '--yes', '--json'], folder, env));
  if (last.code !== 0) faults.push(`the last run ended with ${last.code}: ${last.stderr.slice(0, 400)}`);
  const plan = await ended(started([program, 'plan', '--fresh'], folder, env));
  if (plan.code !== 0) faults.push(`the plan after it ended with ${plan.code}`);
  const audit = await ended(started([program, 'audit', 'verify'], folder, env));
  if (audit.code !== 0) faults.push(`the audit chain: ${audit.stderr.slice(0, 200)}`);
  const response = await fetch(`${cloud.url}/_sim/actions`);
  const names = ((await response.json()) as readonly { readonly name: string }[]).map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) faults.push(`sent twice: ${twice.join(', ')}`);
  return faults;
}

function started(words: readonly string[], cwd: string, env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return child;
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

function ended(child: ChildProcess): Promise<End> {
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  child.stdout?.resume();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stderr }));
  });
}

async function readyCloud(file: string, simulator: ChildProcess): Promise<Cloud> {
  simulator.stdout?.resume();
  simulator.stderr?.resume();
  for (let waited = 0; waited < 200; waited += 1) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Cloud;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the simulator did not start');
}
