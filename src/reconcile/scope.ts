/** Sorts devices into those that a plan may speak of, in classes of equals, and those that it leaves alone as a whole. */
import type { ExclusionPolicy } from '../model/desired.ts';
import type { Guard } from '../model/guard.ts';
import type { DeviceAttributes } from '../model/selector.ts';
import { compareText } from '../model/sid.ts';
import { type DeviceClass, type Identity, type Known, noClasses, place } from './classes.ts';
import { placesById } from './id-order.ts';
import { type Device, type DeviceList, isWindows } from './observe.ts';
import type { Selected } from './policy.ts';
import type { Hold } from './wanted.ts';

/** A device that is held back whole: what it has is not compared. */
export interface WholeHold {
  readonly device: Device;
  readonly selected: Selected;
  readonly hold: Hold;
  /** The exclusion that holds it; null: no statement does. */
  readonly exclusion: ExclusionPolicy | null;
}

/** Classes in the order of their first devices, which is that of Computer IDs; so are those that are held. */
export interface Scope {
  readonly classes: readonly DeviceClass[];
  readonly held: readonly WholeHold[];
  /** Unobserved, with an action of an earlier run still open. */
  readonly pending: readonly WholeHold[];
  readonly selected: number;
  readonly observed: number;
  /** Selected by a policy, but not running Windows. */
  readonly notWindows: number;
  /** Selected by a policy, but no `ComputerPolicy` enrolls them. */
  readonly notEnrolled: number;
}

export interface ScopeInput extends Known {
  /** In any order. */
  readonly devices: DeviceList;
  readonly select: (device: DeviceAttributes) => Selected;
  readonly attributes: (device: Device) => DeviceAttributes;
  /** No device could be asked, since its sensor is made first. */
  readonly unasked: boolean;
  /** Seconds since the scan. */
  readonly ageSeconds: number;
  /** The integration is off. */
  readonly off: boolean;
  /** Guards that do not hold the device of this label. */
  readonly setAside: (label: string) => ReadonlySet<Guard>;
}

export function scopeOf(input: ScopeInput): Scope {
  const classes = noClasses(input.devices);
  const held: WholeHold[] = [];
  const pending: WholeHold[] = [];
  const count = { selected: 0, observed: 0, notWindows: 0, notEnrolled: 0 };
  for (let at = 0; at < input.devices.length; at += 1) {
    const device = input.devices.at(at);
    if (device === undefined) break;
    const selected = input.select(input.attributes(device));
    const { computer } = selected.effective;
    if (!selected.any || computer.enforcement?.value === 'ignore') continue;
    if (!isWindows(device)) {
      count.notWindows += 1;
      continue;
    }
    const setAside = input.setAside(device.label);
    const aside = leftAside(device, selected, input.off, setAside);
    for (const hold of aside) held.push(hold);
    if (aside.length > 0) continue;
    if (device.record === null && computer.enroll?.value !== true) {
      count.notEnrolled += 1;
      continue;
    }
    count.selected += 1;
    const unobserved = whyUnobserved(device, selected, input);
    if (unobserved === null) count.observed += 1;
    if (device.conflict !== null) {
      held.push({ device, selected, hold: inDoubt(device.conflict), exclusion: null });
    } else if (unobserved !== null) {
      const hold: WholeHold = { device, selected, hold: unobserved, exclusion: null };
      held.push(hold);
      const until = device.record?.pendingUntil ?? null;
      if (until !== null && Date.parse(until) > Date.parse(input.now)) pending.push(hold);
    } else place(classes, at, device, selected, input, setAside);
  }
  return {
    classes: inOrder(classes.all, ({ first }) => first),
    held: inOrder(held, deviceOf),
    pending: inOrder(pending, deviceOf),
    ...count,
  };
}

/** Out of scope whatever is declared; never counted among the selected. */
function leftAside(
  device: Device,
  selected: Selected,
  off: boolean,
  setAside: ReadonlySet<Guard>,
): readonly WholeHold[] {
  if (device.text?.kind === 'inventory' && device.text.inventory.os.kind === 'dc') {
    return [{ device, selected, hold: domainController, exclusion: null }];
  }
  if (selected.exclusions.length > 0 && !setAside.has('excluded')) {
    return selected.exclusions.map((exclusion) => ({ device, selected, hold: excludedBy(exclusion), exclusion }));
  }
  return off ? [{ device, selected, hold: providerOff, exclusion: null }] : noHolds;
}

function whyUnobserved({ row, text }: Device, selected: Selected, { unasked, ageSeconds }: ScopeInput): Hold | null {
  if (unasked) return notAsked;
  if (row === null || text === null) return unobserved('did not answer');
  if (text.kind === 'no-answer') return unobserved('answered without a state');
  if (text.kind !== 'inventory') return unobserved(`answered with something that is no inventory: ${text.message}`);
  const limit = selected.effective.computer.maxScanAgeSeconds?.value;
  return limit !== undefined && ageSeconds > limit ? unobserved('was last seen longer ago than maxScanAge') : null;
}

function deviceOf({ device }: WholeHold): Identity {
  return device;
}

function inOrder<T>(items: readonly T[], of: (item: T) => Identity): T[] {
  const identities = items.map(of);
  const places = placesById(
    items.length,
    (at) => identities[at]?.computerId ?? null,
    (a, b) => compareText(identities[a]?.label ?? '', identities[b]?.label ?? ''),
  );
  return Array.from(places, (at) => items[at] as T);
}

const noHolds: readonly WholeHold[] = [];

const domainController: Hold = {
  guard: 'domain-controller',
  message: 'a domain controller has no local accounts: its groups are those of the domain',
  release: null,
};

const providerOff: Hold = {
  guard: 'provider-off',
  message: 'the integration is off',
  release: null,
};

function excludedBy({ reason, until }: ExclusionPolicy): Hold {
  return {
    guard: 'excluded',
    message: `left alone until ${until.slice(0, 16)}Z: ${reason}`,
    release: 'End the Exclusion',
  };
}

function inDoubt(conflict: string): Hold {
  return { guard: 'identity', message: `it is not certain which machine this is: ${conflict}`, release: null };
}

const notAsked: Hold = {
  guard: 'unobserved',
  message: 'was not asked, since its sensor is made first',
  release: 'Apply, and plan again',
};

function unobserved(message: string): Hold {
  return { guard: 'unobserved', message, release: 'Bring the device online, and scan again' };
}
