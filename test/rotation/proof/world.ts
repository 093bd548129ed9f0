/** What a schedule happens to: devices, what lies between, and a controller that lives and dies over one store. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Applied, apply } from '../../../src/apply/apply.ts';
import type { RunContext } from '../../../src/apply/context.ts';
import { type Look, wholeLook } from '../../../src/apply/survey.ts';
import type { PasswordCommands, Vault } from '../../../src/credential-ports.ts';
import { readDesired } from '../../../src/desired/read.ts';
import type { FleetActions } from '../../../src/fleet-ports.ts';
import type { Desired, DesiredProvider } from '../../../src/model/desired.ts';
import type { Store } from '../../../src/ports.ts';
import { freshKey, type SealingKey } from '../../../src/secrets/key-file.ts';
import { vaultOf } from '../../../src/secrets/vault.ts';
import { type Random, randomFrom } from '../../../src/simulator/fleet/random.ts';
import { openSqlite } from '../../../src/store/sqlite/store.ts';
import { clockOf, type Life, lifeUntil, storeOf } from '../../chaos/life.ts';
import { boxesOf } from './boxes.ts';
import { type Bug, buggyState, buggyStore } from './bugs.ts';
import { type Checks, checksOf } from './checks.ts';
import { type Fleet, fleetOf } from './fleet.ts';
import { reader } from './held.ts';
import { deviceNumbered } from './machine.ts';
import { type Timeline, timelineFrom } from './timeline.ts';

export interface World {
  readonly draws: Random;
  readonly time: Timeline;
  readonly fleet: Fleet;
  readonly provider: string;
  readonly store: Store;
  readonly vault: Vault;
  /** The newest last. */
  readonly keys: SealingKey[];
  readonly checks: Checks;
  readonly say: (text: string) => void;
  readonly trace: readonly string[];
  /** One process, from its start to its end or its death at that boundary. */
  live(crash: number | null, look?: Partial<Look>): Promise<Applied | Error | 'dead'>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly devices: number;
  /** Whether its key pairs are made for it alone. */
  readonly ownKeys: boolean;
  /** Whether the passwords of one account are made by the controller. */
  readonly madeHere: boolean;
  readonly bug: Bug | null;
}

/** Whoever dies here loses its memory, not the machine its power: no disk has to keep what the files hold. */
const memory = '/dev/shm';
const begin = '2026-03-02T09:00:00Z';
const declared = fileURLToPath(new URL('declared', import.meta.url));

let desired: Promise<Desired> | null = null;

function declaredState(): Promise<Desired> {
  desired ??= readDesired({ paths: [declared], cwd: '/', now: begin }).then(({ desired: found, errors }) => {
    if (found === null) throw new Error(`what is declared is not valid: ${JSON.stringify(errors)}`);
    return withoutBudgets(found);
  });
  return desired;
}

/** None of it is to wait for a day. */
function withoutBudgets(state: Desired): Desired {
  const none = { absolute: null, percent: null, floor: 0, source: null };
  const budgets = { removals: none, disables: none, rotations: none, devices: none };
  return { ...state, rollout: { ...state.rollout, budgets, minObserved: { percent: 0, source: null } } };
}

function withOneMadeHere(state: Desired): Desired {
  const rotations = state.rotations.flatMap((policy) => [
    { ...policy, accounts: policy.accounts.filter((account) => 'builtin' in account) },
    { ...policy, accounts: policy.accounts.filter((account) => 'name' in account), generator: 'controller' as const },
  ]);
  return { ...state, rotations };
}

export async function worldOf({ seed, devices: count, ownKeys, madeHere, bug }: WorldOptions): Promise<World> {
  const found = await declaredState();
  const state = madeHere ? withOneMadeHere(found) : found;
  const [provider] = state.providers;
  if (provider === undefined) throw new Error('no provider is declared');
  const time = timelineFrom(begin);
  const trace: string[] = [];
  const say = (text: string): void => {
    trace.push(`${time.clock.now().slice(0, 19)} ${text}`);
  };
  const devices = Array.from({ length: count }, (_, index) => deviceNumbered(index + 1));
  const keys = [freshKey(begin)];
  const vault = vaultOf({ keys: () => keys, newest: () => newestOf(keys), place: 'memory' });
  const { name, fields } = provider;
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'trueup-proof-'));
  const file = join(folder, 'state.db');
  const open = (): Store =>
    openSqlite(file, `sqlite:${file}`, { provider: name, fields, mode: 'write' }, time.clock.now);
  const store = open();
  const read = reader(store, vault, name);
  const boxes = boxesOf(ownKeys ? `seed ${seed}` : null);
  const checks = checksOf(devices, await read(), time.now, boxes.opened);
  const fleet = fleetOf(devices, time, randomFrom(seed, 'fleet'), {
    seen: (device) => checks.look(device),
    say,
    kept: buggyState(bug),
  });
  const refresh = async (): Promise<void> => checks.hold(await read());
  /** Connections of lives that came to their end: the next one need not prepare its statements anew. */
  const spare: Store[] = [];
  let lives = 0;

  async function live(crash: number | null, look: Partial<Look> = {}): Promise<Applied | Error | 'dead'> {
    lives += 1;
    const life = lifeUntil(crash);
    const own = spare.pop() ?? open();
    const context = contextOf({ life, number: lives, desired: state, provider: provider as DesiredProvider });
    say(`run ${lives} begins${crash === null ? '' : `, to die at boundary ${crash}`}`);
    const request = { kind: 'apply', saved: null, look: { ...wholeLook, ...look }, confirm: async () => true } as const;
    const parts: RunContext = { ...context, store: storeOf(life, buggyStore(bug, watched(own, refresh))) };
    const done = apply(parts, request).catch((error: unknown) => error as Error);
    const end = await Promise.race([done, life.death]);
    // The dead leave theirs as it is.
    if (end === 'dead') await own.close();
    else spare.push(own);
    say(`run ends: ${endOf(end)}`);
    return end;
  }

  function contextOf(own: {
    readonly life: Life;
    readonly number: number;
    readonly desired: Desired;
    readonly provider: DesiredProvider;
  }): Omit<RunContext, 'store'> {
    const { life, number } = own;
    let ids = 0;
    return {
      desired: own.desired,
      provider: own.provider,
      labels: new Map(),
      vault,
      boxes,
      passwordCommands: noCommands,
      recipient: () => Promise.reject(new Error('nothing is sealed to anybody else here')),
      scanner: fleet.scanner,
      actions: actionsOf(life, fleet, checks),
      clock: clockOf(life, time.clock),
      // Twelve digits, as those that are drawn.
      ids: { next: () => `${number.toString(16).padStart(6, '0')}${(ids += 1).toString(16).padStart(6, '0')}` },
      signal: new AbortController().signal,
      assertHeld: async () => {},
      by: 'proof@here',
      commit: async () => null,
      witness: async () => true,
      tell: () => {},
    };
  }

  async function close(): Promise<void> {
    for (const one of [store, ...spare]) await one.close();
    rmSync(folder, { recursive: true, force: true });
  }

  return {
    draws: randomFrom(seed, 'schedule'),
    time,
    fleet,
    provider: name,
    store,
    vault,
    keys,
    checks,
    say,
    trace,
    live,
    close,
  };
}

function newestOf(keys: readonly SealingKey[]): SealingKey {
  const newest = keys.at(-1);
  if (newest === undefined) throw new Error('there is no key');
  return newest;
}

function endOf(end: Applied | Error | 'dead'): string {
  if (end === 'dead') return 'killed';
  return end instanceof Error ? `${end.name} ${end.message}` : `exit ${end.exitCode}`;
}

const credentialWrites: ReadonlySet<string> = new Set<keyof Store>([
  'putRotationKey',
  'resealRotationKey',
  'removeRotationKeys',
  'putCredentials',
]);

/** After each write of what is held, all that must hold is looked at. */
function watched(store: Store, refresh: () => Promise<void>): Store {
  return new Proxy(store, {
    get: (target, name: keyof Store & string) => {
      const found: unknown = target[name];
      if (typeof found !== 'function') return found;
      const call = found.bind(target) as (...values: unknown[]) => unknown;
      if (!credentialWrites.has(name)) return call;
      return async (...values: unknown[]) => {
        const answer = await call(...values);
        await refresh();
        return answer;
      };
    },
  });
}

/** Each request is a boundary before it and another one after it. */
function actionsOf(life: Life, { actions }: Fleet, checks: Checks): FleetActions {
  const bounded =
    <T extends unknown[], R>(call: (...values: T) => Promise<R>) =>
    async (...values: T): Promise<R> => {
      if (!life.pass()) return never;
      const answer = await call(...values).catch((error: unknown) => (life.isDead() ? never : Promise.reject(error)));
      return life.pass() ? answer : never;
    };
  return {
    route: actions.route,
    find: bounded(actions.find),
    progress: bounded(actions.progress),
    makeGroup: bounded(actions.makeGroup),
    removeGroup: bounded(actions.removeGroup),
    issue: bounded(async (route, request, signal) => {
      checks.ask(request.encodedCommand, request.computerIds);
      return actions.issue(route, request, signal);
    }),
    async *logs(...values) {
      if (!life.pass()) await never;
      yield* actions.logs(...values);
      if (!life.pass()) await never;
    },
  };
}

const never = new Promise<never>(() => {});

const noCommands: PasswordCommands = {
  value: () => Promise.reject(new Error('no password comes from elsewhere here')),
  deliver: () => Promise.reject(new Error('no password goes elsewhere here')),
};
