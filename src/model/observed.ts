import type { Inventory } from './inventory.ts';

/** One distinct sensor answer; a million devices share a few thousand of them. */
export type ObservedText =
  | { readonly text: string; readonly kind: 'inventory'; readonly inventory: Inventory }
  /** The device answered, but with no state: another platform, a sensor error, text that is not ours. */
  | { readonly text: string; readonly kind: 'not-windows' | 'no-answer' | 'malformed'; readonly message: string };

export interface ObservedDevice {
  /** Tanium's Computer ID: the identity of a device, digits. */
  readonly computerId: string;
  /** The Computer Name, which two devices may share. */
  readonly name: string;
  readonly domain: string | null;
  readonly os: string;
  /** Index into {@link Observation.texts}. */
  readonly text: number;
}

/** They may be too many for an object each: every one is made anew whenever it is asked for. */
export interface ObservedDevices extends Iterable<ObservedDevice> {
  readonly length: number;
  at(place: number): ObservedDevice | undefined;
  /** Without making the rest; undefined: there is no such place. */
  nameAt(place: number): string | undefined;
  /** What each answered, place by place, without making the rest. */
  readonly textIndexes: Iterable<number>;
}

/** Of a few that are there. */
export function listed(devices: readonly ObservedDevice[]): ObservedDevices {
  return {
    length: devices.length,
    at: (place) => devices[place],
    nameAt: (place) => devices[place]?.name,
    textIndexes: devices.map(({ text }) => text),
    [Symbol.iterator]: () => devices[Symbol.iterator](),
  };
}

/** One scan of the fleet as it was answered; names and texts are data of an untrusted origin. */
export interface Observation<Text = ObservedText> {
  /** The server's own clock at the end of the scan, ISO 8601 to the second; null: nothing was scanned. */
  readonly at: string | null;
  /** Seconds between `at` and the moment the plan looks at it; 0 for a scan made for this plan. */
  readonly ageSeconds: number;
  /** Devices that Tanium expected to answer. */
  readonly expected: number;
  readonly texts: readonly Text[];
  readonly devices: ObservedDevices;
  /** Members of each Tanium group that a selector names, by Computer ID. */
  readonly groupMembers: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Whatever was asked for: nobody was. */
export const nothingObserved: Observation<never> = {
  at: null,
  ageSeconds: 0,
  expected: 0,
  texts: [],
  devices: listed([]),
  groupMembers: new Map(),
};
