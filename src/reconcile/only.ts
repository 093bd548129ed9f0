/** The part of a fleet that `--only` leaves of a plan. */
import { TrueupError } from '../errors.ts';
import type { Desired, DesiredProvider } from '../model/desired.ts';
import { shortName } from '../model/selector.ts';
import type { Device } from './observe.ts';
import type { Selected } from './policy.ts';

export type Only = { readonly policy: string } | { readonly device: string };

export interface Limits {
  /** Of statements: whether changes that this policy wants count. */
  policy(name: string): boolean;
  /** Of devices, by label. */
  device(label: string): boolean;
  /** Of devices that are held whole. */
  selected(selected: Selected): boolean;
  /** Whether the provider's own records are of this run. */
  readonly provider: boolean;
}

/** Throws TRUEUP_DEVICE_NOT_FOUND, and TRUEUP_USAGE for a policy that nobody declares. */
export function limitsOf(
  only: Only | null,
  desired: Desired,
  provider: DesiredProvider,
  devices: readonly Device[],
): Limits {
  if (only === null) return { policy: all, device: all, selected: all, provider: true };
  if ('policy' in only) {
    const { policy } = only;
    const declared = [...desired.computers, ...desired.memberships, ...desired.accounts, ...desired.exclusions];
    const isProvider = provider.ref.name === policy;
    if (!isProvider && !declared.some(({ ref }) => ref.name === policy)) {
      throw new TrueupError('TRUEUP_USAGE', `No policy is called ${policy}.`, {
        cause: 'The name in --only is not the metadata.name of any document.',
        remedy: 'Give the name as the YAML has it.',
      });
    }
    return {
      policy: (name) => name === policy,
      device: all,
      selected: (selected) => selected.names.has(policy),
      provider: isProvider,
    };
  }
  const label = deviceNamed(only.device, devices).label;
  return { policy: all, device: (other) => other === label, selected: all, provider: false };
}

function all(): boolean {
  return true;
}

/** By Computer Name, `NAME#COMPUTERID`, the name without its domain, or the Computer ID; the closest reading first. */
function deviceNamed(name: string, devices: readonly Device[]): Device {
  const lower = name.toLowerCase();
  const readings: ((device: Device) => boolean)[] = [
    (device) => device.label.toLowerCase() === lower,
    (device) => device.computerId === name,
    (device) => device.name.toLowerCase() === lower,
    (device) => shortName(device.name).toLowerCase() === lower,
  ];
  for (const reading of readings) {
    const [found, second] = devices.filter(reading);
    if (found === undefined) continue;
    if (second === undefined) return found;
    throw new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `More than one device is called ${name}.`);
  }
  throw new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `No device is called ${name}.`);
}
