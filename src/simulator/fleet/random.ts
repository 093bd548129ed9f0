/** A small seeded generator of random numbers (sfc32), so that a fleet is the same wherever it is made. */
export interface Random {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
}

/** `purpose` keeps streams apart: what is drawn for one never shifts what is drawn for another. */
export function randomFrom(seed: number, purpose: string): Random {
  const next = sfc32(hash(`${seed}`, 1), hash(purpose, 2), hash(`${seed} ${purpose}`, 3), hash(purpose, 4));
  const below = (limit: number): number => Math.floor((next() / 0x1_0000_0000) * limit);
  return {
    below,
    pick: (items) => inTurn(items, below(items.length)),
    shuffled: (items) => {
      const order = [...items];
      for (let at = order.length - 1; at > 0; at -= 1) {
        const other = below(at + 1);
        const [a, b] = [order[at], order[other]];
        if (a === undefined || b === undefined) continue;
        order[at] = b;
        order[other] = a;
      }
      return order;
    },
  };
}

/** The item whose turn it is, over and over. Throws a RangeError where there is none. */
export function inTurn<T>(items: readonly T[], turn: number): T {
  const item = items[turn % items.length];
  if (item === undefined) throw new RangeError('there is nothing to take turns');
  return item;
}

/** 32 random bits a call: PractRand's sfc32, four words of state. */
function sfc32(a: number, b: number, c: number, d: number): () => number {
  const next = (): number => {
    const result = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result >>> 0;
  };
  for (let round = 0; round < 15; round += 1) next();
  return next;
}

/** FNV-1a, 32 bits. */
function hash(text: string, salt: number): number {
  let value = 0x811c9dc5 ^ salt;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value | 0;
}
