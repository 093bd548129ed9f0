import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure } from './measure/process.ts';
import { type Figure, median, report } from './measure/report.ts';
import { sentOf } from './measure/store-mongo.ts';
import type { StoreStep, StoreSteps } from './measure/store-once.ts';

export const description =
  'What the store step of a bulk scan costs: [--devices 100000] [--runs 3] [--batch 100] [--mongo 2000] [--folder PATH]';

/** Devices a second of CPU: what else the machine does is not counted. */
const leastFirst = 40_000;
const leastAgain = 200_000;
const mostStall = 100;
/** Files in memory, where there are any: how long a disk takes is not the program's. */
const memory = '/dev/shm';

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '100000' },
      runs: { type: 'string', default: '3' },
      batch: { type: 'string', default: '100' },
      mongo: { type: 'string', default: '2000' },
      folder: { type: 'string', default: existsSync(memory) ? memory : tmpdir() },
    },
  });
  const devices = Number(values.devices);
  const batch = Number(values.batch);
  const steps = (size: number, runs: number): Promise<readonly StoreSteps[]> =>
    samplesOf({ devices, batch: size, folder: values.folder }, runs);
  const streamed = await steps(devices, Number(values.runs));
  const batched = await steps(batch, 1);
  const first = streamed.map((step) => step.first);
  const again = streamed.flatMap(({ rescans }) => rescans);
  const small = batched.flatMap(({ rescans }) => rescans);
  return report([
    ...figuresOf('SQLite, first', devices, first, leastFirst),
    ...figuresOf('SQLite, unchanged rescan', devices, again, leastAgain),
    ...figuresOf(`SQLite, unchanged rescan by ${batch}`, devices, small),
    ...(await mongoFigures(Number(values.mongo), batch)),
  ]);
}

async function samplesOf(
  { devices, batch, folder }: { readonly devices: number; readonly batch: number; readonly folder: string },
  runs: number,
): Promise<readonly StoreSteps[]> {
  const script = fileURLToPath(new URL('measure/store-once.ts', import.meta.url));
  const samples: StoreSteps[] = [];
  while (samples.length < runs) {
    const { out } = await measure({ args: [script, String(devices), String(batch), folder] });
    samples.push(JSON.parse(out) as StoreSteps);
  }
  return samples;
}

async function mongoFigures(devices: number, batch: number): Promise<readonly Figure[]> {
  const whole = await sentOf(devices, devices);
  const parts = await sentOf(devices, batch);
  if (whole === null || parts === null) {
    console.error('No MONGODB_URI, mongod or ferretdb: what MongoDB is sent is not shown.');
    return [];
  }
  const named = [...whole, ...parts.map(([name, sent]) => [`${name} by ${batch}`, sent] as const)];
  return named.flatMap(([name, { requests, documents }]): Figure[] => [
    { name: `MongoDB, ${devices} devices, ${name}: requests`, value: requests, unit: '', digits: 0 },
    { name: '  documents written', value: documents, unit: '', digits: 0 },
  ]);
}

function figuresOf(name: string, devices: number, steps: readonly StoreStep[], least?: number): readonly Figure[] {
  const rate = (figure: 'cpuSeconds' | 'wallSeconds'): number => devices / median(steps.map((step) => step[figure]));
  const stall = median(steps.map(({ stallMilliseconds }) => stallMilliseconds));
  const bound = least === undefined ? {} : { least };
  return [
    { name: `${name}: devices a second of CPU`, value: rate('cpuSeconds'), unit: '', digits: 0, ...bound },
    { name: '  devices a second', value: rate('wallSeconds'), unit: '', digits: 0 },
    { name: '  longest stall', value: stall, unit: 'ms', digits: 0, limit: mostStall },
  ];
}
