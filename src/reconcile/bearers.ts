/** Names that more than one machine bears, without case. */

const lastAscii = 0x7f;
/** Parts a letter from its capital, and makes others alike that seldom stand in two names at one place. */
const caseBit = 0x20;

/**
 * Answers of the name at a place whether another place has it too. Of a million names nearly all are alone: they are told
 * apart by a number each, and only those whose number comes again are compared.
 */
export function bearersOf(count: number, nameAt: (at: number) => string): (at: number) => boolean {
  const hashes = new Int32Array(count);
  const seen = new Int32Array(2 ** Math.ceil(Math.log2(count * 2 + 1)));
  const again = new Set<number>();
  for (let at = 0; at < count; at += 1) {
    const hash = hashOf(nameAt(at));
    hashes[at] = hash;
    if (!put(seen, hash)) again.add(hash);
  }
  const bearers = new Map<string, number>();
  for (let at = 0; at < count && again.size > 0; at += 1) {
    if (!again.has(hashes[at] as number)) continue;
    const name = nameAt(at).toLowerCase();
    bearers.set(name, (bearers.get(name) ?? 0) + 1);
  }
  if (again.size === 0) return () => false;
  return (at) => again.has(hashes[at] as number) && (bearers.get(nameAt(at).toLowerCase()) ?? 0) > 1;
}

/** False: it is there already. `seen` has more room than is ever put in; 0 is a free place. */
function put(seen: Int32Array, hash: number): boolean {
  const mask = seen.length - 1;
  let place = hash & mask;
  for (; seen[place] !== 0; place = (place + 1) & mask) if (seen[place] === hash) return false;
  seen[place] = hash;
  return true;
}

/** The same for names that differ in case alone; never 0. */
function hashOf(name: string): number {
  let hash = name.length;
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code > lastAscii) return hashOfOther(name.toLowerCase());
    hash = Math.imul(hash ^ (code | caseBit), 0x01000193);
  }
  return mixed(hash);
}

/** What is in the high bits counts for the low ones too. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);
  return half ^ (half >>> 13) || 1;
}

/** The lower case of a letter beyond ASCII may be one of ASCII, and more or fewer letters than before. */
function hashOfOther(lower: string): number {
  let hash = lower.length;
  for (let at = 0; at < lower.length; at += 1) {
    hash = Math.imul(hash ^ (lower.charCodeAt(at) | caseBit), 0x01000193);
  }
  return mixed(hash);
}
