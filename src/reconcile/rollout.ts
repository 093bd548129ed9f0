/** What of a plan goes in which wave, and what of it a gate holds. */
import type { RolloutPolicy } from '../model/desired.ts';
import type { Allowance, PlannedRollout } from '../model/plan.ts';
import type { FailedGate } from '../model/recorded.ts';
import type { DeviceAttributes } from '../model/selector.ts';
import { approvedAmong } from './approve.ts';
import type { Judged } from './assemble.ts';
import { attributesOf } from './attributes.ts';
import type { Row } from './batch.ts';
import { type ClassDevice, theseMembers } from './members.ts';
import type { Device } from './observe.ts';
import type { ReconcileInput } from './reconcile.ts';
import { sequenceOf } from './stage.ts';
import { changesDevice, type Hold } from './wanted.ts';
import { type Step, stepsOf, type WaveContext, type WaveDevice, wavesOf, waveWords } from './waves.ts';

export interface Rollout {
  /** As they came in, but that of devices whose wave is held only the records may change. */
  readonly classes: readonly Judged[];
  /** What each wave does, in their order; those that do nothing are left out. */
  readonly waves: readonly { readonly wave: number; readonly rows: readonly Row<Judged>[] }[];
  /** Null: no waves are declared. */
  readonly planned: PlannedRollout | null;
  readonly warnings: readonly string[];
}

/** Throws TRUEUP_USAGE for a wave to be released that is not declared. */
export function rolloutOf(
  input: ReconcileInput,
  judged: readonly Judged[],
  allowances: readonly Allowance[],
  devices: Iterable<Device>,
): Rollout {
  const { rollout } = input.desired;
  const steps = stepsOf(rollout);
  const approved = approvedAmong(steps, input.approve);
  const rows = rowsOf(judged);
  if (steps.length === 0) {
    return { classes: judged, waves: rows.length === 0 ? [] : [{ wave: 1, rows }], planned: null, warnings: [] };
  }
  const failed = input.recorded.rollout?.failed ?? null;
  const why = failed === null ? null : failureWords(failed, rollout, steps);
  const { planned, waveOf, held } = wavesOf(steps, rows, {
    attributes: attributesIn(input, devices),
    placed: placedIn(input),
    isFree: freeOf(allowances),
    approved: new Set(approved),
    stopped: why === null || input.attended ? null : stoppedBy(why),
  });
  const classes = judged.flatMap((one) => divided(one, held));
  const going = rowsOf(classes);
  const waves = steps
    .map(({ number }) => ({ wave: number, rows: inWave(going, waveOf, number) }))
    .filter((wave) => wave.rows.length > 0);
  return {
    classes,
    waves,
    planned: { waves: planned, gate: rollout.gate, approved },
    warnings: why === null || !input.attended ? [] : [`${why} This plan begins anew.`],
  };
}

function rowsOf(classes: readonly Judged[]): Row<Judged>[] {
  return classes.flatMap((origin) => {
    const changes = origin.allowed.filter(changesDevice);
    if (changes.length === 0) return [];
    return [
      { operations: sequenceOf(changes.flatMap((one) => one.operations)), devices: origin.members.devices, origin },
    ];
  });
}

function inWave(rows: readonly Row<Judged>[], waveOf: ReadonlyMap<string, number>, wave: number): Row<Judged>[] {
  return rows.flatMap((row) => {
    const devices = row.devices.filter(({ computerId }) => waveOf.get(computerId) === wave);
    return devices.length === 0 ? [] : [{ ...row, devices }];
  });
}

/** The devices of a class that go, and those that are held, for each reason. */
function divided(judged: Judged, held: ReadonlyMap<string, Hold>): Judged[] {
  const byHold = new Map<Hold | null, ClassDevice[]>();
  for (const device of judged.members.devices) {
    const hold = held.get(device.computerId) ?? null;
    const same = byHold.get(hold);
    if (same) same.push(device);
    else byHold.set(hold, [device]);
  }
  return [...byHold].map(([hold, devices]) => {
    if (devices.length === judged.members.count && hold === null) return judged;
    const members = theseMembers(devices);
    if (hold === null) return { ...judged, members };
    const changes = judged.allowed.filter(changesDevice);
    return {
      ...judged,
      members,
      allowed: judged.allowed.filter((change) => !changesDevice(change)),
      held: [...judged.held, ...changes.map((change) => ({ change, hold }))],
    };
  });
}

function attributesIn(
  { observation, labels, now }: ReconcileInput,
  devices: Iterable<Device>,
): (device: WaveDevice) => DeviceAttributes {
  const attributes = attributesOf(observation, labels, now);
  let known: ReadonlyMap<string | null, Device> | null = null;
  return ({ computerId }) => {
    known ??= new Map([...devices].map((device) => [device.computerId, device]));
    return attributes(known.get(computerId) as Device);
  };
}

/** What was agreed on holds, and so does what waits: else the rest would pass by its gate, a few in every run. */
function placedIn({ placed, recorded }: ReconcileInput): WaveContext['placed'] {
  const waiting = recorded.rollout?.waiting;
  return ({ computerId, label }) => placed.get(computerId) ?? waiting?.get(label);
}

function freeOf(allowances: readonly Allowance[]): WaveContext['isFree'] {
  const free = new Set(allowances.filter(({ guard }) => guard === 'gate').map(({ device }) => device));
  return ({ label }) => free.has(label);
}

/** `The gate of wave 1 (canaries) failed in run 4f2a: 3 of 5 devices were healthy, and 99 % must be (rollout.yaml:9).` */
export function failureWords(failed: FailedGate, { gate }: RolloutPolicy, steps: readonly Step[]): string {
  const { run, wave, healthy, devices } = failed;
  const step = steps.find(({ number }) => number === wave);
  const which = step === undefined ? `wave ${wave}` : waveWords(step);
  const needed = gate === null ? '' : `, and ${gate.percent} % must be (${gate.source.file}:${gate.source.line})`;
  const were = devices === 1 ? '1 device was' : `${devices} devices were`;
  return `The gate of ${which} failed in run ${run}: ${healthy} of ${were} healthy${needed}.`;
}

function stoppedBy(why: string): Hold {
  return {
    guard: 'gate',
    message: why.slice(0, 1).toLowerCase() + why.slice(1, -1),
    release: 'Mend what failed and run `trueup apply`, or change the configuration',
  };
}
