/**
 * A fleet behind the ports of the fleet, in memory: actions that travel, get lost, come twice and run into power cuts, and
 * what Tanium tells of them. All that goes wrong is drawn from the schedule's seed.
 */
import { TrueupError } from '../../../src/errors.ts';
import type {
  ActionProgress,
  ActionState,
  FleetActions,
  FleetScanner,
  IssueRequest,
  ScanRequest,
} from '../../../src/fleet-ports.ts';
import type { DeviceRow } from '../../../src/ports.ts';
import type { Random } from '../../../src/simulator/fleet/random.ts';
import type { Kept } from './bugs.ts';
import { type Device, inventoryOf, runOn } from './machine.ts';
import type { Timeline } from './timeline.ts';

/** Shares, 0 to 1, of what they name. */
export interface Misfortune {
  /** Messages that never reach a device, and those that reach it twice. */
  readonly lost: number;
  readonly doubled: number;
  /** Runs in which the power is cut. */
  readonly cut: number;
  /** Outputs that Tanium does not have, or only the beginning of. */
  readonly noOutput: number;
  readonly halfOutput: number;
  /** POSTs whose answer does not come, of which every other one had arrived. */
  readonly doubtful: number;
  /** Answers to the question of the sensor that do not come. */
  readonly silent: number;
}

export const noMisfortune: Misfortune = {
  lost: 0,
  doubled: 0,
  cut: 0,
  noOutput: 0,
  halfOutput: 0,
  doubtful: 0,
  silent: 0,
};

interface Sent {
  readonly id: string;
  readonly request: IssueRequest;
  readonly expiresAt: number;
  readonly states: Map<string, ActionState>;
  readonly outputs: Map<string, readonly string[]>;
}

export interface Fleet {
  readonly devices: readonly Device[];
  readonly scanner: FleetScanner;
  readonly actions: FleetActions;
  /** What goes wrong from now on. */
  misfortune: Misfortune;
  /** A machine that was put back may start again what it had done after its snapshot, as long as that has not expired. */
  runAgain(device: Device): void;
  /** Actions that were made. */
  sent(): readonly Pick<Sent, 'id' | 'request'>[];
}

export interface FleetWatch {
  /** Told of each state of a device that outlasts its power. */
  readonly seen: (device: Device) => void;
  readonly say: (text: string) => void;
  readonly kept: Kept;
}

const route = { packageId: 1, parameterKey: '$0', actionGroupId: 1 };
/** A message takes a moment, and now and then a while. */
const quick = 2000;
const slow = 400_000;

export function fleetOf(devices: readonly Device[], time: Timeline, draws: Random, watch: FleetWatch): Fleet {
  const actions: Sent[] = [];
  const chance = (share: number): boolean => share > 0 && draws.below(1_000_000) < share * 1_000_000;

  function deliver(action: Sent, device: Device): void {
    const delay = chance(0.1) ? draws.below(slow) : draws.below(quick);
    time.in(delay, () => {
      if (time.now() >= action.expiresAt) return;
      if (device.online) start(action, device);
      else deliver(action, device);
    });
  }

  function start(action: Sent, device: Device): void {
    const steps = chance(fleet.misfortune.cut) ? draws.below(6) : Number.POSITIVE_INFINITY;
    action.states.set(device.computerId, 'running');
    watch.say(`${device.name} runs ${action.id}`);
    const output = runOn(device, action.request.encodedCommand, time.now(), { steps, ...watch });
    if (output === null) {
      watch.say(`${device.name} loses its power after ${steps} steps`);
      return;
    }
    action.states.set(device.computerId, 'completed');
    if (chance(fleet.misfortune.noOutput)) watch.say(`the output of ${device.name} is lost`);
    else action.outputs.set(device.computerId, chance(fleet.misfortune.halfOutput) ? halfOf(output) : output);
  }

  function make(request: IssueRequest): Sent {
    const id = String(actions.length + 1);
    const expiresAt = time.now() + request.expireSeconds * 1000;
    const action: Sent = { id, request, expiresAt, states: new Map(), outputs: new Map() };
    actions.push(action);
    watch.say(`action ${id} is made: ${request.name} for ${request.computerIds.join(', ')}`);
    for (const device of devices) {
      if (!request.computerIds.includes(device.computerId)) continue;
      if (!chance(fleet.misfortune.lost)) deliver(action, device);
      if (chance(fleet.misfortune.doubled)) deliver(action, device);
    }
    return action;
  }

  function* rowsFor({ computerIds }: ScanRequest): Generator<DeviceRow> {
    for (const device of devices) {
      if (computerIds !== null && !computerIds.includes(device.computerId)) continue;
      if (!device.online || chance(fleet.misfortune.silent)) continue;
      const { computerId, name } = device;
      const text = inventoryOf(device, time.now());
      yield { computerId, name, os: 'Windows 11 Enterprise', domain: 'corp.example', text };
    }
  }

  const fleet: Fleet = {
    devices,
    misfortune: noMisfortune,
    sent: () => actions,
    runAgain: (device) => {
      for (const action of actions) {
        if (!action.states.has(device.computerId) || time.now() >= action.expiresAt) continue;
        if (draws.below(2) === 0) deliver(action, device);
      }
    },
    scanner: {
      scan: async (request) => {
        await time.clock.sleep(500 + draws.below(quick));
        const rows = [...rowsFor(request)];
        const at = `${time.clock.now().slice(0, 19)}Z`;
        return { at, expected: devices.length, answered: rows.length, rows: asyncOf(rows) };
      },
      scanGroup: unasked,
      named: unasked,
      locate: unasked,
      groupMembers: unasked,
    },
    actions: {
      route: async () => route,
      issue: async (_, request) => {
        if (!chance(fleet.misfortune.doubtful)) return make(request).id;
        if (draws.below(2) === 0) make(request);
        throw new TrueupError('TRUEUP_TANIUM_UNREACHABLE', 'no answer to the POST', { doubtful: true });
      },
      makeGroup: unasked,
      removeGroup: unasked,
      find: async (name) => actions.filter(({ request }) => request.name === name).map(({ id }) => id),
      progress: async (id) =>
        progressOf(
          actions.find((one) => one.id === id),
          time.now(),
        ),
      async *logs(id, computerIds) {
        const action = actions.find((one) => one.id === id);
        for (const computerId of computerIds) {
          const lines = action?.outputs.get(computerId);
          const name = devices.find((device) => device.computerId === computerId)?.name ?? '';
          if (lines !== undefined) yield { computerId, name, lines };
        }
      },
    },
  };
  return fleet;
}

function progressOf(action: Sent | undefined, now: number): ActionProgress {
  const status = action === undefined || now >= action.expiresAt ? 'closed' : 'open';
  return { status, devices: new Map(action?.states ?? []) };
}

function halfOf(lines: readonly string[]): readonly string[] {
  const [first = '', ...rest] = lines;
  return rest.length > 0 ? [first] : [first.slice(0, Math.floor(first.length / 2))];
}

async function* asyncOf<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield item;
}

async function unasked(): Promise<never> {
  throw new Error('nobody asks for this in a schedule');
}
