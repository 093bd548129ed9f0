/**
 * The real program, killed with SIGKILL at one boundary of its effects after another, and started again: `npm run
 * chaos:kill -- --kills 100 [--seed 1]`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const program = fileURLToPath(new URL('../../bin/trueup', import.meta.url));
const preload = fileURLToPath(new URL('preload.ts', import.meta.url));
const example = fileURLToPath(new URL('../../examples/minimal', import.meta.url));

/** Fleets at a time: a run waits most of its time, for clients to answer and for actions to end. */
const lanes = 4 * availableParallelism();
/** Kills on one fleet before it has to be well again. */
const killsOnOne = 10;
/** What one process has compiled, the others need not: half the time of a start. */
const compiled = mkdtempSync(join(tmpdir(), 'trueup-compiled-'));
/** Boundaries between one kill and the next: an odd number, so that all of them come in turn. */
const stride = 7;

interface Cloud {
  readonly url: string;
  readonly token: string;
}

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
try {
  process.exitCode = await main(Number(values.kills), Number(values.seed));
} finally {
  rmSync(compiled, { recursive: true, force: true });
}

async function main(kills: number, firstSeed: number): Promise<number> {
  const began = performance.now();
  let seed = firstSeed;
  let boundary = 1;
  let killed = 0;
  /** With those that the fleets under way are still to bring. */
  let planned = 0;
  let failed = 0;
  const lane = async (): Promise<void> => {
    while (planned < kills) {
      const own = seed;
      seed += 1;
      const first = boundary;
      const most = Math.min(killsOnOne, kills - planned);
      boundary += most * stride;
      planned += most;
      const round = await onOneFleet(own, first, most);
      planned -= most - round.killed;
      killed += round.killed;
      // It came to its end before that boundary: the next fleets begin at the first ones again.
      if (round.killed < most && boundary > first) boundary = (first % stride) + 1;
      if (round.faults.length === 0) continue;
      failed += 1;
      process.stdout.write(`FAILED --seed ${own}: ${round.faults.join('; ')}\n`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stdout.write(`${killed} processes killed, ${failed} fleets failed, ${seconds} s\n`);
  return failed === 0 ? 0 : 1;
}

interface Round {
  readonly killed: number;
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
    let killed = 0;
    while (killed < kills) {
      const boundary = from + killed * stride;
      const end = await ended(
        trueup(['apply', '--yes', '--quiet'], folder, { ...env, TRUEUP_CHAOS_KILL: String(boundary) }),
      );
      if (end.signal !== 'SIGKILL') break;
      killed += 1;
    }
    return { killed, faults: await faultsOf(cloud, folder, env) };
  } finally {
    const gone = ended(simulator);
    simulator.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function faultsOf(cloud: Cloud, folder: string, env: Readonly<Record<string, string>>): Promise<string[]> {
  const faults: string[] = [];
  const last = await ended(trueup(['apply', '--yes', '--json'], folder, env));
  if (last.code !== 0) faults.push(`the last run ended with ${last.code}: ${last.stderr.slice(0, 400)}`);
  const plan = await ended(trueup(['plan', '--fresh'], folder, env));
  if (plan.code !== 0) faults.push(`the plan after it ended with ${plan.code}`);
  const audit = await ended(trueup(['audit', 'verify'], folder, env));
  if (audit.code !== 0) faults.push(`the audit chain: ${audit.stderr.slice(0, 200)}`);
  const response = await fetch(`${cloud.url}/_sim/actions`);
  const names = ((await response.json()) as readonly { readonly name: string }[]).map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) faults.push(`sent twice: ${twice.join(', ')}`);
  return faults;
}

/** The program, at the pace of the simulator. */
function trueup(words: readonly string[], cwd: string, env: Readonly<Record<string, string>>): ChildProcess {
  return started(['--import', preload, program, ...words], cwd, env);
}

function started(words: readonly string[], cwd: string, env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...process.env, NODE_COMPILE_CACHE: compiled, ...env },
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
