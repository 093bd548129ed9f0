/** `trueup simulate`: serves a simulated Tanium Cloud until it is told to end. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, TrueupError } from '../errors.ts';
import type { ClockKind } from '../simulator/clock.ts';
import { type Fleet, generateFleet, loadFleet } from '../simulator/fleet/fleet.ts';
import { type RealScripts, startScripts } from '../simulator/powershell/scripts.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import type { Io } from './io.ts';

export interface SimulateOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly devices: number;
  /** Share of the devices that differ from `examples/minimal`, 0 to 1. */
  readonly drift: number;
  readonly seed: number;
  /** A fleet file, in the place of `devices` and `drift`; null: none. */
  readonly fleet: string | null;
  readonly latencyMs: number;
  readonly clock: ClockKind;
  readonly bare: boolean;
  readonly tls: boolean;
  /** The devices run the real endpoint scripts. */
  readonly powershell: boolean;
  /** Null: none is written. */
  readonly readyFile: string | null;
}

/** Exits 0 once its signal ends it. Throws TRUEUP_USAGE, TRUEUP_SIMULATOR. */
export async function simulate(options: SimulateOptions, io: Io): Promise<number> {
  checkRanges(options);
  const scripts = options.powershell ? startScripts(io.env) : null;
  try {
    return await serve(options, io, scripts);
  } finally {
    await scripts?.close();
  }
}

async function serve(options: SimulateOptions, io: Io, scripts: RealScripts | null): Promise<number> {
  const { port, latencyMs, clock, bare, tls, seed } = options;
  const fleet = fleetOf(options, io, scripts ?? undefined);
  const simulator = await startSimulator({ port, fleet, latencyMs, clock, bare, tls, seed });
  const readyFile = options.readyFile === null ? null : resolve(io.cwd, options.readyFile);
  try {
    io.out(welcome(simulator, fleet.devices.length, options, scripts));
    if (readyFile !== null) writeReady(readyFile, simulator);
    const failure = await Promise.race([aborted(io.signal), ...(scripts === null ? [] : [scripts.failure])]);
    if (failure) throw failure;
    return 0;
  } finally {
    if (readyFile !== null) rmSync(readyFile, { force: true });
    await simulator.close();
  }
}

const maxPort = 65_535;
const maxLatency = 60_000;

function checkRanges({ port, latencyMs }: SimulateOptions): void {
  const demand = (name: string, value: number, most: number): void => {
    if (Number.isInteger(value) && value >= 0 && value <= most) return;
    throw new TrueupError('TRUEUP_USAGE', `--${name} is a whole number from 0 to ${most}, not ${value}.`);
  };
  demand('port', port, maxPort);
  demand('latency-ms', latencyMs, maxLatency);
}

function fleetOf({ fleet, devices, drift, seed }: SimulateOptions, io: Io, scripts: RealScripts | undefined): Fleet {
  return fleet === null ? generateFleet({ devices, drift, seed }, scripts) : loadFleet(resolve(io.cwd, fleet), scripts);
}

/** The token is what the operator came for; it opens nothing but this simulator. */
function welcome(
  { url, token, caFile, users, password }: Simulator,
  devices: number,
  { clock, bare }: SimulateOptions,
  scripts: RealScripts | null,
): string {
  const shell = scripts === null ? '' : `, PowerShell ${scripts.version}`;
  const lines = [
    `Simulated Tanium Cloud: ${devices} devices, clock ${clock}${bare ? ', bare' : ''}${shell}`,
    `  address  ${url}`,
    `  token    ${token}`,
    ...(caFile === null ? [] : [`  ca       ${caFile}`]),
    `  log in   ${users.join(' or ')}, password ${password}`,
    '',
    'Point trueup at it:',
    `  export TRUEUP_TANIUM_URL=${url}`,
    `  export TRUEUP_TANIUM_TOKEN=${token}`,
    ...(caFile === null ? [] : [`  export NODE_EXTRA_CA_CERTS=${caFile}`]),
    '',
    'Ctrl-C ends it.',
  ];
  return `${lines.join('\n')}\n`;
}

/** Whole or not at all, and for nobody else to read: whoever waits for the file reads the token from it. */
function writeReady(file: string, { url, token, caFile }: Simulator): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify({ url, token, caFile })}\n`, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (origin) {
    rmSync(temporary, { force: true });
    const why = messageOf(origin);
    throw new TrueupError('TRUEUP_SIMULATOR', `The ready file ${file} cannot be written: ${why}.`, {
      cause: 'The folder of --ready-file does not exist, or may not be written.',
      remedy: 'Name another file with --ready-file.',
      origin,
    });
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
