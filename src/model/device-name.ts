/** What a person calls a device: every option takes the same spellings (7-command-line.md). */
import { shortName } from './selector.ts';

export interface CalledDevice {
  /** The Computer Name, often fully qualified. */
  readonly name: string;
  /** Null: a record that no scan has met yet. */
  readonly computerId: string | null;
}

/** By Computer ID, or by Computer Name, with or without its domain and `#COMPUTERID`; names in either case. */
export function isCalled({ name, computerId }: CalledDevice, text: string): boolean {
  const [, plain, id] = /^(.*)#(\d+)$/s.exec(text) ?? [];
  if (plain !== undefined) return computerId === id && hasName(name, plain);
  return computerId === text || hasName(name, text);
}

/** Several where the text does not say which; those of the very Computer Name come before any other reading. */
export function devicesCalled<D extends CalledDevice>(text: string, devices: readonly D[]): readonly D[] {
  const found = devices.filter((device) => isCalled(device, text));
  const exact = found.filter(({ name }) => name.toLowerCase() === text.toLowerCase());
  return exact.length > 0 ? exact : found;
}

function hasName(name: string, text: string): boolean {
  const lower = text.toLowerCase();
  return name.toLowerCase() === lower || shortName(name).toLowerCase() === lower;
}
