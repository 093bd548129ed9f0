/** One schedule: devices and controllers to which everything that its seed draws happens, and what must hold all the while. */
import type { Applied } from '../../../src/apply/apply.ts';
import { checkAudit } from '../../../src/apply/audit.ts';
import { currentOf, revealed } from '../../../src/rotation/keep.ts';
import { freshKey } from '../../../src/secrets/key-file.ts';
import { resealAll } from '../../../src/secrets/reseal.ts';
import { lifeUntil, storeOf } from '../../chaos/life.ts';
import type { Bug } from './bugs.ts';
import { type Misfortune, noMisfortune } from './fleet.ts';
import { reader } from './held.ts';
import { type Device, markOn, passwordOn } from './machine.ts';
import { type World, worldOf } from './world.ts';

export interface Schedule {
  readonly seed: number;
  readonly bug?: Bug | null;
}

export interface Verdict {
  /** What did not hold, each once; empty: all held. */
  readonly faults: readonly string[];
  /** All that happened, a line each. */
  readonly trace: readonly string[];
  /** Of what there was, for the figures. */
  readonly happened: Readonly<Record<Happening, number>>;
}

export type Happening = 'killed' | 'power cut' | 'put back' | 'two controllers' | 'key rotated' | 'made';

/** Of so many schedules one makes all its key pairs itself. */
const ownKeysEvery = 251;
/** Of so many schedules one has an account whose passwords are made by the controller. */
const madeHereEvery = 59;
const minute = 60_000;
const day = 86_400_000;
/** So many runs after everything is well again bring all to a good end. */
const runsInCalm = 5;

export async function run({ seed, bug = null }: Schedule): Promise<Verdict> {
  const world = await worldOf({
    seed,
    devices: 1 + (seed % 3),
    ownKeys: seed % ownKeysEvery === 0,
    madeHere: seed % madeHereEvery === 0,
    bug,
  });
  try {
    const faults = await story(world);
    return {
      faults: [...new Set([...world.checks.faults, ...faults])],
      trace: world.trace,
      happened: happenedIn(world),
    };
  } catch (error) {
    // A schedule that cannot be told to its end proves nothing.
    const fault = error instanceof Error ? `it stopped: ${error.message}` : 'it stopped';
    return { faults: [...world.checks.faults, fault], trace: world.trace, happened: happenedIn(world) };
  } finally {
    await world.close();
  }
}

/** What did not hold in the end; the world's checks know what did not on the way, and then it is over. */
async function story(world: World): Promise<readonly string[]> {
  const { draws, time, fleet, checks } = world;
  const rounds = 2 + draws.below(3);
  for (let round = 0; round < rounds; round += 1) {
    fleet.misfortune = misfortuneFrom(world);
    await between(world);
    await time.passUntil(lives(world));
    if (checks.faults.length > 0) return [];
  }
  const faults = await calm(world);
  return checks.faults.length > 0 ? [] : faults;
}

/** Every kind of it in every third round or so, at a rate of its own. */
function misfortuneFrom({ draws }: World): Misfortune {
  const rate = (): number => (draws.below(3) === 0 ? (1 + draws.below(6)) / 10 : 0);
  return {
    lost: rate(),
    doubled: rate(),
    cut: rate(),
    noOutput: rate(),
    halfOutput: rate(),
    doubtful: rate(),
    silent: rate(),
  };
}

/** What happens while nobody runs. */
async function between(world: World): Promise<void> {
  const { draws, time, fleet } = world;
  await time.pass(draws.pick([minute, 20 * minute, day, 31 * day, 31 * day]));
  for (const device of fleet.devices) happenTo(world, device);
  if (draws.below(5) === 0) await rotateKey(world);
  if (draws.below(5) === 0) await readOne(world);
}

/** Something or nothing happens to a device. */
function happenTo(world: World, device: Device): void {
  const { draws, say } = world;
  switch (draws.below(8)) {
    case 0:
    case 1:
      say(`${device.name} is kept as a snapshot`);
      device.snapshots.push(device.state);
      break;
    case 2:
    case 3:
      putBack(world, device);
      break;
    case 4:
      device.skew = draws.pick([0, -2 * minute, 3 * minute, -day, 400 * day]);
      say(`the clock of ${device.name} is ${device.skew / minute} minutes ahead`);
      break;
    case 5:
      device.online = !device.online;
      say(`${device.name} is ${device.online ? 'back' : 'offline'}`);
      break;
    default:
  }
}

function putBack({ draws, checks, fleet, say }: World, device: Device): void {
  const at = draws.below(device.snapshots.length);
  const state = device.snapshots[at];
  if (state === undefined) return;
  say(`${device.name} is put back to snapshot ${at}`);
  checks.putBack(device, state);
  device.state = state;
  checks.look(device);
  fleet.runAgain(device);
}

/** One controller after the other, or two at once; meanwhile devices live their own life. */
async function lives(world: World): Promise<void> {
  const { draws, time, fleet, say } = world;
  for (const device of fleet.devices) {
    if (draws.below(4) === 0) time.in(draws.below(10 * minute), () => happenTo(world, device));
  }
  const crash = draws.below(5) < 3 ? 1 + draws.below(90) : null;
  const first = world.live(crash);
  if (draws.below(5) > 0) {
    await first;
    return;
  }
  await time.clock.sleep(draws.below(5 * minute));
  say('a second controller begins');
  await Promise.all([first, world.live(draws.below(2) === 0 ? 1 + draws.below(90) : null)]);
}

/** Somebody reads a password, so that it is due an hour later. */
async function readOne({ store, draws, time, say }: World): Promise<void> {
  for await (const record of store.credentials()) {
    const current = currentOf(record);
    if (current === null || draws.below(2) === 0) continue;
    say(`the password of ${record.account} on ${record.computerId} is read`);
    await store.putCredentials([revealed(record, current.sealed, time.clock.now())]);
    return;
  }
}

/** All is sealed anew under another key, and the old ones go; unless that is killed: then all of them stay. */
async function rotateKey({ vault, keys, store, draws, time, say, checks, provider }: World): Promise<void> {
  keys.push(freshKey(time.clock.now()));
  const life = lifeUntil(draws.below(2) === 0 ? 1 + draws.below(6) : null);
  const end = await Promise.race([resealAll(storeOf(life, store), vault, provider), life.death]);
  if (end !== 'dead') {
    if (end.unopened > 0) throw new Error(`${end.unopened} seals do not open`);
    keys.splice(0, keys.length - 1);
  }
  checks.hold(await reader(store, vault, provider)());
  say(end === 'dead' ? 'the key is being rotated: killed' : 'the key is rotated');
}

/** All is well again, and a few runs later every password is known, confirmed and acknowledged. */
async function calm(world: World): Promise<readonly string[]> {
  const { time, fleet } = world;
  fleet.misfortune = noMisfortune;
  let last: Applied | Error | 'dead' = 'dead';
  for (let again = 0; again < runsInCalm; again += 1) {
    // Beyond every action's expiry, and the day for which what was undone three times is left alone.
    await time.pass(25 * 60 * minute);
    for (const device of fleet.devices) {
      device.online = true;
      device.skew = 0;
    }
    last = await time.passUntil(world.live(null));
    if (typeof last === 'object' && 'exitCode' in last && last.exitCode === 0 && last.plan.changes.length === 0) break;
  }
  if (last === 'dead' || last instanceof Error) return [`the last run failed: ${String(last)}`];
  const held = last.plan.held.map(({ guard, message }) => `${guard}: ${message}`).join(', ');
  const end = `the last run ended with ${last.exitCode}, ${last.plan.changes.length} changes, and held back: ${held}`;
  return [...(last.exitCode === 0 && last.plan.changes.length === 0 ? [] : [end]), ...(await recordFaults(world))];
}

async function recordFaults(world: World): Promise<readonly string[]> {
  const { store, fleet, vault, provider } = world;
  const faults: string[] = [];
  for (const { name } of await store.unsettled()) faults.push(`not settled: ${name}`);
  const { fault } = await checkAudit(store, null);
  if (fault !== null) faults.push(`the audit chain is ${fault.kind} at ${fault.number}`);
  const holdings = await reader(store, vault, provider)();
  const texts = holdings.accounts.flatMap(({ passwords }) => passwords.map(({ text }) => text));
  if (new Set(texts).size < texts.length) faults.push('two accounts have one password, or one is held twice');
  for (const device of fleet.devices) {
    for (const rid of [500, 1001]) {
      const held = holdings.accountOf(device.computerId, rid);
      const current = held?.passwords.find(({ state }) => state === 'current');
      const whose = `${rid} on ${device.name}`;
      if (held === null || current === undefined) {
        faults.push(`nothing is held of ${whose}`);
        continue;
      }
      if (held.record.open !== null) faults.push(`${held.record.open.id} of ${whose} is still open`);
      if (!current.confirmed) faults.push(`the password of ${whose} is not confirmed`);
      if (!current.acknowledged) faults.push(`the password of ${whose} is not acknowledged`);
      const isTwin = held.passwords.some(
        (one) => one !== current && one.rotation === current.rotation && one.attempt === current.attempt,
      );
      const { state } = device;
      const isUnseen = markOn(state, rid)?.id === current.rotation && world.checks.wasPutBack(device);
      if (current.text !== passwordOn(state, rid) && !isTwin && !isUnseen) {
        faults.push(`the current password of ${whose} is not the one that it has`);
      }
    }
  }
  return faults;
}

function happenedIn({ trace, fleet }: World): Verdict['happened'] {
  const count = (pattern: RegExp): number => trace.filter((line) => pattern.test(line)).length;
  return {
    killed: count(/: killed$/),
    'power cut': count(/ loses its power /),
    'put back': count(/ is put back /),
    'two controllers': count(/ second controller /),
    'key rotated': count(/ the key is rotated$/),
    made: fleet.sent().length,
  };
}
