/** A diagnosis in this process: the real store and client against a simulated cloud. */
import { onTestFinished } from 'vitest';
import { readScript } from '../../src/commands/content-files.ts';
import { fleetOf } from '../../src/commands/fleet.ts';
import type { DoctorContext } from '../../src/doctor/context.ts';
import { type Examination, examine } from '../../src/doctor/examine.ts';
import type { HostFacts } from '../../src/doctor/judge/host.ts';
import { withTarget } from '../../src/doctor/target.ts';
import type { Desired, DesiredProvider, Protect } from '../../src/model/desired.ts';
import type { Check, DoctorReport } from '../../src/model/doctor.ts';
import type { IntegrationOptions } from '../../src/model/options.ts';
import type { Store } from '../../src/ports.ts';
import { parseFleet } from '../../src/simulator/fleet/file.ts';
import type { DeviceTruth } from '../../src/simulator/fleet/fleet.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { isDead } from '../../src/store/holder.ts';
import { openStore } from '../../src/store/open.ts';
import { enroll } from '../apply/scan/world.ts';
import { type Controls, controlsOf, type ShiftedClock, shiftedClock } from '../apply/world.ts';
import { desired, provider } from '../reconcile/world.ts';

export interface DoctorWorld extends Controls {
  readonly context: DoctorContext;
  readonly clock: ShiftedClock;
  readonly store: Store;
  readonly url: string;
  readonly token: string;
  /** Read when something is first asked. */
  readonly env: Record<string, string>;
  readonly examine: (examination?: Partial<Examination>) => Promise<DoctorReport>;
  /** With the actions that `--target` and `--write` send. */
  readonly tryOn: (target: string, write?: boolean, context?: Partial<DoctorContext>) => Promise<DoctorReport>;
}

export interface WorldOptions {
  readonly devices?: number;
  /** YAML of a fleet file, in the place of a generated fleet. */
  readonly fleet?: string;
  readonly options?: Partial<IntegrationOptions>;
  readonly provider?: Partial<DesiredProvider>;
  readonly desired?: Partial<Desired>;
  readonly store?: Store;
  /** Whether the devices are on record; of an embedded store alone. */
  readonly isKnown?: (index: number) => boolean;
  readonly protect?: Protect;
  readonly bare?: boolean;
  readonly tls?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly host?: HostFacts;
}

/** Everything that the seed asks for. */
export const goodHost: HostFacts = {
  system: 'Linux',
  release: { id: 'ubuntu', version: '22.04', name: 'Ubuntu 22.04.5 LTS' },
  python: '3.10.12',
  libraries: { requests: '2.31.0', pydantic: '1.10.13', pycryptodomex: '3.20.0', lxml: '5.1.0' },
  isNpsdHost: true,
};

/** Six machines on which nothing is out of the ordinary. */
export const quietFleet: string = `devices:
${[1, 2, 3, 4, 5, 6].map((n) => `  - { name: SRV-${n}.corp.example, kind: server }\n`).join('')}`;

let runs = 0;

export async function doctorWorld(given: WorldOptions = {}): Promise<DoctorWorld> {
  const { devices, fleet = quietFleet, protect = 'Disabled', isKnown = () => true, bare = false, tls = false } = given;
  const simulator = await startSimulator({
    port: 0,
    fleet: devices === undefined ? parseFleet(fleet, 'fleet.yaml') : { devices, drift: 0, seed: 3 },
    latencyMs: 0,
    clock: 'fast',
    bare,
    tls,
    seed: 3,
  });
  const clock = shiftedClock();
  const own = provider({
    apiBaseUrl: simulator.url,
    caFile: simulator.caFile ?? null,
    options: { bulk_scan_enabled: true, ...given.options },
    npsdVersion: '26.03',
    apiKeyExpires: new Date(Date.now() + 90 * 86_400_000).toISOString(),
    toggle: null,
    ...given.provider,
  });
  const store =
    given.store ?? (await openStore('sqlite::memory:', { provider: own.name, fields: own.fields, mode: 'write' }));
  const signal = new AbortController().signal;
  const env: Record<string, string> = { TOKEN: simulator.token, ...given.env };
  const tanium = fleetOf(own, {
    env,
    cwd: process.cwd(),
    clock,
    log: () => {},
  });
  onTestFinished(async () => {
    await tanium.close();
    if (given.store === undefined) await store.close();
    await simulator.close();
  });
  const controls = controlsOf(simulator);
  if (given.store === undefined) {
    const all = ((await fetchTruth(simulator.url, tls)) as readonly DeviceTruth[]).filter((_, at) => isKnown(at));
    await enroll(store, all, protect, own.name, clock.now());
    await store.createProvider(own.provider, own.name);
    const [row] = await store.providers(own.provider);
    if (row !== undefined)
      await store.setProvider(row.id, { enable: true, apiBaseUrl: simulator.url, options: own.options });
  }
  const context: DoctorContext = {
    desired: desired({ providers: [own], ...given.desired }),
    provider: own,
    labels: new Map(),
    store,
    content: { fleet: tanium.content, read: (script) => readScript(script, process.cwd()) },
    scanner: tanium.scanner,
    actions: tanium.actions,
    connection: tanium.connection,
    requests: tanium.requests,
    clock,
    ids: { next: () => `doctor${(runs += 1)}` },
    signal,
    assertHeld: async () => {},
    by: 'test',
    commit: async () => null,
    witness: async () => true,
    tell: () => {},
    host: async () => given.host ?? goodHost,
    key: () => ({ kind: 'file', path: '.trueup/key', keys: 1 }),
  };
  return {
    context,
    clock,
    store,
    url: simulator.url,
    token: simulator.token,
    env,
    ...controls,
    examine: async (examination = {}) => {
      const all = { target: null, accept: new Set<string>(), isDead, ...examination };
      return (await examine(context, all)).report;
    },
    tryOn: async (target, write = false, changed = {}) => {
      const found = await examine(context, { target, accept: new Set(), isDead });
      return withTarget({ ...context, ...changed }, found, { target, write });
    },
  };
}

/** Over TLS nothing of the tests looks: the fleet is then not on record. */
async function fetchTruth(url: string, tls: boolean): Promise<unknown> {
  return tls ? [] : (await fetch(`${url}/_sim/devices`)).json();
}

export function checkOf({ checks }: Pick<DoctorReport, 'checks'>, id: string): Check {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`there is no check ${id}: ${checks.map((check) => check.id).join(', ')}`);
  return found;
}

/** Ids of those that failed. */
export function failed({ checks }: Pick<DoctorReport, 'checks'>): string[] {
  return checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
}

/** Ids of those that warn. */
export function warned({ checks }: Pick<DoctorReport, 'checks'>): string[] {
  return checks.filter(({ status }) => status === 'warn').map(({ id }) => id);
}
