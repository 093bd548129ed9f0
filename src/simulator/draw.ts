/** Chance by seed: the same draw is the same number, whenever and in whatever order it is drawn. */

/** A number from 0 to below 1 for each pair of whole numbers. */
export type Draw = (a: number, b?: number) => number;

/** `purpose` keeps draws apart that are about the same pair. */
export function drawFrom(seed: number, purpose: string): Draw {
  const salt = mix(hashText(purpose) ^ mix(seed | 0) ^ mix(Math.floor(seed / 0x1_0000_0000)));
  return (a, b = 0) => mix(mix(salt ^ (a | 0)) ^ Math.imul(b | 0, 0x9e3779b1)) / 0x1_0000_0000;
}

/** FNV-1a, 32 bits, without a sign. */
export function hashText(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** The finalizer of MurmurHash3: every bit of the input moves half of those of the output. */
function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
