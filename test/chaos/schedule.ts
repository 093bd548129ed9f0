/** One schedule: a fleet, faults, a boundary at which the first run dies; and what must hold once all is well again. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'undici';
import { type Applied, apply } from '../../src/apply/apply.ts';
import { checkAudit } from '../../src/apply/audit.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { wholeLook } from '../../src/apply/survey.ts';
import type { Boxes } from '../../src/credential-ports.ts';
import { readDesired } from '../../src/desired/read.ts';
import type { AuditHead } from '../../src/model/audit.ts';
import { credentialBinding } from '../../src/model/credential.ts';
import type { Desired, DesiredProvider, RolloutPolicy, RotationPolicy } from '../../src/model/desired.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import type { Clock, Store } from '../../src/ports.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { openStore } from '../../src/store/open.ts';
import { taniumActions } from '../../src/tanium/actions.ts';
import { sessionHeader } from '../../src/tanium/address.ts';
import { TaniumClient } from '../../src/tanium/client.ts';
import { defaultTimeouts, hostOf, openDispatchers } from '../../src/tanium/dispatcher.ts';
import { taniumScanner } from '../../src/tanium/scanner.ts';
import { type PasswordMeans, passwordMeans } from '../apply/password-means.ts';
import { clockOf, dispatcherOf, type Life, lifeUntil, storeOf } from './life.ts';
import { seedNpsd } from './npsd.ts';

export interface Schedule {
  /** Of the fleet and of all faults. */
  readonly seed: number;
  /** The boundary at which the first run dies. */
  readonly crash: number;
  /** Address of an empty store; left out: a new SQLite file. */
  readonly store?: string;
}

export interface Verdict {
  /** False: the run ended before it came to that boundary. */
  readonly crashed: boolean;
  /** What did not hold; empty: all held. */
  readonly faults: readonly string[];
}

/** Every one of these by itself, and some together; the share of requests or devices. */
export const misfortunes: readonly Readonly<Record<string, number>>[] = [
  {},
  { longActions: 1 },
  { doubtful: 0.4 },
  { reset: 0.2 },
  { serverError: 0.2 },
  { cut: 0.2 },
  { unauthorized: 0.05 },
  { slow: 0.4 },
  { lostOutput: 0.4 },
  { cutOutput: 0.4 },
  { lateRows: 0.4, duplicateRows: 0.3 },
  { unavailable: 0.3 },
  { offline: 0.3 },
  { stuck: 0.3 },
  { doubtful: 0.3, reset: 0.1, slow: 0.2 },
  { doubtful: 0.3, lostOutput: 0.3, unavailable: 0.2 },
  { hostileOutput: 0.5, serverError: 0.1 },
];

const devices = 6;
/** Under these a run may never learn how a command ended, and asks for the same again. */
const losesOutcomes = ['lostOutput', 'cutOutput', 'hostileOutput', 'lateRows', 'unavailable', 'offline', 'stuck'];

/** So many runs under the same faults, then so many in good weather at most. */
const runsInStorm = 2;
const runsInCalm = 4;
const begin = Date.parse('2026-03-02T09:00:00Z');
const example = fileURLToPath(new URL('../../examples/minimal', import.meta.url));

/**
 * Seconds between two looks at an action. Nearly all boundaries of a run that looks every second are those of looks that
 * show nothing new; so there are ten times as many schedules of what matters.
 */
const lookSeconds = 10;
/** Whoever dies here loses its memory, not the machine its power: no disk has to keep what the files hold. */
const memory = '/dev/shm';

let desired: Promise<Desired> | null = null;

function exampleState(): Promise<Desired> {
  desired ??= readDesired({ paths: [example], cwd: '/', now: '2026-03-02T09:00:00Z' }).then((reading) => {
    if (reading.desired === null) throw new Error('the example is not valid');
    return reading.desired;
  });
  return desired;
}

interface World {
  readonly desired: Desired;
  readonly provider: DesiredProvider;
  readonly simulator: Simulator;
  readonly control: Client;
  readonly store: string;
  readonly clock: Clock;
  readonly witness: { head: AuditHead | null };
  readonly means: PasswordMeans;
  runs: number;
}

export async function run({ seed, crash, store }: Schedule): Promise<Verdict> {
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'trueup-chaos-'));
  const simulator = await startSimulator({
    port: 0,
    fleet: { devices, drift: 1, seed },
    latencyMs: 0,
    clock: 'virtual',
    bare: false,
    tls: false,
    seed,
  });
  const control = new Client(simulator.url);
  try {
    const world = await worldOf(simulator, control, store ?? `sqlite:${join(folder, 'state.db')}`, seed);
    if (store?.startsWith('mongodb:')) {
      await seedNpsd(store, world.provider.name, simulator.url, await ask(control, 'devices'));
    }
    const changed = seed % 5 === 4 ? await changeSomething(world) : [];
    const rates = misfortunes[seed % misfortunes.length] ?? {};
    await tell(control, 'faults', { rates, seed });
    const first = await live(world, crash);
    for (let again = 0; again < runsInStorm; again += 1) await live(world, null);
    await tell(control, 'faults', {});
    let last: Applied | Error | 'dead' = new Error('no run');
    for (let calm = 0; calm < runsInCalm; calm += 1) {
      last = await live(world, null);
      if (typeof last === 'object' && 'exitCode' in last && last.exitCode === 0 && last.plan.changes.length === 0)
        break;
      // Beyond every action's expiry, and every pause.
      await world.clock.sleep(3_600_000);
    }
    return {
      crashed: first === 'dead',
      faults: await faultsOf(world, last, !losesOutcomes.some((name) => name in rates), changed),
    };
  } finally {
    await control.destroy();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function worldOf(simulator: Simulator, control: Client, store: string, seed: number): Promise<World> {
  const state = await exampleState();
  const [declared] = state.providers;
  if (declared === undefined) throw new Error('the example declares no provider');
  const options = { ...declared.options, action_check_interval_seconds: lookSeconds };
  const provider = { ...declared, options };
  let time = begin;
  const clock: Clock = {
    now: () => new Date(time).toISOString(),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      time += milliseconds;
      await tell(control, 'clock', { advanceSeconds: milliseconds / 1000 });
    },
  };
  const computers = state.computers.map((policy) => ({ ...policy, attribution: true }));
  const free = withoutBudgets({ ...state, computers });
  const rotating = rotates(seed) ? { ...free, rotations: [breakglass(seed)] } : free;
  const desired = seed % 2 === 0 ? inWaves(rotating) : rotating;
  return {
    desired,
    provider,
    simulator,
    control,
    store,
    clock,
    witness: { head: null },
    means: chaosMeans(),
    runs: 0,
  };
}

/** One fleet in eight, in waves and without; a password that is made here costs each device a key, which takes long. */
function rotates(seed: number): boolean {
  return seed % 16 === 1 || seed % 16 === 10 || isMadeHere(seed);
}

function isMadeHere(seed: number): boolean {
  return seed % 64 === 5;
}

let pair: ReturnType<Boxes['makePair']> | null = null;

/** One key pair serves all: how they are made is no matter of when a process dies. */
function chaosMeans(): PasswordMeans {
  const means = passwordMeans();
  const makePair: Boxes['makePair'] = async () => {
    pair ??= means.boxes.makePair();
    const { publicKey, privateKey } = await pair;
    return { publicKey, privateKey: Buffer.from(privateKey) };
  };
  return { ...means, boxes: { ...means.boxes, makePair } };
}

/** On some devices the account is there, on the others it is made, gets its password and is enabled, all in one action. */
function breakglass(seed: number): RotationPolicy {
  const source = { file: 'passwords.yaml', line: 1 };
  return {
    ref: { kind: 'PasswordRotationPolicy', name: 'breakglass', source },
    selector: {},
    priority: 0,
    accounts: [{ name: 'corp_breakglass' }],
    generator: isMadeHere(seed) ? 'controller' : 'endpoint',
  };
}

const somebody = 'CORP\\helpdesk-7';
const intruder = 'S-1-5-21-1004336348-1177238915-682003330-1106';

/** Every fifth fleet is as declared first; then somebody changes two devices, and is to be named. Their Computer IDs. */
async function changeSomething(world: World): Promise<readonly string[]> {
  const { control, clock } = world;
  await live(world, null);
  await clock.sleep(600_000);
  const all = await ask<readonly { readonly computerId: number; readonly groups: unknown }[]>(control, 'devices');
  const changed = all.filter(({ groups }) => JSON.stringify(groups).includes('-512"')).slice(0, 2);
  for (const { computerId } of changed) {
    const group = { sid: ADMINISTRATORS, add: [intruder] };
    await tell(control, 'drift', { device: computerId, group, actor: somebody });
  }
  await clock.sleep(600_000);
  return changed.map(({ computerId }) => String(computerId));
}

/** Every other fleet is changed two devices at a time, so that runs die before, in and after a gate too. */
function inWaves(state: Desired): Desired {
  const source = { file: 'rollout.yaml', line: 1 };
  const wave = { name: null, selector: null, requireApproval: false, source } as const;
  const waves: RolloutPolicy['waves'] = [
    { ...wave, size: { devices: 2 } },
    { ...wave, size: 'rest' },
  ];
  const canaries = { devices: 2, selector: null, source };
  const gate = { percent: 99, withinSeconds: 60, source };
  return { ...state, rollout: { ...state.rollout, canaries, waves, gate } };
}

/** Every device differs here, and none of it is to wait for a day. */
function withoutBudgets(state: Desired): Desired {
  const none = { absolute: null, percent: null, floor: 0, source: null };
  const budgets = { removals: none, disables: none, rotations: none, devices: none };
  return { ...state, rollout: { ...state.rollout, budgets, minObserved: { percent: 0, source: null } } };
}

/** One process, from its start to its end or its death. */
async function live(world: World, crash: number | null): Promise<Applied | Error | 'dead'> {
  const life = lifeUntil(crash);
  const { desired, provider, simulator } = world;
  const store = await openStore(world.store, { provider: provider.name, fields: provider.fields, mode: 'write' });
  const opened = openDispatchers(null, null, defaultTimeouts);
  const clock = clockOf(life, world.clock);
  const client = clientOf(simulator, life, opened, clock);
  world.runs += 1;
  const number = world.runs;
  let ids = 0;
  const context: RunContext = {
    desired,
    provider,
    labels: new Map(),
    store: storeOf(life, store),
    ...world.means,
    scanner: taniumScanner(client),
    actions: taniumActions(client),
    clock,
    // The first of them is the run's own.
    ids: { next: () => (ids++ === 0 ? `run${number}` : `run${number}-${ids}`) },
    signal: new AbortController().signal,
    assertHeld: async () => {},
    by: 'chaos@here',
    commit: async () => null,
    witness: async (head) => {
      world.witness.head = head;
      return true;
    },
    tell: () => {},
  };
  const request = { kind: 'apply', saved: null, look: wholeLook, confirm: async () => true } as const;
  const done = apply(context, request).catch((error: unknown) => error as Error);
  const end = await Promise.race([done, life.death]);
  await Promise.all([opened.pooled.destroy(), opened.fresh.destroy()]);
  await store.close();
  return end;
}

function clientOf(
  { url, token }: Simulator,
  life: Life,
  opened: ReturnType<typeof openDispatchers>,
  clock: Clock,
): TaniumClient {
  const session = sessionHeader(token);
  return new TaniumClient({
    origin: url,
    session,
    dispatchers: { pooled: dispatcherOf(life, opened.pooled), fresh: dispatcherOf(life, opened.fresh) },
    timeouts: defaultTimeouts,
    destination: { host: hostOf(url), proxy: null, secrets: [session] },
    clock,
    log: () => {},
  });
}

interface SentAction {
  readonly name: string;
  readonly parameters: unknown;
  readonly targets: readonly (number | string)[];
}

/** `once`: nothing kept a run from learning what became of its commands. `changed`: devices that somebody changed. */
async function faultsOf(
  world: World,
  last: Applied | Error | 'dead',
  once: boolean,
  changed: readonly string[],
): Promise<string[]> {
  const faults: string[] = [];
  if (last === 'dead' || last instanceof Error) {
    faults.push(`the last run failed: ${last === 'dead' ? last : `${last.name} ${last.message}`}`);
  } else if (last.exitCode !== 0 || last.plan.changes.length > 0) {
    faults.push(`the last run ended with ${last.exitCode} and ${last.plan.changes.length} changes`);
  }
  const actions = await ask<readonly SentAction[]>(world.control, 'actions');
  const names = actions.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) faults.push(`sent twice: ${twice.join(', ')}`);
  if (once) faults.push(...repeated(actions).map((what) => `sent again: ${what}`));
  const { name, fields } = world.provider;
  const store = await openStore(world.store, { provider: name, fields, mode: 'write' });
  try {
    faults.push(...(await recordFaults(world, store, names)), ...(await actorFaults(store, changed, once)));
    faults.push(...(await passwordFaults(world, store)));
  } finally {
    await store.close();
  }
  return faults;
}

/** What one device was told more than once, whatever the actions are called. A new session is one each time. */
function repeated(actions: readonly SentAction[]): readonly string[] {
  const told = actions.flatMap(({ parameters, targets }) => {
    const text = JSON.stringify(parameters);
    return text.includes('-Action NewSession') ? [] : targets.map((target) => `${text} to ${target}`);
  });
  return told.filter((what, index) => told.indexOf(what) !== index);
}

async function recordFaults({ witness, clock, runs }: World, store: Store, sent: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  const unsettled = await store.unsettled();
  if (unsettled.length > 0) faults.push(`not settled: ${unsettled.map((entry) => entry.name).join(', ')}`);
  for (let number = 1; number <= runs; number += 1) {
    for await (const { name, state, operations, inverse } of store.entries(`run${number}`)) {
      const isDone = state === 'settled' && operations.length > 0;
      if (isDone && inverse === undefined) faults.push(`nothing is kept that undoes ${name}`);
    }
  }
  const { fault } = await checkAudit(store, witness.head);
  if (fault !== null) faults.push(`the audit chain is ${fault.kind} at ${fault.number}`);
  for await (const { id, state } of store.drift({})) {
    if (state !== 'resolved') faults.push(`the drift ${id} is ${state}`);
  }
  const { own, devices: counted } = await store.spent(
    new Date(Date.parse(clock.now()) - 365 * 86_400_000).toISOString(),
  );
  if (sent.length > 0 && counted.size === 0) faults.push('no device is counted that an action was sent to');
  if (own.devices !== counted.size) faults.push(`${own.devices} devices are spent, and ${counted.size} were sent to`);
  return faults;
}

interface Truth {
  readonly computerId: number | string;
  readonly users: readonly { readonly rid: number; readonly name: string; readonly passwordId: string }[];
}

/** Of each account that is rotated, the password that it has is the one that is kept as current, and no other is open. */
async function passwordFaults({ desired, provider, means, control }: World, store: Store): Promise<string[]> {
  if (desired.rotations.length === 0) return [];
  const kept = new Map<string, string>();
  const faults: string[] = [];
  for await (const record of store.credentials()) {
    const { computerId, rid, open, credentials } = record;
    if (open !== null) faults.push(`the rotation ${open.id} of ${computerId} is open`);
    const current = credentials.find(({ state }) => state === 'current');
    if (current === undefined) continue;
    const plain = means.vault.open(current.sealed, credentialBinding(provider.name, record, current));
    kept.set(`${computerId} ${rid}`, createHash('sha256').update(plain).digest('hex'));
    if (!current.confirmed) faults.push(`the password of ${computerId} is not confirmed`);
    if (!current.acknowledged) faults.push(`${computerId} was not told that its password is kept`);
  }
  for (const { computerId, users } of await ask<readonly Truth[]>(control, 'devices')) {
    for (const { rid, name, passwordId } of users) {
      if (name !== 'corp_breakglass') continue;
      if (kept.get(`${computerId} ${rid}`) !== passwordId) faults.push(`the password of ${computerId} is not kept`);
    }
  }
  return faults;
}

/** Nobody but who it was is ever named; and they are, where nothing was lost. */
async function actorFaults(store: Store, changed: readonly string[], once: boolean): Promise<string[]> {
  const faults: string[] = [];
  const named = new Set<string>();
  for await (const { computerId, kind, subject, actor } of store.drift({})) {
    const isTheirs = kind === 'group.remove' && subject['member'] === intruder && changed.includes(computerId);
    if (actor !== null && !(isTheirs && actor === somebody))
      faults.push(`${kind} on ${computerId} is said to be by ${actor}`);
    if (isTheirs && actor !== null) named.add(computerId);
  }
  if (once && named.size < changed.length) faults.push(`${named.size} of ${changed.length} are attributed`);
  return faults;
}

async function tell(control: Client, what: 'faults' | 'clock' | 'drift', body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const path = `/_sim/${what}`;
  const answer = await control.request({ method: 'POST', path, headers, body: JSON.stringify(body) });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${what}: ${text}`);
}

async function ask<T>(control: Client, what: 'actions' | 'devices'): Promise<T> {
  const { body } = await control.request({ method: 'GET', path: `/_sim/${what}` });
  return (await body.json()) as T;
}
