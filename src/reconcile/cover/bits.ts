/** Sets of small numbers, a bit each: what most of the search for a cover is made of. */

export type Bits = Uint32Array;

/** An empty set with room for the numbers below `size`. */
export function noBits(size: number): Bits {
  return new Uint32Array((size + 31) >>> 5);
}

export function bitsOf(size: number, members: Iterable<number>): Bits {
  const bits = noBits(size);
  for (const member of members) add(bits, member);
  return bits;
}

export function has(bits: Bits, member: number): boolean {
  return (((bits[member >>> 5] ?? 0) >>> (member & 31)) & 1) === 1;
}

export function add(bits: Bits, member: number): void {
  bits[member >>> 5] = (bits[member >>> 5] ?? 0) | (1 << (member & 31));
}

export function remove(bits: Bits, member: number): void {
  bits[member >>> 5] = (bits[member >>> 5] ?? 0) & ~(1 << (member & 31));
}

export function union(a: Bits, b: Bits): Bits {
  const all = new Uint32Array(a.length);
  for (let at = 0; at < a.length; at += 1) all[at] = (a[at] ?? 0) | (b[at] ?? 0);
  return all;
}

export function intersection(a: Bits, b: Bits): Bits {
  const both = new Uint32Array(a.length);
  for (let at = 0; at < a.length; at += 1) both[at] = (a[at] ?? 0) & (b[at] ?? 0);
  return both;
}

export function difference(a: Bits, b: Bits): Bits {
  const left = new Uint32Array(a.length);
  for (let at = 0; at < a.length; at += 1) left[at] = (a[at] ?? 0) & ~(b[at] ?? 0);
  return left;
}

export function addAll(bits: Bits, others: Bits): void {
  for (let at = 0; at < bits.length; at += 1) bits[at] = (bits[at] ?? 0) | (others[at] ?? 0);
}

export function keepAll(bits: Bits, others: Bits): void {
  for (let at = 0; at < bits.length; at += 1) bits[at] = (bits[at] ?? 0) & (others[at] ?? 0);
}

export function removeAll(bits: Bits, others: Bits): void {
  for (let at = 0; at < bits.length; at += 1) bits[at] = (bits[at] ?? 0) & ~(others[at] ?? 0);
}

export function isWithin(a: Bits, b: Bits): boolean {
  for (let at = 0; at < a.length; at += 1) if (((a[at] ?? 0) & ~(b[at] ?? 0)) !== 0) return false;
  return true;
}

export function meet(a: Bits, b: Bits): boolean {
  for (let at = 0; at < a.length; at += 1) if (((a[at] ?? 0) & (b[at] ?? 0)) !== 0) return true;
  return false;
}

export function isEmpty(bits: Bits): boolean {
  for (let at = 0; at < bits.length; at += 1) if (bits[at] !== 0) return false;
  return true;
}

export function count(bits: Bits): number {
  let sum = 0;
  for (let at = 0; at < bits.length; at += 1) sum += ones(bits[at] ?? 0);
  return sum;
}

/** How many numbers are in both. */
export function countShared(a: Bits, b: Bits): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += ones((a[at] ?? 0) & (b[at] ?? 0));
  return sum;
}

/** Ascending. */
export function members(bits: Bits): number[] {
  const found: number[] = [];
  for (let at = 0; at < bits.length; at += 1) {
    for (let word = bits[at] ?? 0; word !== 0; word &= word - 1) found.push(at * 32 + 31 - Math.clz32(word & -word));
  }
  return found;
}

/** Equal for equal sets of one size. */
export function bitsKey(bits: Bits): string {
  return bits.join(' ');
}

export function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
