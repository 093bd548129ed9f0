import { parseArgs } from 'node:util';
import { type Cycles, cyclesOf, type Passes, passesOf, withServer } from './measure/pass-run.ts';
import { type Figure, median, report } from './measure/report.ts';

export const description =
  'From the pages of a scan to the plan, against fetching and JSON.parse of the same pages: [--devices 100000] [--runs 3] [--config PATH]';

/** The CPU time of all threads is compared: the pages come from the same machine, and its other work is nobody's here. */
const mostRatios = [0.6, 0.5];
const mostMegabytes: Readonly<Record<number, number>> = { 100_000: 256, 1_000_000: 512 };
const mostStall = 100;
/** A store of more devices takes minutes to fill, and says nothing else. */
const mostForDaemon = 100_000;
const firstSize = 10_000;
/** Of the cost by the number of devices: 1 is linear. */
const mostExponent = 1.05;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '100000' },
      runs: { type: 'string', default: '3' },
      config: { type: 'string', default: 'examples/minimal' },
    },
  });
  const devices = Number(values.devices);
  const costs = new Map<number, number>();
  for (let size = firstSize; size < devices; size *= 10) {
    const { ours } = await withServer(size, async (url) => ({
      ours: await passesOf('pass-once.ts', url, values.config),
    }));
    costs.set(size, ours.first.cpuSeconds);
  }
  const { turns, daemon } = await withServer(devices, async (url) => {
    const done: Turn[] = [];
    while (done.length < Number(values.runs)) {
      const bare = await passesOf('pass-bare.ts', url);
      done.push({ bare, ours: await passesOf('pass-once.ts', url, values.config) });
    }
    return { turns: done, daemon: devices > mostForDaemon ? null : await cyclesOf(url, values.config) };
  });
  const figures = (['first', 'second'] as const).flatMap((pass, index): Figure[] => {
    const of = (side: 'bare' | 'ours', figure: 'cpuSeconds' | 'wallSeconds'): number =>
      median(turns.map((turn) => turn[side][pass][figure]));
    const ratio = median(turns.map(({ bare, ours }) => ours[pass].cpuSeconds / bare[pass].cpuSeconds));
    return [
      { name: `${pass} pass: bare, CPU`, value: of('bare', 'cpuSeconds'), unit: 's', digits: 2 },
      { name: '  Trueup, CPU', value: of('ours', 'cpuSeconds'), unit: 's', digits: 2 },
      { name: '  ratio', value: ratio, unit: '', digits: 2, limit: mostRatios[index] as number },
      { name: '  bare, wall', value: of('bare', 'wallSeconds'), unit: 's', digits: 2 },
      { name: '  Trueup, wall', value: of('ours', 'wallSeconds'), unit: 's', digits: 2 },
    ];
  });
  costs.set(devices, median(turns.map(({ ours }) => ours.first.cpuSeconds)));
  const peak = median(turns.map(({ ours }) => ours.first.peakMegabytes));
  const limit = mostMegabytes[devices];
  return report([
    ...figures,
    { name: 'peak memory', value: peak, unit: 'MB', digits: 0, ...(limit === undefined ? {} : { limit }) },
    ...exponentOf(costs),
    ...(daemon === null ? [] : stallsOf(daemon)),
  ]);
}

/** The first cycle is the start of the program too, which loads its parts. */
function stallsOf({ cycles, idleMilliseconds }: Cycles): Figure[] {
  return [
    { name: 'longest stall of an idle process beside the daemon', value: idleMilliseconds, unit: 'ms', digits: 0 },
    ...cycles.flatMap(({ wallSeconds, stallMilliseconds }, index): Figure[] => [
      { name: `daemon, cycle ${index + 1}, wall`, value: wallSeconds, unit: 's', digits: 1 },
      {
        name: '  longest stall of the main thread',
        value: stallMilliseconds,
        unit: 'ms',
        digits: 0,
        // What an idle process waits for too is the machine's.
        ...(index === 0 ? {} : { limit: Math.max(mostStall, Math.ceil(idleMilliseconds)) }),
      },
    ]),
  ];
}

interface Turn {
  readonly bare: Passes;
  readonly ours: Passes;
}

/** The slope of the cost over the number of devices, both as logarithms. */
function exponentOf(costs: ReadonlyMap<number, number>): Figure[] {
  if (costs.size < 2) return [];
  const points = [...costs].map(([size, cost]) => [Math.log(size), Math.log(cost)] as const);
  const mean = (index: 0 | 1): number => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const slope =
    points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  return [{ name: `exponent from ${firstSize} devices`, value: slope, unit: '', digits: 2, limit: mostExponent }];
}
