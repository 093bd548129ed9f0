/** The part of a fleet that `--only` leaves of a plan. */
import { TrueupError } from '../errors.ts';
import type { Desired, DesiredProvider } from '../model/desired.ts';
import { devicesCalled } from '../model/device-name.ts';
import type { Only } from '../model/plan.ts';
import type { Device } from './observe.ts';
import type { Selected } from './policy.ts';

export interface Limits {
  /** As asked for, with the device by its label: however it was spelled, the plan is the same. */
  readonly only: Only | null;
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
  devices: Iterable<Device>,
): Limits {
  if (only === null) return { only, policy: all, device: all, selected: all, provider: true };
  if ('policy' in only) {
    const { policy } = only;
    const declared = [...desired.computers, ...desired.memberships, ...desired.accounts, ...desired.exclusions];
    const isProvider = provider.ref.name === policy;
    if (!isProvider && !declared.some(({ ref }) => ref.name === policy)) {
      throw new TrueupError('TRUEUP_USAGE', `No policy is called ${policy}.`, {
        cause: 'The name in --only is not the metadata.name of an EdrProvider, a policy, an account or an Exclusion.',
        remedy: 'Give the name as the YAML has it.',
      });
    }
    return {
      only,
      policy: (name) => name === policy,
      device: all,
      selected: (selected) => selected.names.has(policy),
      provider: isProvider,
    };
  }
  const label = labelOf(only.device, devices);
  return { only: { device: label }, policy: all, device: (other) => other === label, selected: all, provider: false };
}

function all(): boolean {
  return true;
}

/** Throws TRUEUP_DEVICE_NOT_FOUND. */
export function labelOf(text: string, devices: Iterable<Pick<Device, 'computerId' | 'name' | 'label'>>): string {
  const [found, ...others] = devicesCalled(text, [...devices]);
  if (found === undefined) throw new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `No device is called ${text}.`);
  if (others.length === 0) return found.label;
  const labels = [found, ...others].map(({ label }) => label).toSorted();
  const shown = labels.length > mostNamed ? `${labels.slice(0, mostNamed).join(', ')}, …` : labels.join(', ');
  throw new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `${labels.length} devices are called ${text}: ${shown}.`, {
    cause: 'The name is not unique.',
    remedy: 'Give one of them as the message has it, or its Computer ID.',
  });
}

/** Clones of one image can bear one name by the thousand. */
const mostNamed = 10;
