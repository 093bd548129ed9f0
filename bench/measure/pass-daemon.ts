/**
 * Cycles of the daemon, one after the other, on one store: `pass-daemon.ts URL CONFIG FOLDER CYCLES`. Says of each how long
 * it took, and for how long its main thread heard nothing meanwhile.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import type { Io } from '../../src/commands/io.ts';
import { reconcile } from '../../src/commands/reconcile.ts';
import type { CycleReport } from '../../src/daemon/report.ts';
import { isInterruption, TrueupError } from '../../src/errors.ts';

// As bin/trueup does.
setFlagsFromString('--semi-space-growth-factor=1');

const [url = '', config = '', folder = '', count = '2'] = process.argv.slice(2);
const stop = new AbortController();

const resolution = 5;
const delay = monitorEventLoopDelay({ resolution });
let began = performance.now();
let cycles = 0;

function told(text: string): void {
  // One more may have begun before it was told to stop.
  if (cycles === Number(count)) return;
  const { status, devices, error } = JSON.parse(text) as CycleReport;
  if (error !== null) throw new Error(`${error.code}: ${error.message}`);
  const now = performance.now();
  // The delay is told with the time between two looks.
  const stallMilliseconds = Math.max(0, delay.max / 1e6 - resolution);
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  const cycle = { status, answered: devices?.answered, wallSeconds: (now - began) / 1000, stallMilliseconds };
  console.log(JSON.stringify({ ...cycle, peakMegabytes }));
  delay.reset();
  began = now;
  cycles += 1;
  if (cycles === Number(count)) stop.abort(new TrueupError('TRUEUP_INTERRUPTED', 'All cycles are done.'));
}

const io: Io = {
  out: told,
  err: () => {},
  ask: null,
  input: null,
  env: { ...process.env, TRUEUP_TANIUM_URL: url, TRUEUP_TANIUM_TOKEN: 'token-bench' },
  cwd: process.cwd(),
  color: false,
  columns: undefined,
  statusColumns: null,
  signal: stop.signal,
  verbosity: 'quiet',
};

delay.enable();
const ended = reconcile(
  {
    config: [config],
    store: `sqlite:${folder}/state.db`,
    logDir: null,
    every: '1s',
    cron: null,
    once: false,
    yes: false,
    notify: null,
  },
  io,
);
try {
  await ended;
} catch (error) {
  if (!isInterruption(error)) throw error;
}
