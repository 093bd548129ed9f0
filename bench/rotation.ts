import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { outcomeOf } from '../src/apply/outcome.ts';
import { decodeReports, encodeReport } from '../src/endpoint/report.ts';
import type { ApplyResult } from '../src/model/apply.ts';
import type { Operation } from '../src/model/operation.ts';
import { defaultRotation } from '../src/model/rotation.ts';
import { boxes } from '../src/secrets/boxes.ts';
import { freshKey } from '../src/secrets/key-file.ts';
import { vaultOf } from '../src/secrets/vault.ts';
import type { BareShare } from './measure/bare-decrypt.ts';
import { measure, root } from './measure/process.ts';
import { type Figure, median, report } from './measure/report.ts';

export const description =
  'Opening reports of rotations against bare privateDecrypt, and a fleet rotated by the command: [--devices 10000] [--reports 2000] [--rounds 5]';

/** As issue 9 has them; the memory is for 10,000 devices. */
const limits = { megabytes: 256, ratio: 0.8 };

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '10000' },
      reports: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '5' },
    },
  });
  const devices = Number(values.devices);
  const opening = await openingFigures(Number(values.reports), Number(values.rounds));
  return report([...opening, ...(devices === 0 ? [] : await fleetFigures(devices))]);
}

/** Turn by turn, on as many threads as there are cores, so that whatever else runs slows both down alike. */
async function openingFigures(reports: number, rounds: number): Promise<Figure[]> {
  const { publicKey, privateKey } = await boxes.makePair();
  const sealed = Array.from({ length: reports }, (_, index) => {
    return boxes.seal(Buffer.from(`Password-of-device-${index}`), publicKey) ?? '';
  });
  const lines = sealed.map(reportLine);
  const cores = availableParallelism();
  const threads = Array.from({ length: cores }, (_, index) => {
    const share: BareShare = { der: privateKey, boxes: sealed.filter((_, at) => at % cores === index) };
    return new Worker(new URL('./measure/bare-decrypt.ts', import.meta.url), { workerData: share });
  });
  const bare = async (): Promise<void> => {
    const ends = threads.map((thread) => once(thread, 'message'));
    for (const thread of threads) thread.postMessage(null, []);
    await Promise.all(ends);
  };
  const ours = (): Promise<void> => taken(lines, privateKey);
  await bare();
  await ours();
  const turns: { readonly bare: number; readonly ours: number }[] = [];
  while (turns.length < rounds) turns.push({ bare: await secondsOf(bare), ours: await secondsOf(ours) });
  await Promise.all(threads.map((thread) => thread.terminate()));
  const perReport = (which: 'bare' | 'ours'): number => (median(turns.map((turn) => turn[which])) / reports) * 1e6;
  const ratio = median(turns.map((turn) => turn.bare / turn.ours));
  return [
    { name: 'bare privateDecrypt, a report', value: perReport('bare'), unit: 'µs', digits: 0 },
    { name: 'read, open and seal, a report', value: perReport('ours'), unit: 'µs', digits: 0 },
    { name: 'ratio', value: ratio, unit: '', digits: 2, least: limits.ratio },
  ];
}

async function secondsOf(what: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await what();
  return (performance.now() - began) / 1000;
}

const operation: Operation = {
  kind: 'password.rotate',
  account: { rid: 500 },
  generator: 'endpoint',
  complexity: defaultRotation.complexity,
  rotation: { id: 'r1', publicKey: '' },
};

function reportLine(box: string, index: number): string {
  const data = { rid: 500, id: 'r1', attempt: 1, set: null, envelopes: [{ a: 1, alg: 'RSA-OAEP-256', box }] };
  const action = 'LocalUser.RotatePassword';
  const meta = { script: '1.0.0', computer: `SRV-${index}`, sid: 'S-1-5-21-1-2-3', domain: null, action, ms: 41 };
  return encodeReport({ n: 1, of: 1, meta, status: 'ok', changed: true, data, error: null }, 'base64');
}

/** Everything between an action's output and what the store is given. */
async function taken(lines: readonly string[], privateKey: Buffer): Promise<void> {
  const key = freshKey('2026-03-02T00:00:00Z');
  const vault = vaultOf({ keys: () => [key], newest: () => key, place: 'the bench' });
  const listed = lines.flatMap((line, index) => {
    const known = { name: `SRV-${index}`, machineSid: null };
    const { passwords } = outcomeOf({ operations: [operation] }, '1', 'SRV', known, decodeReports([line]));
    return passwords.flatMap((news) => (news.kind === 'rotated' ? news.boxes : []));
  });
  const opened = await boxes.open(
    privateKey,
    listed.map(({ box }) => box),
  );
  for (const [index, plain] of opened.entries()) {
    if (plain === null) throw new Error(`report ${index} does not open`);
    vault.seal(plain, ['Tanium', String(index), 'builtin', 'r1', '1']);
    plain.fill(0);
  }
}

interface Cloud {
  readonly url: string;
  readonly token: string;
}

async function fleetFigures(devices: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-rotation-'));
  const simulator = spawn(
    process.execPath,
    ['bin/trueup', 'simulate', '--devices', String(devices), '--ready-file', join(folder, 'ready.json')],
    { cwd: root, stdio: 'ignore' },
  );
  try {
    while (!existsSync(join(folder, 'ready.json'))) await delay(100);
    const { url, token } = JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8')) as Cloud;
    cpSync(join(root, 'examples/rotation-only'), folder, { recursive: true });
    withoutBudgets(folder);
    const env = { TRUEUP_TANIUM_URL: url, TRUEUP_TANIUM_TOKEN: token };
    const script = join(root, 'bin/trueup');
    // What guards hold back is told by its own status.
    const expected = [0, 2];
    const applied = await measure({
      args: [script, 'apply', '--yes', '--json', '--quiet'],
      cwd: folder,
      env,
      expected,
    });
    const { actions } = JSON.parse(applied.out) as ApplyResult;
    const sent = (await (await fetch(`${url}/_sim/requests`)).json()) as Readonly<Record<string, number>>;
    const rotated = actions.reduce((sum, { ok }) => sum + ok, 0);
    const all = sent['POST /api/v2/actions'] ?? 0;
    console.log(
      `${rotated} of ${devices} devices rotated: ${actions.length} actions, ${all - actions.length} more tell them`,
    );
    return [
      { name: 'the fleet, wall', value: applied.wallSeconds, unit: 's', digits: 1 },
      { name: 'the fleet, CPU', value: applied.cpuSeconds, unit: 's', digits: 1 },
      {
        name: 'the fleet, peak',
        value: applied.peakMegabytes,
        unit: 'MB',
        digits: 0,
        ...(devices === 10_000 ? { limit: limits.megabytes } : {}),
      },
    ];
  } finally {
    simulator.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function withoutBudgets(folder: string): void {
  const rollout = {
    apiVersion: 'trueup/v1',
    kind: 'Rollout',
    metadata: { name: 'rollout' },
    spec: { budgets: { rotations: '100%', devices: '100%' } },
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'rollout.yaml'), JSON.stringify(rollout));
}
