import { scriptVersion } from '../endpoint/version.ts';
import { compareText } from '../model/sid.ts';
import type { DeviceOutcome } from './outcome.ts';

const shown = 3;

/** Devices that reported with other endpoint scripts than this program's, in a sentence; null: none did. */
export function otherScripts(outcomes: readonly Pick<DeviceOutcome, 'script'>[]): string | null {
  const versions = outcomes.flatMap(({ script }) => (script === null || script === scriptVersion ? [] : [script]));
  if (versions.length === 0) return null;
  const names = [...new Set(versions.map(nameOf))].toSorted(compareText);
  const listed = names.length <= shown ? names : [...names.slice(0, shown), '…'];
  const who = versions.length === 1 ? '1 device ran' : `${versions.length} devices ran`;
  return `${who} endpoint scripts of another version (${listed.join(', ')}) than ${scriptVersion}: renew the files of the package`;
}

/** A device may say anything. */
function nameOf(version: string): string {
  return /^[A-Za-z0-9.-]{1,20}$/.test(version) ? version : 'no version at all';
}
