import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, measureRuns, root } from './measure/process.ts';
import { medianOf, report } from './measure/report.ts';

export const description = 'how long `bin/trueup --version` takes from a package, and from the sources: [--runs 20]';

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string', default: '20' } } });
  const runs = Number(values.runs);
  await measure({ args: ['tools/build.ts'] });
  const folder = mkdtempSync(join(tmpdir(), 'trueup-package-'));
  try {
    for (const name of ['bin', 'dist', 'schemas', 'package.json']) {
      cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const packaged = await measureRuns({ args: [join(folder, 'bin/trueup'), '--version'] }, runs);
    const sources = await measureRuns({ args: ['bin/trueup', '--version'] }, runs);
    return report([
      { name: 'package, wall', value: medianOf(packaged, 'wallSeconds'), unit: 's', digits: 3, limit: 0.15 },
      { name: 'package, CPU', value: medianOf(packaged, 'cpuSeconds'), unit: 's', digits: 3 },
      { name: 'package, peak memory', value: medianOf(packaged, 'peakMegabytes'), unit: 'MB', digits: 0 },
      { name: 'sources, wall', value: medianOf(sources, 'wallSeconds'), unit: 's', digits: 3 },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
