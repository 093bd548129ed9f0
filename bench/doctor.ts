import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { main } from '../src/commands/main.ts';
import type { DoctorReport } from '../src/model/doctor.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { root } from './measure/process.ts';
import { median, report } from './measure/report.ts';

export const description =
  'how long `trueup doctor` takes on a tenant that is well, and how much it asks: [--devices 200] [--runs 5]';

/** In one process with the simulator: what is waited for is Tanium, whose delays are those of its fast clock. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { devices: { type: 'string', default: '200' }, runs: { type: 'string', default: '5' } },
  });
  const cwd = mkdtempSync(join(tmpdir(), 'trueup-bench-'));
  const simulator = await startSimulator({
    port: 0,
    fleet: { devices: Number(values.devices), drift: 0, seed: 1 },
    latencyMs: 0,
    clock: 'fast',
    bare: false,
    tls: false,
    seed: 1,
  });
  try {
    cpSync(join(root, 'examples/minimal'), cwd, { recursive: true });
    const env = { ...process.env, TRUEUP_TANIUM_URL: simulator.url, TRUEUP_TANIUM_TOKEN: simulator.token };
    await typed('apply --yes', cwd, env);
    const reports: DoctorReport[] = [];
    for (let index = 0; index <= Number(values.runs); index += 1) {
      const found = JSON.parse(await typed('doctor --json', cwd, env)) as DoctorReport;
      // The first one is also what the engine compiles itself by.
      if (index > 0) reports.push(found);
    }
    const limited = Number(values.devices) <= 1000;
    return report([
      {
        name: 'wall',
        value: median(reports.map(({ seconds }) => seconds)),
        unit: 's',
        digits: 1,
        ...(limited ? { limit: 3 } : {}),
      },
      {
        name: 'requests',
        value: Math.max(...reports.map(({ requests }) => requests)),
        unit: '',
        digits: 0,
        ...(limited ? { limit: 40 } : {}),
      },
    ]);
  } finally {
    await simulator.close();
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** Answers standard output. */
async function typed(words: string, cwd: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  let out = '';
  const code = await main(words.split(' '), {
    out: (text) => {
      out += text;
    },
    err: () => {},
    ask: null,
    input: null,
    env,
    cwd,
    color: false,
    columns: undefined,
    statusColumns: null,
    signal: new AbortController().signal,
    verbosity: 'quiet',
  });
  if (code !== 0) throw new Error(`trueup ${words} ended with ${code}: ${out}`);
  return out;
}
