/**
 * The fewest actions by trying, written apart from the search that it judges: rows and sets of columns are numbers, a bit
 * for each column, and every family of sets of one size is tried before a larger one is.
 */
export interface Table {
  /** What each row needs. */
  readonly needs: readonly number[];
  /** Columns that take: a device gets all others first, so of sets that give and take it gets one. */
  readonly takes: number;
  /** Columns that a row may get from one set only; none where it is left out. */
  readonly once?: number;
}

/** `all`: of every set of columns that a row has; else of those that could be of use, which are fewer. */
export function fewest(table: Table, all: boolean): number {
  const sets = all ? everySet(table) : usefulSets(table);
  for (let size = 0; ; size += 1) if (reaches(table, sets, [], size, !all)) return size;
}

function everySet({ needs }: Table): number[] {
  const top = Math.max(0, ...needs);
  const found: number[] = [];
  for (let set = 1; set <= top; set += 1) if (needs.some((need) => (set & need) === set)) found.push(set);
  return found;
}

/** Whole intersections of rows; what gives of them, what takes of them; with and without what may come once. */
function usefulSets({ needs, takes, once = 0 }: Table): number[] {
  let shared = new Set(needs);
  for (const need of needs) shared = new Set([...shared].flatMap((one) => [one, one & need]));
  let parts = [...shared].flatMap((one) => [one, one & takes, one & ~takes]);
  for (const bit of bitsOf(once)) parts = parts.flatMap((one) => [one, one & ~bit]);
  return [...new Set(parts)].filter((one) => one !== 0);
}

function reaches(
  table: Table,
  sets: readonly number[],
  family: readonly number[],
  size: number,
  hurry: boolean,
): boolean {
  const open = table.needs.filter((need) => !isMet(need, table, family));
  if (open.length === 0) return true;
  if (family.length === size) return false;
  let fewestWays: readonly number[] | null = null;
  for (const need of open) {
    let left = need;
    for (const set of family) if ((set & need) === set) left &= ~set;
    const within = sets.filter((set) => (set & need) === set && !family.includes(set));
    // Where each column is there and the order is in the way, any further set may be what is wanted.
    const bits = left === 0 ? [0] : bitsOf(left);
    for (const bit of bits) {
      const ways = within.filter((set) => (set & bit) === bit);
      if (fewestWays === null || ways.length < fewestWays.length) fewestWays = ways;
    }
  }
  if (hurry && apart(table, family) > size - family.length) return false;
  const rest = new Set(sets);
  for (const way of fewestWays ?? []) {
    if (reaches(table, [...rest], [...family, way], size, hurry)) return true;
    rest.delete(way);
  }
  return false;
}

/** Open pairs, none of which can share a set with another: so many sets are still wanted. */
function apart({ needs }: Table, family: readonly number[]): number {
  const pairs: [need: number, bit: number][] = [];
  for (const need of needs.toSorted((a, b) => bitsOf(a).length - bitsOf(b).length)) {
    let left = need;
    for (const set of family) if ((set & need) === set) left &= ~set;
    const bit = bitsOf(left).find((one) => pairs.every(([other, two]) => (other & one) === 0 || (need & two) === 0));
    if (bit !== undefined) pairs.push([need, bit]);
  }
  return pairs.length;
}

/** Whether some of the sets make up the row: one of them that gives and takes at most, and nothing twice that may not be. */
function isMet(need: number, { takes, once = 0 }: Table, family: readonly number[]): boolean {
  const within = family.filter((set) => (set & need) === set);
  const isMixed = (set: number): boolean => (set & takes) !== 0 && (set & ~takes) !== 0;
  const tries = (at: number, got: number, mixed: boolean): boolean => {
    if (got === need) return true;
    const set = within[at];
    if (set === undefined) return false;
    const fits = !(mixed && isMixed(set)) && (set & got & once) === 0;
    return (fits && tries(at + 1, got | set, mixed || isMixed(set))) || tries(at + 1, got, mixed);
  };
  return tries(0, 0, false);
}

function bitsOf(set: number): number[] {
  const bits: number[] = [];
  for (let bit = 1; bit <= set; bit <<= 1) if ((set & bit) !== 0) bits.push(bit);
  return bits;
}
