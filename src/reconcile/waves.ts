/**
 * Which device goes in which wave. The canaries come first, one of every kind of change as far as their number goes; then
 * the waves as they are declared. Within all of these the order is that of a hash of the Computer ID: the same devices
 * are early from plan to plan, and it is no matter how they are called or in which order they come.
 */
import type { RolloutPolicy, Source } from '../model/desired.ts';
import type { PlannedWave } from '../model/plan.ts';
import { type DeviceAttributes, type Selector, selects } from '../model/selector.ts';
import { compareText } from '../model/sid.ts';
import { hasWaves, type WavePolicy } from '../model/waves.ts';
import { sha256 } from './hash.ts';
import type { Hold } from './wanted.ts';

/** A wave as it is declared; the canaries, and what no wave takes, are waves too. */
export interface Step {
  /** From 1, in their order, whether a plan has devices for it or not. */
  readonly number: number;
  /** By which it is released. */
  readonly name: string;
  readonly requireApproval: boolean;
  readonly source: Source;
  /** Null: any device. */
  readonly selector: Selector | null;
  readonly size: WavePolicy['size'];
  /** The canaries: one of every kind of change, not just the first. */
  readonly covers: boolean;
}

/** Devices that need the same, in the same state. */
export interface WaveRow {
  readonly operations: readonly unknown[];
  readonly devices: readonly WaveDevice[];
}

export interface WaveDevice {
  readonly computerId: string;
  readonly label: string;
}

export interface WaveContext {
  readonly attributes: (device: WaveDevice) => DeviceAttributes;
  /** The wave that an earlier plan gave a device; undefined: none did. */
  readonly placed: (device: WaveDevice) => number | undefined;
  /** No gate holds the device: it goes with the first wave. */
  readonly isFree: (device: WaveDevice) => boolean;
  /** Numbers of the waves that somebody released. */
  readonly approved: ReadonlySet<number>;
  /** Why no wave may begin at all; null: nothing stands against it. */
  readonly stopped: Hold | null;
}

export interface Waves {
  /** Those that have devices. */
  readonly planned: readonly PlannedWave[];
  /** By Computer ID. */
  readonly waveOf: ReadonlyMap<string, number>;
  /** By Computer ID: why the wave of a device may not begin; those that go are missing. */
  readonly held: ReadonlyMap<string, Hold>;
}

/** None: everything goes at once. */
export function stepsOf(rollout: RolloutPolicy): readonly Step[] {
  if (!hasWaves(rollout)) return [];
  const { canaries, waves, ref } = rollout;
  const steps: Omit<Step, 'number'>[] = [];
  if (canaries !== null) {
    const { selector, devices, source } = canaries;
    const size = devices === null ? 'rest' : { devices };
    steps.push({ name: 'canaries', requireApproval: false, source, selector, size, covers: true });
  }
  for (const [index, { name, size, ...wave }] of waves.entries()) {
    const takesRest = index === waves.length - 1 && wave.selector === null;
    steps.push({ ...wave, name: name ?? sizeWords(size), size: takesRest ? 'rest' : size, covers: false });
  }
  const last = waves.at(-1);
  if (last === undefined || last.selector !== null) {
    const source = last?.source ?? canaries?.source ?? ref?.source ?? { file: '', line: 1 };
    steps.push({ name: 'rest', requireApproval: false, source, selector: null, size: 'rest', covers: false });
  }
  return steps.map((step, index) => ({ number: index + 1, ...step }));
}

function sizeWords(size: WavePolicy['size']): string {
  if (size === 'rest') return 'rest';
  if ('percent' in size) return `${size.percent}%`;
  return size.devices === 1 ? '1 device' : `${size.devices} devices`;
}

/** Every device of the rows in exactly one of the steps, of which there is one at least. */
export function wavesOf(steps: readonly Step[], rows: readonly WaveRow[], context: WaveContext): Waves {
  const waveOf = new Map<string, number>();
  const counts = new Map<number, number>();
  const put = ({ computerId }: WaveDevice, wave: number): void => {
    waveOf.set(computerId, wave);
    counts.set(wave, (counts.get(wave) ?? 0) + 1);
  };
  const candidates = candidatesIn(rows);
  const free = new Set<string>();
  for (const { device } of candidates) {
    const before = context.placed(device);
    if (context.isFree(device)) {
      free.add(device.computerId);
      put(device, 1);
    } else if (before !== undefined && before >= 1 && before <= steps.length) put(device, before);
  }
  let left = candidates.filter(({ device }) => !waveOf.has(device.computerId));
  for (const { number, selector, size, covers } of steps) {
    const room = roomOf(size, candidates.length) - (counts.get(number) ?? 0);
    const selected = left.filter(({ device }) => selector === null || selects(selector, context.attributes(device)));
    const chosen = covers ? covering(selected, room) : selected.slice(0, Math.max(0, room));
    for (const { device } of chosen) put(device, number);
    left = left.filter(({ device }) => !waveOf.has(device.computerId));
  }
  const ordered = candidates.map(({ device }) => device);
  return { waveOf, ...heldIn(steps, ordered, waveOf, free, context) };
}

interface Candidate {
  readonly device: WaveDevice;
  readonly rank: string;
  /** What is to be done on it. */
  readonly sequence: string;
  /** Its row. */
  readonly row: number;
}

/** By their rank. */
function candidatesIn(rows: readonly WaveRow[]): Candidate[] {
  return rows
    .flatMap(({ operations, devices }, row) => {
      const sequence = JSON.stringify(operations);
      return devices.map((device) => ({ device, rank: sha256(device.computerId), sequence, row }));
    })
    .toSorted((a, b) => compareText(a.rank, b.rank));
}

function roomOf(size: Step['size'], changing: number): number {
  if (size === 'rest') return Number.POSITIVE_INFINITY;
  return 'devices' in size ? size.devices : Math.ceil((size.percent * changing) / 100);
}

/** First one of each sequence, those of most devices first; then one of each row; then any. Each group by its rank. */
function covering(candidates: readonly Candidate[], most: number): readonly Candidate[] {
  if (candidates.length <= most) return candidates;
  const chosen = new Set<Candidate>();
  for (const key of ['sequence', 'row'] as const) {
    const groups = new Map<string | number, Candidate[]>();
    for (const candidate of candidates) {
      const group = groups.get(candidate[key]);
      if (group) group.push(candidate);
      else groups.set(candidate[key], [candidate]);
    }
    // The map has them in the order of their first ranks, and the sort keeps it.
    for (const group of [...groups.values()].toSorted((a, b) => b.length - a.length)) {
      const [first] = group;
      if (chosen.size >= most) break;
      if (first !== undefined && !group.some((one) => chosen.has(one))) chosen.add(first);
    }
  }
  for (const candidate of candidates) {
    if (chosen.size >= most) break;
    chosen.add(candidate);
  }
  return [...chosen];
}

/** A wave that nobody released holds itself and all that come after it, unless it has no device. */
function heldIn(
  steps: readonly Step[],
  devices: readonly WaveDevice[],
  waveOf: ReadonlyMap<string, number>,
  free: ReadonlySet<string>,
  { approved, stopped }: WaveContext,
): Pick<Waves, 'planned' | 'held'> {
  const held = new Map<string, Hold>();
  const planned: PlannedWave[] = [];
  let waiting: Step | null = null;
  for (const step of steps) {
    const mine = devices.filter(({ computerId }) => waveOf.get(computerId) === step.number);
    if (mine.length === 0) continue;
    const bound = mine.filter(({ computerId }) => !free.has(computerId));
    if (step.requireApproval && !approved.has(step.number) && bound.length > 0) waiting ??= step;
    const hold = stopped ?? (waiting === null ? null : waitsFor(waiting, step));
    if (hold !== null) for (const { computerId } of bound) held.set(computerId, hold);
    planned.push({
      number: step.number,
      name: step.name,
      devices: mine.length,
      held: hold === null ? [] : bound.map(({ label }) => label).toSorted(compareText),
      source: step.source,
    });
  }
  return { planned, held };
}

function waitsFor(waiting: Step, step: Step): Hold {
  const { file, line } = waiting.source;
  const itself = waiting === step;
  return {
    guard: 'gate',
    message: itself
      ? `${waveWords(step)} waits until somebody releases it (${file}:${line})`
      : `${waveWords(step)} comes after ${waveWords(waiting)}, which nobody has released yet`,
    release: `Apply with --approve ${approvalOf(waiting)}`,
  };
}

/** `wave 2 (pilot)` */
export function waveWords({ number, name }: Pick<Step, 'number' | 'name'>): string {
  return `wave ${number} (${name})`;
}

/** As a shell takes it. */
function approvalOf({ number, name }: Step): string {
  return /^[\w.-]*[A-Za-z][\w.-]*$/.test(name) ? name : String(number);
}
