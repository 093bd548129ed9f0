/** One device by what a person calls it. */
import { TrueupError } from '../../errors.ts';
import { shortName } from '../../model/selector.ts';
import type { Fleet, SimulatedDevice } from './fleet.ts';

const indexes = new WeakMap<Fleet, ReadonlyMap<string, readonly SimulatedDevice[]>>();

/**
 * By Computer ID, by Computer Name, by that without its domain, or by `NAME#COMPUTERID`; names in either case. Throws
 * TRUEUP_SIMULATOR where there is none, and where there are several.
 */
export function findDevice(fleet: Fleet, called: string | number): SimulatedDevice {
  const text = String(called);
  const [, name, id] = /^(?:(.*)#)?(\d{1,10})$/.exec(text) ?? [];
  const numbered = id === undefined ? undefined : fleet.byId.get(Number(id));
  if (numbered && (name === undefined || isCalled(numbered, name))) return numbered;
  const found = indexOf(fleet).get(text.toLowerCase()) ?? [];
  const [only] = found;
  if (!only) throw new TrueupError('TRUEUP_SIMULATOR', `the fleet has no device ${text}`);
  if (found.length === 1) return only;
  const ids = found.map(({ computerId }) => computerId).join(' and ');
  throw new TrueupError(
    'TRUEUP_SIMULATOR',
    `${found.length} devices are called ${text}; name one by its Computer ID: ${ids}`,
  );
}

/** Those of exactly this Computer Name, in either case. */
export function devicesNamed(fleet: Fleet, name: string): readonly SimulatedDevice[] {
  const lower = name.toLowerCase();
  return (indexOf(fleet).get(lower) ?? []).filter((device) => device.name.toLowerCase() === lower);
}

function isCalled(device: SimulatedDevice, name: string): boolean {
  const lower = name.toLowerCase();
  return device.name.toLowerCase() === lower || shortName(device.name).toLowerCase() === lower;
}

function indexOf(fleet: Fleet): ReadonlyMap<string, readonly SimulatedDevice[]> {
  const known = indexes.get(fleet);
  if (known) return known;
  const index = new Map<string, SimulatedDevice[]>();
  for (const device of fleet.devices) {
    for (const key of new Set([device.name.toLowerCase(), shortName(device.name).toLowerCase()])) {
      const found = index.get(key);
      if (found) found.push(device);
      else index.set(key, [device]);
    }
  }
  indexes.set(fleet, index);
  return index;
}
