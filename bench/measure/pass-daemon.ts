/**
 * Cycles of the daemon, one after the other, on one store: `pass-daemon.ts URL CONFIG FOLDER CYCLES`. Says of each how long
 * it took, and for how long its main thread heard nothing meanwhile.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import type { Io } from '../../src/commands/io.ts';
import { reconcile } from '../../src/commands/reconcile.ts';
import type { CycleReport } from '../../src/daemon/report.ts';

// As bin/trueup does.
setFlagsFromString('--semi-space-growth-factor=1');

const [url = '', config = '', folder = '', count = '2'] = process.argv.slice(2);
const printed: string[] = [];
const io: Io = {
  out: (text) => printed.push(text),
  err: () => {},
  ask: null,
  input: null,
  env: { ...process.env, TRUEUP_TANIUM_URL: url, TRUEUP_TANIUM_TOKEN: 'token-bench' },
  cwd: process.cwd(),
  color: false,
  columns: undefined,
  statusColumns: null,
  signal: new AbortController().signal,
  verbosity: 'quiet',
};
const once = { every: null, cron: null, once: true, yes: false, notify: null };
const options = { ...once, config: [config], store: `sqlite:${folder}/state.db`, logDir: null };

const resolution = 5;
for (let cycle = 0; cycle < Number(count); cycle += 1) {
  const delay = monitorEventLoopDelay({ resolution });
  const began = performance.now();
  delay.enable();
  await reconcile(options, io);
  delay.disable();
  const { seconds, status, devices, error } = JSON.parse(printed.at(-1) ?? '{}') as CycleReport;
  if (error !== null) throw new Error(`${error.code}: ${error.message}`);
  const wallSeconds = (performance.now() - began) / 1000;
  // The delay is told with the time between two looks.
  const stallMilliseconds = Math.max(0, delay.max / 1e6 - resolution);
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  console.log(
    JSON.stringify({ status, answered: devices?.answered, seconds, wallSeconds, stallMilliseconds, peakMegabytes }),
  );
}
