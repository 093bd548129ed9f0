/** Whom the baselines are about: devices in classes that differ in nothing that a check looks at. */
import { TrueupError } from '../errors.ts';
import type { BaselinePolicy, DeviceCount } from '../model/compliance.ts';
import type { Desired, DesiredProvider } from '../model/desired.ts';
import type { Observation } from '../model/observed.ts';
import type { ObservedPosture, PostureValue } from '../model/posture.ts';
import type { Recorded } from '../model/recorded.ts';
import { selects } from '../model/selector.ts';
import { compareText } from '../model/sid.ts';
import { attributesOf, type Labels, refuseUnknowableIn, type Selection } from './attributes.ts';
import { type Device, devicesOf, isWindows } from './observe.ts';
import { labelOf } from './only.ts';
import { policiesOf, type Selected } from './policy.ts';

export interface ComplianceInput {
  readonly desired: Desired;
  readonly provider: DesiredProvider;
  readonly recorded: Pick<Recorded, 'owner' | 'computers'>;
  readonly observation: Pick<Observation<ObservedPosture>, 'texts' | 'devices' | 'groupMembers'>;
  /** By computer name, full or short, in lower case. */
  readonly labels: Labels;
  readonly only: { readonly baseline: string | null; readonly device: string | null };
  /** ISO time in UTC. */
  readonly now: string;
}

/** Devices that the same baselines select and that gave the same answer, or none for the same reason. */
export interface PostureClass {
  readonly baselines: readonly BaselinePolicy[];
  readonly posture: Posture;
  readonly devices: readonly PostureDevice[];
}

export interface PostureDevice {
  readonly computerId: string | null;
  readonly label: string;
  /** Its place among all labels in their order. */
  readonly rank: number;
}

/** Values by path, or why there are none. */
export type Posture =
  | { readonly values: Readonly<Record<string, PostureValue>> }
  | { readonly values: null; readonly why: string };

export interface PostureClasses {
  /** In the order of their first devices; in each, devices in the order of their labels. */
  readonly classes: readonly PostureClass[];
  /** Of all devices, in their order. */
  readonly labels: readonly string[];
  /** In the order of their names. */
  readonly baselines: readonly BaselinePolicy[];
  /** Devices that each baseline would select, but for an Exclusion, `enforcement: ignore` or Scan disabled. */
  readonly leftOut: ReadonlyMap<BaselinePolicy, number>;
  /** The same, each once. */
  readonly devices: Pick<DeviceCount, 'leftOut'>;
  /** With NPS-D's records: devices that Tanium knows and NPS-D does not. */
  readonly unmatched: number;
  /** Label of the one device that is asked for; null: it is of all. */
  readonly device: string | null;
}

/** What compliance looks at: whom baselines are about, and who is left out. */
export function selectorsOfCompliance(desired: Pick<Desired, 'computers' | 'exclusions' | 'baselines'>): Selection[] {
  return [...desired.computers, ...desired.exclusions, ...desired.baselines];
}

/** Throws TRUEUP_SELECTOR_UNKNOWN, TRUEUP_DEVICE_NOT_FOUND, and TRUEUP_USAGE for a baseline that nobody declares. */
export function postureClasses(input: ComplianceInput): PostureClasses {
  const { desired, provider, recorded, observation, only } = input;
  refuseUnknowableIn(selectorsOfCompliance(desired), provider, recorded.owner);
  const baselines = baselinesOf(desired, only.baseline);
  const { devices, unmatched } = devicesOf(observation, recorded);
  const label = only.device === null ? null : labelOf(only.device, devices);
  const treatment = policiesOf({ ...desired, memberships: [], accounts: [], rotations: [] });
  const attributes = attributesOf(observation, input.labels, input.now);

  const classes = new Map<string, GrowingClass>();
  const leftOut = new Map<BaselinePolicy, number>();
  let leftOutDevices = 0;
  const ordered = [...devices].toSorted((a, b) => compareText(a.label, b.label));
  for (const [rank, device] of ordered.entries()) {
    if ((label !== null && device.label !== label) || !isWindows(device)) continue;
    const own = attributes(device);
    const selecting = baselines.filter(({ selector }) => selects(selector, own));
    if (selecting.length === 0) continue;
    if (isLeftOut(device, treatment(own))) {
      for (const baseline of selecting) leftOut.set(baseline, (leftOut.get(baseline) ?? 0) + 1);
      leftOutDevices += 1;
      continue;
    }
    const key = `${selecting.map((baseline) => baselines.indexOf(baseline)).join(',')} ${whatOf(device)}`;
    const equals = classes.get(key) ?? { baselines: selecting, posture: postureOf(device), devices: [] };
    classes.set(key, equals);
    equals.devices.push({ computerId: device.computerId, label: device.label, rank });
  }
  return {
    classes: [...classes.values()],
    labels: ordered.map((device) => device.label),
    baselines,
    leftOut,
    devices: { leftOut: leftOutDevices },
    unmatched,
    device: label,
  };
}

interface GrowingClass extends PostureClass {
  readonly devices: PostureDevice[];
}

/** What the record says is what NPS-D does now; a policy that says otherwise has not been applied yet. */
function isLeftOut({ record }: Pick<Device, 'record'>, { effective, exclusions }: Selected): boolean {
  const { enforcement, scan } = effective.computer;
  const isScanned = (record?.scan ?? scan?.value) !== false;
  return exclusions.length > 0 || enforcement?.value === 'ignore' || !isScanned;
}

function baselinesOf({ baselines }: Desired, name: string | null): readonly BaselinePolicy[] {
  const sorted = baselines.toSorted((a, b) => compareText(a.ref.name, b.ref.name));
  if (name === null) return sorted;
  const found = sorted.filter(({ ref }) => ref.name === name);
  if (found.length > 0) return found;
  const known = sorted.map(({ ref }) => ref.name).join(', ');
  throw new TrueupError('TRUEUP_USAGE', `No ComplianceBaseline is called ${name}.`, {
    cause: 'The name in --baseline is not the metadata.name of a ComplianceBaseline.',
    remedy: known === '' ? 'Declare one: docs/compliance.md shows how.' : `Give one of ${known}.`,
  });
}

function whatOf({ row, conflict }: Device<ObservedPosture>): string {
  if (conflict !== null) return conflict;
  return row === null ? 'silent' : String(row.text);
}

function postureOf({ text, conflict }: Device<ObservedPosture>): Posture {
  if (conflict !== null) return { values: null, why: `it is not certain which machine this is: ${conflict}` };
  if (text === null) return { values: null, why: 'the device did not answer' };
  if (text.kind === 'posture') return { values: text.posture.values };
  const what = text.kind === 'no-answer' ? 'without a posture' : 'with something that is no posture';
  return { values: null, why: `the device answered ${what}: ${text.message}` };
}
