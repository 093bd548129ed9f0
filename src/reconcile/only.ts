/** The part of a fleet that `--only` leaves of a plan, and that `trueup rotate` is of. */
import { TrueupError } from '../errors.ts';
import type { Desired, DesiredProvider } from '../model/desired.ts';
import { devicesCalled } from '../model/device-name.ts';
import type { AskedPasswords, Only } from '../model/plan.ts';
import type { Device } from './observe.ts';
import type { Selected } from './policy.ts';
import { accountKey, type EffectiveRotation, passwordFacet } from './policy-rotations.ts';
import type { Wanted } from './wanted.ts';

export interface Limits {
  /** As asked for, with the device by its label: however it was spelled, the plan is the same. */
  readonly only: Only | null;
  readonly rotate: AskedPasswords | null;
  /** Whether a change is of this run, on a device that is. */
  readonly change: (change: Pick<Wanted, 'kind' | 'policy' | 'facet'>) => boolean;
  /** Of devices, by label. */
  device(label: string): boolean;
  /** Whether every device is. */
  readonly allDevices: boolean;
  /** Of devices that are held whole. */
  selected(selected: Selected): boolean;
  /** Whether the provider's own records are of this run. */
  readonly provider: boolean;
  /** Whether a password is to be changed on a device of this run although it is not due. */
  readonly now: (rotation: EffectiveRotation) => boolean;
}

interface Asked {
  readonly only: Only | null;
  readonly rotate: AskedPasswords | null;
  readonly desired: Desired;
  readonly provider: DesiredProvider;
}

/** Throws TRUEUP_DEVICE_NOT_FOUND, and TRUEUP_USAGE for a policy or an account that nobody declares. */
export function limitsOf({ only, rotate, desired, provider }: Asked, devices: Iterable<Device>): Limits {
  const policy = only !== null && 'policy' in only ? only.policy : null;
  const device = only !== null && 'device' in only ? labelOf(only.device, devices) : null;
  if (policy !== null) refuseUndeclared(policy, desired, provider);
  const asked = rotate === null ? null : askedOf(rotate, desired, devices);
  const isOf = (label: string | null, of: string | null): boolean => of === null || label === of;
  return {
    only: device === null ? only : { device },
    rotate: asked,
    change: (change) => isOf(change.policy.name, policy) && (asked === null || isPassword(change, asked)),
    device: (label) => isOf(label, device) && isOf(label, asked?.device ?? null),
    allDevices: device === null && (asked?.device ?? null) === null,
    selected: ({ names, effective }) =>
      (policy === null || names.has(policy)) &&
      (asked === null || effective.rotations.some((rotation) => isRotation(rotation, asked))),
    provider: asked === null && only === null ? true : asked === null && provider.ref.name === policy,
    now: (rotation) => asked !== null && asked.now && isRotation(rotation, asked),
  };
}

function refuseUndeclared(policy: string, desired: Desired, provider: DesiredProvider): void {
  const { computers, memberships, accounts, rotations, exclusions, content } = desired;
  const declared = [...computers, ...memberships, ...accounts, ...rotations, ...exclusions];
  if (provider.ref.name === policy || content.ref?.name === policy || declared.some(({ ref }) => ref.name === policy))
    return;
  throw new TrueupError('TRUEUP_USAGE', `No policy is called ${policy}.`, {
    cause: 'The name in --only is not the metadata.name of an EdrProvider, a policy, an account or an Exclusion.',
    remedy: 'Give the name as the YAML has it.',
  });
}

function askedOf(rotate: AskedPasswords, { rotations }: Desired, devices: Iterable<Device>): AskedPasswords {
  const { policy, account } = rotate;
  const named = rotations.filter(({ ref }) => policy === null || ref.name === policy);
  if (named.length === 0) {
    const which = policy === null ? '' : ` is called ${policy}`;
    throw new TrueupError('TRUEUP_USAGE', `No PasswordRotationPolicy${which || ' is declared'}.`, {
      cause: 'Only what a PasswordRotationPolicy declares is rotated.',
      remedy: 'Declare one, or give its metadata.name as the YAML has it.',
    });
  }
  const key = account?.toLowerCase() ?? null;
  const keys = new Set(named.flatMap(({ accounts }) => accounts.map(accountKey)));
  if (key !== null && !keys.has(key)) {
    const known = [...keys].toSorted().join(', ');
    throw new TrueupError('TRUEUP_USAGE', `No PasswordRotationPolicy names the account ${account}.`, {
      cause: `Those that are meant name ${known}.`,
      remedy: 'Give the account as the YAML has it; builtin is the built-in Administrator.',
    });
  }
  const device = rotate.device === null ? null : labelOf(rotate.device, devices);
  return { ...rotate, device, account: key };
}

function isPassword(
  { kind, policy, facet }: Pick<Wanted, 'kind' | 'policy' | 'facet'>,
  asked: AskedPasswords,
): boolean {
  if (kind !== 'password.rotate' || (asked.policy !== null && policy.name !== asked.policy)) return false;
  return asked.account === null || facet.key === passwordFacet(asked.account);
}

function isRotation({ key, policy }: EffectiveRotation, asked: AskedPasswords): boolean {
  return (asked.policy === null || policy.name === asked.policy) && (asked.account === null || key === asked.account);
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
