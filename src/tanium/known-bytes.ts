/**
 * Bytes that come again, found without looking where they end: in a tree whose forks each look at one bit of one place, a
 * place in which two of them differ (Morrison's PATRICIA, 1968), and by one comparison with what it leads to. None may be
 * the beginning of another, which holds for JSON with its closing mark; so no fork on the way to a value looks behind it.
 */

export interface Known<T> {
  readonly bytes: Buffer;
  readonly value: T;
}

export interface KnownBytes<T> {
  /** What stands at `from`; null: nothing that is known. */
  readonly find: (bytes: Buffer, from: number) => Known<T> | null;
  /** Keeps what was not found, and answers its bytes as they are kept: those of `own`, where somebody has them already. */
  readonly keep: (bytes: Buffer, from: number, to: number, value: T, own?: Buffer) => Buffer;
}

/** Of all that is kept, and then is forgotten; some thousand states of devices are a few megabytes. */
const maxKept = 32 * 1024 * 1024;
/** Devices choose what they say, and could make a way as long as there are devices. */
const maxForks = 512;

export function knownBytes<T>(): KnownBytes<T> {
  let known: Known<T>[] = [];
  /** Of each fork: the place, the bit, and what follows where that is 0 or 1: a fork, or `~` of something known. */
  let places: number[] = [];
  let bits: number[] = [];
  let zeros: number[] = [];
  let ones: number[] = [];
  let root = ~0;
  let kept = 0;

  function nearest(bytes: Buffer, from: number): Known<T> | null {
    const length = bytes.length;
    let next = root;
    for (let forks = 0; next >= 0; forks += 1) {
      const at = from + (places[next] as number);
      if (at >= length || forks === maxForks) return null;
      next = ((bytes[at] as number) & (bits[next] as number)) === 0 ? (zeros[next] as number) : (ones[next] as number);
    }
    return known[~next] ?? null;
  }

  function find(bytes: Buffer, from: number): Known<T> | null {
    const likely = nearest(bytes, from);
    if (likely === null) return null;
    const to = from + likely.bytes.length;
    return to <= bytes.length && likely.bytes.compare(bytes, from, to) === 0 ? likely : null;
  }

  function keep(bytes: Buffer, from: number, to: number, value: T, given?: Buffer): Buffer {
    if (kept + to - from > maxKept) forget();
    // A copy: the bytes are a view of all that came with them.
    const own = given ?? Buffer.from(bytes.subarray(from, to));
    if (known.length > 0) {
      const other = nearest(bytes, from);
      if (other === null || !fork(own, other.bytes)) return own;
    }
    known.push({ bytes: own, value });
    kept += own.length;
    return own;
  }

  function forget(): void {
    known = [];
    [places, bits, zeros, ones] = [[], [], [], []];
    root = ~0;
    kept = 0;
  }

  /** Makes the fork at which `own` leaves the way to `other`, than which nothing has more in common with it. */
  function fork(own: Buffer, other: Buffer): boolean {
    let place = 0;
    while (place < own.length && own[place] === other[place]) place += 1;
    if (place === own.length || place === other.length) return false;
    const bit = 1 << (31 - Math.clz32((own[place] as number) ^ (other[place] as number)));
    let before = -1;
    let next = root;
    while (next >= 0 && isBefore(next, place, bit)) {
      before = next;
      next = isOne(own, next) ? (ones[next] as number) : (zeros[next] as number);
    }
    const made = places.push(place) - 1;
    bits.push(bit);
    const ownIsOne = isOne(own, made);
    zeros.push(ownIsOne ? next : ~known.length);
    ones.push(ownIsOne ? ~known.length : next);
    if (before === -1) root = made;
    else if (isOne(own, before)) ones[before] = made;
    else zeros[before] = made;
    return true;
  }

  function isBefore(one: number, place: number, bit: number): boolean {
    const at = places[one] as number;
    return at < place || (at === place && (bits[one] as number) > bit);
  }

  function isOne(bytes: Buffer, at: number): boolean {
    return ((bytes[places[at] as number] as number) & (bits[at] as number)) !== 0;
  }

  return { find, keep };
}
