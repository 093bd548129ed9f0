/**
 * Places of Computer IDs: each new one gets the next, from 0. An ID of 32 bits, as Tanium gives them out, takes eight to
 * twenty bytes here, a fraction of what a map from texts does; a scan of a million devices has two of these.
 */
export interface IdPlaces {
  readonly size: number;
  readonly has: (id: string) => boolean;
  readonly placeOf: (id: string) => number;
  /** The ID that has a place, as a new text. */
  readonly idAt: (place: number) => string;
}

const firstRoom = 1024;

export function idPlaces(): IdPlaces {
  /** By place. */
  let ids = new Uint32Array(firstRoom / 2);
  /** One more than the place; 0: nothing is here. */
  let slots = new Int32Array(firstRoom);
  /** IDs that are no such number. */
  const others = new Map<string, number>();
  const otherAt = new Map<number, string>();
  let size = 0;

  /** Where the number is, or would be. */
  function slotOf(number: number): number {
    const mask = slots.length - 1;
    let slot = (Math.imul(number, 0x9e3779b1) >>> 7) & mask;
    // The place of another text has 0, which no number is.
    while (slots[slot] !== 0 && ids[(slots[slot] as number) - 1] !== number) slot = (slot + 1) & mask;
    return slot;
  }

  function grow(): void {
    const old = slots;
    slots = new Int32Array(old.length * 2);
    for (const place of old) if (place !== 0) slots[slotOf(ids[place - 1] as number)] = place;
  }

  function placeOf(id: string): number {
    const number = idNumber(id);
    const known = number === null ? others.get(id) : placeAt(slotOf(number));
    if (known !== undefined) return known;
    if (size === ids.length) ids = withRoom(ids, size * 2);
    if (number === null) {
      others.set(id, size);
      otherAt.set(size, id);
    } else {
      if (size * 3 > slots.length * 2) grow();
      ids[size] = number;
      slots[slotOf(number)] = size + 1;
    }
    size += 1;
    return size - 1;
  }

  function placeAt(slot: number): number | undefined {
    return slots[slot] === 0 ? undefined : (slots[slot] as number) - 1;
  }

  return {
    get size() {
      return size;
    },
    has: (id) => {
      const number = idNumber(id);
      return number === null ? others.has(id) : slots[slotOf(number)] !== 0;
    },
    placeOf,
    idAt: (place) => otherAt.get(place) ?? String(ids[place]),
  };
}

function withRoom(numbers: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(length);
  wider.set(numbers);
  return wider;
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
