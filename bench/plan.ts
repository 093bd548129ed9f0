import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DeviceRow } from '../src/ports.ts';
import { generateFleet } from '../src/simulator/fleet/fleet.ts';
import { measureRuns } from './measure/process.ts';
import { type Figure, medianOf, report } from './measure/report.ts';

export const description =
  'CPU and memory of making a plan from the answers of a fleet: [--devices 10000] [--drift 0.1] [--runs 5] [--config PATH]';

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '10000' },
      drift: { type: 'string', default: '0.1' },
      runs: { type: 'string', default: '5' },
      config: { type: 'string', default: 'examples/minimal' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'trueup-plan-'));
  try {
    const rows = join(folder, 'rows.jsonl');
    await writeRows(rows, Number(values.devices), Number(values.drift));
    const figures: Figure[] = [];
    for (const records of ['first', 'enrolled']) {
      const command = { args: ['bench/measure/plan-once.ts', rows, values.config, records] };
      const samples = await measureRuns(command, Number(values.runs));
      console.log(`${records}: ${samples[0]?.out.trim() ?? ''}`);
      const limited = values.devices === '10000';
      figures.push(
        {
          name: `${records}, CPU`,
          value: medianOf(samples, 'cpuSeconds'),
          unit: 's',
          digits: 2,
          ...(limited ? { limit: 3 } : {}),
        },
        {
          name: `${records}, peak memory`,
          value: medianOf(samples, 'peakMegabytes'),
          unit: 'MB',
          digits: 0,
          ...(limited ? { limit: 200 } : {}),
        },
        { name: `${records}, wall`, value: medianOf(samples, 'wallSeconds'), unit: 's', digits: 2 },
      );
    }
    return report(figures);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In this process, so that making the fleet is not counted. */
async function writeRows(file: string, devices: number, drift: number): Promise<void> {
  const handle = await open(file, 'w');
  for (const device of generateFleet({ devices, drift, seed: 1 }).devices) {
    const { computerId, name, os, domain } = device;
    const row: DeviceRow = { computerId: String(computerId), name, os, domain, text: device.inventory() };
    await handle.write(`${JSON.stringify(row)}\n`);
  }
  await handle.close();
}
