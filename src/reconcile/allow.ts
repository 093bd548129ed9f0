/** Guards that somebody sets aside for one run: never for the fleet, always for one device and with a reason. */
import { TrueupError } from '../errors.ts';
import { type Guard, releasableGuards } from '../model/guard.ts';
import type { Allowance, HeldChange, PlannedChange } from '../model/plan.ts';
import { compareText } from '../model/sid.ts';
import type { Device } from './observe.ts';
import { labelOf } from './only.ts';

/**
 * With the devices by their labels, sorted, each pair once. Throws TRUEUP_DEVICE_NOT_FOUND, and TRUEUP_GUARD_PERMANENT
 * for a guard that nobody may set aside.
 */
export function allowancesOf(asked: readonly Allowance[], devices: Iterable<Device>): readonly Allowance[] {
  const found = new Map<string, Allowance>();
  for (const { guard, device, reason } of asked) {
    if (!releasableGuards.has(guard)) {
      throw new TrueupError('TRUEUP_GUARD_PERMANENT', `The guard ${guard} cannot be set aside.`);
    }
    const label = labelOf(device, devices);
    found.set(`${guard} ${label}`, { guard, device: label, reason });
  }
  return [...found].toSorted(([a], [b]) => compareText(a, b)).map(([, allowance]) => allowance);
}

const none: ReadonlySet<Guard> = new Set();

/** By the label of the device; the sets are in one order, so that equal ones compare equal. */
export function setAsideIn(allowances: readonly Allowance[]): (label: string) => ReadonlySet<Guard> {
  const byDevice = new Map<string, Set<Guard>>();
  for (const { guard, device } of allowances) {
    const known = byDevice.get(device);
    if (known) known.add(guard);
    else byDevice.set(device, new Set([guard]));
  }
  if (byDevice.size === 0) return () => none;
  return (label) => byDevice.get(label) ?? none;
}

/** Told in every plan; also that an allowance frees nothing, for its device is held by another guard first, or by none. */
export function allowanceWarnings(
  allowances: readonly Allowance[],
  held: readonly Pick<HeldChange, 'devices'>[],
  changes: readonly Pick<PlannedChange, 'devices'>[],
): string[] {
  if (allowances.length === 0) return [];
  const changed = new Set(changes.flatMap(({ devices }) => devices));
  const holding = new Set(held.flatMap(({ devices }) => devices));
  return allowances.map(({ guard, device, reason }) => {
    const idle = changed.has(device)
      ? ''
      : ` It changes nothing: the device ${holding.has(device) ? 'is held by another guard' : 'has no change'}.`;
    return `The guard ${guard} is set aside on ${device}: ${reason}.${idle}`;
  });
}
