/** The devices of a class: of nearly all of a fleet no more than the name is ever told, and that is there already. */

import { byComputerId } from './id-order.ts';
import type { DeviceList } from './observe.ts';

export interface ClassDevice {
  readonly computerId: string;
  readonly label: string;
  readonly recordId: string | null;
}

export interface Members {
  readonly count: number;
  /** In no order. */
  readonly labels: Iterable<string>;
  /** Ordered by Computer ID; made when they are first asked for. */
  readonly devices: readonly ClassDevice[];
}

export interface GrowingMembers extends Members {
  /** Adds the device at a place of the list, which is in no other class. */
  add(place: number): void;
}

/**
 * Makes classes of the devices of a list, each of which has a Computer ID. A device is in one class, and says which one
 * came before it there: so a class of any size is a number, and a million devices are four megabytes.
 */
export function classesOf(list: DeviceList): () => GrowingMembers {
  /** One more than the place; 0: none came before. */
  const before = new Int32Array(list.length);
  return () => {
    let last = 0;
    let count = 0;
    let made: readonly ClassDevice[] | null = null;
    function* places(): Generator<number> {
      for (let one = last; one !== 0; one = before[one - 1] as number) yield one - 1;
    }
    function* labels(): Generator<string> {
      for (const place of places()) yield list.labelAt(place);
    }
    return {
      get count() {
        return count;
      },
      labels: { [Symbol.iterator]: labels },
      get devices() {
        made ??= byComputerId(
          [...places()].reverse().flatMap((place) => classDeviceOf(list, place)),
          idOf,
        );
        return made;
      },
      add(place) {
        before[place] = last;
        last = place + 1;
        count += 1;
      },
    };
  };
}

function idOf({ computerId }: ClassDevice): string {
  return computerId;
}

function classDeviceOf(list: DeviceList, place: number): readonly ClassDevice[] {
  const device = list.at(place);
  if (device === undefined || device.computerId === null) return [];
  const { computerId, label, record } = device;
  return [{ computerId, label, recordId: record?.id ?? null }];
}

export function theseMembers(devices: readonly ClassDevice[]): Members {
  return { count: devices.length, labels: devices.map(({ label }) => label), devices };
}
