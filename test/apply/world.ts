/** A run in this process: the real store, planner and client against a simulated cloud. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Applied, apply } from '../../src/apply/apply.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { wholeLook } from '../../src/apply/survey.ts';
import { readScript } from '../../src/commands/content-files.ts';
import { readDesired } from '../../src/desired/read.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Clock } from '../../src/ports.ts';
import { parseFleet } from '../../src/simulator/fleet/file.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { openStore } from '../../src/store/open.ts';
import { connectTanium } from '../../src/tanium/connect.ts';
import { passwordMeans } from './password-means.ts';

const example: string = fileURLToPath(new URL('../../examples/minimal', import.meta.url));

/** The wall clock, which a test can set forward or back. */
export interface ShiftedClock extends Clock {
  shift(seconds: number): void;
}

/** `pace`: share of each pause that is really waited for. */
export function shiftedClock(pace = 1): ShiftedClock {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead).toISOString(),
    sleep: async (milliseconds, signal) => {
      // What Node throws is an error of its own, and the port answers the signal's reason.
      await delay(milliseconds * pace, undefined, { signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      });
    },
    shift: (seconds) => {
      ahead += seconds * 1000;
    },
  };
}

export interface Controls {
  /** `GET /_sim/…` */
  readonly ask: <T>(what: 'requests' | 'devices' | 'actions') => Promise<T>;
  /** `POST /_sim/…` */
  readonly tell: (what: 'drift' | 'faults' | 'settings', body: unknown) => Promise<void>;
  /** Of the API itself; `data` of the answer. */
  readonly api: (method: string, path: string, body?: unknown) => Promise<any>;
}

export interface Cloud extends Controls {
  /** Of `examples/minimal`, whatever else a test declares. */
  readonly context: RunContext;
  readonly clock: ShiftedClock;
}

let runs = 0;

export async function cloud(
  options: {
    readonly devices?: number;
    readonly drift?: number;
    readonly pace?: number;
    /** YAML of a fleet file, in the place of a generated fleet. */
    readonly fleet?: string;
    /** Address of a store; left out: one in memory. */
    readonly store?: string;
    /** Without sensors, package and groups of NPS-D. */
    readonly bare?: boolean;
  } = {},
): Promise<Cloud> {
  const { devices = 10, drift = 1, pace = 1, fleet, store: address = 'sqlite::memory:', bare = false } = options;
  const simulator = await startSimulator({
    port: 0,
    fleet: fleet === undefined ? { devices, drift, seed: 3 } : parseFleet(fleet, 'fleet.yaml'),
    latencyMs: 0,
    clock: 'fast',
    bare,
    tls: false,
    seed: 3,
  });
  const clock = shiftedClock(pace);
  const tanium = connectTanium({
    baseUrl: simulator.url,
    token: simulator.token,
    proxy: null,
    caFile: null,
    clock,
  });
  const desired = await exampleState();
  const [provider] = desired.providers;
  if (provider === undefined) throw new Error('the example declares no provider');
  const store = await openStore(address, {
    provider: provider.name,
    fields: provider.fields,
    mode: 'write',
  });
  onTestFinished(async () => {
    await tanium.close();
    await store.close();
    await simulator.close();
  });
  return {
    context: {
      desired,
      provider,
      labels: new Map(),
      store,
      ...passwordMeans(),
      scanner: tanium.scanner,
      actions: tanium.actions,
      content: { fleet: tanium.content, read: (script) => readScript(script, '/') },
      clock,
      ids: { next: () => `run${(runs += 1)}` },
      signal: new AbortController().signal,
      assertHeld: async () => {},
      by: 'test',
      commit: async () => null,
      witness: async () => true,
      tell: () => {},
    },
    clock,
    ...controlsOf(simulator),
  };
}

/** What a test asks a simulated cloud behind the client's back, and does to it. */
export function controlsOf({ url, token }: { readonly url: string; readonly token: string }): Controls {
  return {
    api: async (method, path, body) => {
      const headers = { session: token, 'content-type': 'application/json' };
      const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
      const response = await fetch(`${url}/api/v2/${path}`, init);
      if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
      const answer: any = await response.json();
      return answer.data;
    },
    ask: async <T>(what: string) => (await (await fetch(`${url}/_sim/${what}`)).json()) as T,
    tell: async (what, body) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/_sim/${what}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`${what}: ${await response.text()}`);
    },
  };
}

async function exampleState(): Promise<Desired> {
  const { desired } = await readDesired({ paths: [example], cwd: '/', now: new Date().toISOString() });
  if (desired === null) throw new Error('the example is not valid');
  return desired;
}

/** The plan of this moment, said yes to. */
export function applyAll(context: RunContext, saved: Plan | null = null): Promise<Applied> {
  return apply(context, { kind: 'apply', saved, look: wholeLook, confirm: async () => true });
}
