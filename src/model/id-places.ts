/**
 * Places of Computer IDs: each new one gets the next, from 0. An ID of 32 bits, as Tanium gives them out, takes twelve to
 * twenty-four bytes here, a fraction of what a map from texts does; a scan of a million devices has two of these.
 */
export interface IdPlaces {
  readonly size: number;
  readonly has: (id: string) => boolean;
  readonly placeOf: (id: string) => number;
}

const firstRoom = 1024;

export function idPlaces(): IdPlaces {
  let ids = new Uint32Array(firstRoom);
  /** One more than the place; 0: nothing is here. */
  let places = new Int32Array(firstRoom);
  const others = new Map<string, number>();
  let size = 0;

  /** Where the number is, or would be. */
  function slotOf(number: number): number {
    const mask = ids.length - 1;
    let slot = (Math.imul(number, 0x9e3779b1) >>> 7) & mask;
    while (places[slot] !== 0 && ids[slot] !== number) slot = (slot + 1) & mask;
    return slot;
  }

  function grow(): void {
    const [oldIds, oldPlaces] = [ids, places];
    ids = new Uint32Array(oldIds.length * 2);
    places = new Int32Array(oldIds.length * 2);
    for (let old = 0; old < oldIds.length; old += 1) {
      if (oldPlaces[old] === 0) continue;
      const slot = slotOf(oldIds[old] as number);
      ids[slot] = oldIds[old] as number;
      places[slot] = oldPlaces[old] as number;
    }
  }

  function placeOf(id: string): number {
    const number = idNumber(id);
    if (number === null) {
      const known = others.get(id);
      if (known !== undefined) return known;
      others.set(id, size);
    } else {
      if (size * 3 > ids.length * 2) grow();
      const slot = slotOf(number);
      if (places[slot] !== 0) return (places[slot] as number) - 1;
      ids[slot] = number;
      places[slot] = size + 1;
    }
    size += 1;
    return size - 1;
  }

  return {
    get size() {
      return size;
    },
    has: (id) => {
      const number = idNumber(id);
      return number === null ? others.has(id) : places[slotOf(number)] !== 0;
    },
    placeOf,
  };
}

const zero = 0x30;
const maxDigits = 10;

/** The number of 32 bits that an ID spells as JavaScript would; null: it is another text. */
export function idNumber(id: string): number | null {
  if (id.length === 0 || id.length > maxDigits || id.charCodeAt(0) === zero) return null;
  let number = 0;
  for (let at = 0; at < id.length; at += 1) {
    const digit = id.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return null;
    number = number * 10 + digit;
  }
  return number < 2 ** 32 ? number : null;
}
