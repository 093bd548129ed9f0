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
  readonly labels: readonly string[];
  /** Ordered by Computer ID; made when they are first asked for. */
  readonly devices: readonly ClassDevice[];
}

export interface GrowingMembers extends Members {
  /** Adds the device at a place of the list. */
  add(place: number, label: string): void;
}

/** Each of these devices of the list has a Computer ID. */
export function membersOf(list: DeviceList): GrowingMembers {
  const places: number[] = [];
  const labels: string[] = [];
  let made: readonly ClassDevice[] | null = null;
  return {
    labels,
    get count() {
      return places.length;
    },
    get devices() {
      made ??= byComputerId(
        places.flatMap((place) => classDeviceOf(list, place)),
        ({ computerId }) => computerId,
      );
      return made;
    },
    add(place, label) {
      places.push(place);
      labels.push(label);
    },
  };
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
