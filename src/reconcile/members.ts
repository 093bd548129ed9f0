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
  const before = new Int32Array(list.length);
  return () => new ListedMembers(list, before);
}

/** A class, since a fleet has some thousand of these: functions of its own for each cost ten times as much. */
class ListedMembers implements GrowingMembers {
  readonly #list: DeviceList;
  /** By place, one more than the place; 0: none came before. */
  readonly #before: Int32Array;
  #last = 0;
  #count = 0;
  #made: readonly ClassDevice[] | null = null;

  constructor(list: DeviceList, before: Int32Array) {
    this.#list = list;
    this.#before = before;
  }

  get count(): number {
    return this.#count;
  }

  get labels(): Iterable<string> {
    return this.#labels();
  }

  get devices(): readonly ClassDevice[] {
    this.#made ??= byComputerId(
      [...this.#places()].toReversed().flatMap((place) => classDeviceOf(this.#list, place)),
      idOf,
    );
    return this.#made;
  }

  add(place: number): void {
    this.#before[place] = this.#last;
    this.#last = place + 1;
    this.#count += 1;
  }

  *#places(): Generator<number> {
    for (let one = this.#last; one !== 0; one = this.#before[one - 1] as number) yield one - 1;
  }

  *#labels(): Generator<string> {
    for (let one = this.#last; one !== 0; one = this.#before[one - 1] as number) yield this.#list.labelAt(one - 1);
  }
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
