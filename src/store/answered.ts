/**
 * Who answered a scan, as a set of device numbers: one bit a device, so that the record of a scan of a million devices
 * is 125 KB before it is compressed, and a rescan that found nothing new writes nothing else.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export interface Answered {
  bits: Uint8Array;
  count: number;
}

export function nobody(): Answered {
  return { bits: new Uint8Array(1024), count: 0 };
}

/** False: it was in already. */
export function add(set: Answered, device: number): boolean {
  const index = device >>> 3;
  if (index >= set.bits.length) {
    const wider = new Uint8Array(Math.max(index + 1, set.bits.length * 2));
    wider.set(set.bits);
    set.bits = wider;
  }
  if (has(set, device)) return false;
  set.bits[index] = (set.bits[index] ?? 0) | (1 << (device & 7));
  set.count++;
  return true;
}

export function has(set: Answered, device: number): boolean {
  return ((set.bits[device >>> 3] ?? 0) & (1 << (device & 7))) !== 0;
}

/** Those of `before` that are not in `after`, ascending. */
export function* gone(before: Answered, after: Answered): Generator<number> {
  for (let index = 0; index < before.bits.length; index++) {
    const missing = (before.bits[index] ?? 0) & ~(after.bits[index] ?? 0);
    for (let bit = 0; missing >>> bit !== 0; bit++) {
      if ((missing & (1 << bit)) !== 0) yield index * 8 + bit;
    }
  }
}

/** Ascending. */
export function members(set: Answered): Generator<number> {
  return gone(set, nobody());
}

/** Adds all of `more`. */
export function unite(set: Answered, more: Answered): void {
  if (more.bits.length > set.bits.length) {
    const wider = new Uint8Array(more.bits.length);
    wider.set(set.bits);
    set.bits = wider;
  }
  for (let index = 0; index < more.bits.length; index++)
    set.bits[index] = (set.bits[index] ?? 0) | (more.bits[index] ?? 0);
  set.count = countOf(set.bits);
}

/** Takes out all of `less`; answers whether any was in. */
export function subtract(set: Answered, less: Answered): boolean {
  const length = Math.min(set.bits.length, less.bits.length);
  for (let index = 0; index < length; index++) set.bits[index] = (set.bits[index] ?? 0) & ~(less.bits[index] ?? 0);
  const before = set.count;
  set.count = countOf(set.bits);
  return set.count < before;
}

/** Bits in each byte. */
const counts = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function countOf(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) count += counts[byte] ?? 0;
  return count;
}

export function encode(set: Answered): Uint8Array {
  return deflateRawSync(set.bits);
}

export function decode(bytes: Uint8Array): Answered {
  const bits = new Uint8Array(inflateRawSync(bytes));
  return { bits, count: countOf(bits) };
}
