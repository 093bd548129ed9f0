/** What the store keeps of the passwords of one device, by the names that a person has for device and account. */
import { TrueupError } from '../errors.ts';
import type { AccountCredentials } from '../model/credential.ts';
import { type CalledDevice, devicesCalled, isCalled } from '../model/device-name.ts';
import { BUILTIN_ADMINISTRATOR_RID } from '../model/sid.ts';
import type { Store } from '../ports.ts';
import { builtinAccount } from '../rotation/account.ts';

export interface KeptDevice {
  readonly name: string;
  readonly computerId: string;
}

/** By any of its names. Throws TRUEUP_DEVICE_NOT_FOUND. */
export async function deviceCalled(store: Store, text: string): Promise<KeptDevice> {
  const alike: CalledDevice[] = [];
  for await (const computer of store.computers()) if (isCalled(computer, text)) alike.push(computer);
  const [found, ...others] = devicesCalled(text, alike);
  if (found === undefined) {
    // The record of a computer can go before its passwords do.
    for await (const _ of store.credentials([text])) return { name: text, computerId: text };
    throw new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `No device is called ${text}.`);
  }
  if (others.length > 0) throw ambiguous(text, [found, ...others]);
  if (found.computerId === null) throw notHeld(`No scan has met ${found.name} yet, and no password of it is kept.`);
  return { name: found.name, computerId: found.computerId };
}

/** Clones of one image can bear one name by the thousand. */
const mostNamed = 10;

function ambiguous(text: string, devices: readonly CalledDevice[]): TrueupError {
  const labels = devices.map(({ name, computerId }) => (computerId === null ? name : `${name}#${computerId}`));
  const shown = labels.toSorted().slice(0, mostNamed).join(', ');
  const more = labels.length > mostNamed ? ', …' : '';
  return new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `${labels.length} devices are called ${text}: ${shown}${more}.`, {
    cause: 'The name is not unique.',
    remedy: 'Give one of them as the message has it, or its Computer ID.',
  });
}

/** Of one device, by account. */
export async function accountsOf(store: Store, { computerId }: KeptDevice): Promise<readonly AccountCredentials[]> {
  const records: AccountCredentials[] = [];
  for await (const record of store.credentials([computerId])) records.push(record);
  return records;
}

/**
 * The one of which something is kept, or the one that is named: as it is declared, `builtin`, or by its RID. Throws
 * TRUEUP_PASSWORD_NOT_HELD, and TRUEUP_USAGE where there are several and none is named.
 */
export function accountCalled(
  records: readonly AccountCredentials[],
  account: string | null,
  device: KeptDevice,
): AccountCredentials {
  const kept = records.filter(({ credentials }) => credentials.length > 0);
  const known = kept.map((record) => record.account).join(', ');
  const meant = account === null ? kept : kept.filter((record) => isAccount(record, account));
  const [found, second] = meant;
  if (found === undefined) {
    const whose = account === null ? device.name : `${account} on ${device.name}`;
    throw notHeld(`No password of ${whose} is kept${known === '' ? '' : `; there are those of ${known}`}.`);
  }
  if (second !== undefined) {
    throw new TrueupError('TRUEUP_USAGE', `Passwords of several accounts of ${device.name} are kept: ${known}.`, {
      remedy: 'Name one with --account.',
    });
  }
  return found;
}

function isAccount(record: AccountCredentials, text: string): boolean {
  const name = text.toLowerCase();
  if (record.account === name || String(record.rid) === text) return true;
  return record.account === builtinAccount && (name === 'administrator' || text === String(BUILTIN_ADMINISTRATOR_RID));
}

export function notHeld(message: string): TrueupError {
  return new TrueupError('TRUEUP_PASSWORD_NOT_HELD', message);
}
