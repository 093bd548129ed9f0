/** The devices of a scan column by column: of a million of them an object each would be the most of what a scan holds. */
import { idPlaces } from '../model/id-places.ts';
import type { ObservedDevice, ObservedDevices } from '../model/observed.ts';
import type { DeviceRow } from '../ports.ts';

export interface DeviceColumns extends ObservedDevices {
  /** `text`: index of what it answered. One that is there already gets new values in its place. */
  put(row: Pick<DeviceRow, 'computerId' | 'name' | 'domain' | 'os'>, text: number): void;
}

/** A fleet has a handful of them. */
interface Kind {
  readonly os: string;
  readonly domain: string | null;
}

const firstRoom = 1024;

export function deviceColumns(): DeviceColumns {
  const places = idPlaces();
  const names: string[] = [];
  let texts = new Int32Array(firstRoom);
  let kindAt = new Int32Array(firstRoom);
  const kinds: Kind[] = [];
  const kindOf = new Map<string, Map<string | null, number>>();

  function kindIndex(os: string, domain: string | null): number {
    const ofSystem = kindOf.get(os) ?? new Map<string | null, number>();
    kindOf.set(os, ofSystem);
    const known = ofSystem.get(domain);
    if (known !== undefined) return known;
    const index = kinds.push({ os, domain }) - 1;
    ofSystem.set(domain, index);
    return index;
  }

  function at(place: number): ObservedDevice | undefined {
    const name = names[place];
    const kind = kinds[kindAt[place] ?? -1];
    if (name === undefined || kind === undefined) return undefined;
    const { os, domain } = kind;
    return { computerId: places.idAt(place), name, domain, os, text: texts[place] as number };
  }

  return {
    put({ computerId, name, domain, os }, text) {
      const place = places.placeOf(computerId);
      if (place === texts.length) {
        texts = withRoom(texts, place * 2);
        kindAt = withRoom(kindAt, place * 2);
      }
      names[place] = name;
      texts[place] = text;
      kindAt[place] = kindIndex(os, domain);
    },
    get length() {
      return names.length;
    },
    at,
    nameAt: (place) => names[place],
    get textIndexes() {
      return texts.subarray(0, names.length);
    },
    *[Symbol.iterator]() {
      for (let place = 0; place < names.length; place += 1) yield at(place) as ObservedDevice;
    },
  };
}

function withRoom(numbers: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(length);
  wider.set(numbers);
  return wider;
}
