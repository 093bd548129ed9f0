/** The program as a user starts it: real processes, real sockets, a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { DeviceTruth } from '../../src/simulator/fleet/fleet.ts';

export const root: string = fileURLToPath(new URL('../../', import.meta.url));
const entry = join(root, 'bin/trueup');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** What standard output has said so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Without the variables of whoever runs the tests, but for what a process needs to start at all. */
export function start(words: readonly string[], { cwd, env = {} }: Surroundings): Running {
  const { PATH = '', HOME = '', TMPDIR, NODE_COMPILE_CACHE, DOTNET_TieredPGO } = process.env;
  const some = Object.entries({ TMPDIR, NODE_COMPILE_CACHE, DOTNET_TieredPGO }).filter(
    ([, value]) => value !== undefined,
  );
  const child = spawn(process.execPath, [entry, ...words], {
    cwd,
    env: { PATH, HOME, ...Object.fromEntries(some), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...said }));
  });
  onTestFinished(async () => {
    // One that is killed keeps nothing of what it has compiled.
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await finished;
    clearTimeout(late);
  });
  return { child, finished, stdout: () => said.stdout, stderr: () => said.stderr };
}

export function trueup(words: readonly string[], surroundings: Surroundings): Promise<Finished> {
  return start(words, surroundings).finished;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-e2e-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with `examples/minimal` in it. */
export function exampleFolder(): string {
  const folder = temporaryFolder();
  cpSync(join(root, 'examples/minimal'), folder, { recursive: true });
  return folder;
}

export interface SimulatedCloud {
  readonly url: string;
  readonly token: string;
  readonly caFile: string | null;
  /** What points trueup at it. */
  readonly env: Readonly<Record<string, string>>;
  /** `GET /_sim/…` */
  readonly ask: <T>(what: 'requests' | 'devices' | 'actions') => Promise<T>;
  /** `POST /_sim/…` */
  readonly tell: (what: 'drift' | 'faults' | 'clock', body: unknown) => Promise<void>;
  readonly running: Running;
}

/** Serves until the test has finished. */
export async function simulatedCloud(...words: readonly string[]): Promise<SimulatedCloud> {
  const folder = temporaryFolder();
  const readyFile = join(folder, 'ready.json');
  const running = start(['simulate', '--ready-file', readyFile, ...words], { cwd: folder });
  await until(() => {
    if (running.child.exitCode !== null) throw new Error(`the simulator ended: ${running.stderr()}`);
    return existsSync(readyFile);
  }, 60);
  const { url, token, caFile } = JSON.parse(readFileSync(readyFile, 'utf8')) as {
    url: string;
    token: string;
    caFile: string | null;
  };
  const fetchSim = async (what: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(`${url}/_sim/${what}`, init);
    if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    url,
    token,
    caFile,
    running,
    env: {
      TRUEUP_TANIUM_URL: url,
      TRUEUP_TANIUM_TOKEN: token,
      ...(caFile === null ? {} : { NODE_EXTRA_CA_CERTS: caFile }),
    },
    ask: async <T>(what: string) => (await (await fetchSim(what)).json()) as T,
    tell: async (what, body) => {
      const headers = { 'content-type': 'application/json' };
      await (await fetchSim(what, { method: 'POST', headers, body: JSON.stringify(body) })).arrayBuffer();
    },
  };
}

/** Waits until `condition` holds; rejects after `seconds`. */
export async function until(condition: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface SimulatedAction {
  readonly id: number;
  readonly name: string;
  readonly parameters: { readonly EncodedCommand: string };
  readonly targets: readonly number[];
}

export type { DeviceTruth };

export const administrators = 'S-1-5-32-544';
export const corp = 'S-1-5-21-1004336348-1177238915-682003330';

export function administratorsOf(device: DeviceTruth): readonly string[] {
  return device.groups.find(({ sid }) => sid === administrators)?.members ?? [];
}

/** Devices of the domain that `examples/minimal` changes: Domain Admins and an enabled break-glass account. */
export function ordinary(devices: readonly DeviceTruth[]): readonly DeviceTruth[] {
  return devices.filter(
    (device) =>
      administratorsOf(device).includes(`${corp}-512`) &&
      device.users.some(({ name, enabled }) => name === 'corp_breakglass' && enabled),
  );
}

/** Changes a file of the configuration as an editor would; `from` must be there. */
export function edit(cwd: string, file: string, from: string, to: string): void {
  const path = join(cwd, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
}
