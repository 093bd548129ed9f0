/** Scans in this process: the real store and client against a simulated cloud, its computers on record. */
import { onTestFinished } from 'vitest';
import type { ScanContext } from '../../../src/apply/scan/context.ts';
import type { Protect } from '../../../src/model/desired.ts';
import type { IntegrationOptions } from '../../../src/model/options.ts';
import type { RecordedComputer } from '../../../src/model/recorded.ts';
import type { ScanRun } from '../../../src/model/scan.ts';
import type { Store } from '../../../src/ports.ts';
import type { DeviceTruth } from '../../../src/simulator/fleet/fleet.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { openStore } from '../../../src/store/open.ts';
import { connectTanium } from '../../../src/tanium/connect.ts';
import { desired, provider } from '../../reconcile/world.ts';
import { passwordMeans } from '../password-means.ts';
import { type Controls, controlsOf, type ShiftedClock, shiftedClock } from '../world.ts';

export interface ScanWorld extends Controls {
  readonly context: ScanContext;
  readonly clock: ShiftedClock;
  /** Where the cloud listens. */
  readonly url: string;
  /** Lines of the logs, each as its file would have it. */
  readonly lines: readonly string[];
}

export interface WorldOptions {
  readonly devices?: number;
  readonly protect?: Protect;
  readonly options?: Partial<IntegrationOptions>;
  /** Left out: an embedded store in memory, in which every device is enrolled. */
  readonly store?: Store;
  /** Of the devices: those that are on record; left out: all. */
  readonly isKnown?: (index: number) => boolean;
  /** Of each pause of the client. */
  readonly pace?: number;
  /** Without sensor, package and groups of NPS-D. */
  readonly bare?: boolean;
}

let scans = 0;

export async function scanWorld(given: WorldOptions = {}): Promise<ScanWorld> {
  const { devices = 20, protect = 'Disabled', isKnown = () => true, pace = 1, bare = false } = given;
  const simulator = await startSimulator({
    port: 0,
    fleet: { devices, drift: 0, seed: 3 },
    latencyMs: 0,
    clock: 'fast',
    bare,
    tls: false,
    seed: 3,
  });
  const clock = shiftedClock(pace);
  const tanium = connectTanium({ baseUrl: simulator.url, token: simulator.token, proxy: null, caFile: null, clock });
  const options = { bulk_scan_enabled: true, ...given.options };
  const own = provider({ options });
  const store =
    given.store ?? (await openStore('sqlite::memory:', { provider: own.name, fields: own.fields, mode: 'write' }));
  onTestFinished(async () => {
    await tanium.close();
    if (given.store === undefined) await store.close();
    await simulator.close();
  });
  const controls = controlsOf(simulator);
  if (given.store === undefined) {
    const known = (await controls.ask<readonly DeviceTruth[]>('devices')).filter((_, index) => isKnown(index));
    await enroll(store, known, protect, own.name, clock.now());
  }
  const lines: string[] = [];
  const line = (level: string, fields: object, message: string): void => {
    lines.push(JSON.stringify({ level, ...fields, msg: message }));
  };
  return {
    context: {
      desired: desired({ providers: [own] }),
      provider: { ...own, toggle: null },
      labels: new Map(),
      store,
      ...passwordMeans(),
      scanner: tanium.scanner,
      actions: tanium.actions,
      clock,
      ids: { next: () => `scan${(scans += 1)}` },
      signal: new AbortController().signal,
      assertHeld: async () => {},
      by: 'test',
      commit: async () => null,
      witness: async () => true,
      tell: () => {},
      requests: tanium.requests,
      log: { scan: line, bulk: line },
    },
    clock,
    url: simulator.url,
    ...controls,
    lines,
  };
}

/** On record, with Scan enabled. */
export async function enroll(
  store: Store,
  devices: readonly DeviceTruth[],
  protect: Protect,
  edrIntegration: string,
  insertedAt: string,
): Promise<void> {
  const computers = devices.map(({ computerId, name, os }) => {
    return { computerId: String(computerId), name, os, domain: null, insertedAt };
  });
  await store.enroll(computers);
  await store.change(computers.map(({ computerId: id }) => ({ id, scan: true, protect, edrIntegration })));
}

export async function computersIn({ store }: Pick<ScanContext, 'store'>): Promise<RecordedComputer[]> {
  const found: RecordedComputer[] = [];
  for await (const computer of store.computers()) found.push(computer);
  return found;
}

export async function queuedIn({ store }: Pick<ScanContext, 'store'>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.queued()) names.push(name);
  return names;
}

/** The newest run of the store. */
export async function lastRun({ store }: Pick<ScanContext, 'store'>): Promise<ScanRun> {
  const [run] = await store.scanRuns(1);
  if (run === undefined) throw new Error('no scan is on record');
  return run;
}

export function countOf(requests: Readonly<Record<string, number>>, what: string): number {
  return requests[what] ?? 0;
}
