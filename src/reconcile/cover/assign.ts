/** Given some sets of columns, which classes of devices take which of them. */
import {
  add,
  addAll,
  type Bits,
  bitsKey,
  count,
  countShared,
  difference,
  has,
  intersection,
  isEmpty,
  isWithin,
  meet,
  members,
  noBits,
} from './bits.ts';
import { type Block, isMixed, type Matrix } from './matrix.ts';

/** A set of columns that a row may take. */
export interface Offer {
  readonly columns: Bits;
  readonly mixed: boolean;
}

export interface Choice<O extends Offer> {
  readonly chosen: readonly O[];
  /** What none of them covers. */
  readonly left: Bits;
}

export function offerOf(matrix: Matrix, columns: Bits): Offer {
  return { columns, mixed: isMixed(matrix, columns) };
}

/**
 * Blocks of these sets, each for the rows that cannot do without; what they leave out of a row becomes blocks of its
 * own, one that gives and one that takes, shared by rows that lack the same.
 */
export function assign(matrix: Matrix, sets: readonly Bits[]): Block[] {
  const blocks = sets.map((columns) => ({ ...offerOf(matrix, columns), rows: [] as number[] }));
  const offers = offersIn(matrix, blocks);
  const rests = new Map<string, { readonly columns: Bits; readonly rows: number[] }>();
  for (const [row, { need }] of matrix.rows.entries()) {
    const { chosen, left } = choose(matrix, need, offers[row] ?? []);
    for (const block of chosen) block.rows.push(row);
    for (const columns of [intersection(left, matrix.gives), intersection(left, matrix.takes)]) {
      if (isEmpty(columns)) continue;
      const key = bitsKey(columns);
      const rest = rests.get(key) ?? { columns, rows: [] };
      rests.set(key, rest);
      rest.rows.push(row);
    }
  }
  return [...blocks, ...rests.values()].filter(({ rows }) => rows.length > 0);
}

/** Of each row, those that it could take. */
function offersIn<O extends Offer>(matrix: Matrix, all: readonly O[]): O[][] {
  const offers: O[][] = matrix.rows.map(() => []);
  for (const offer of all) for (const row of rowsFor(matrix, offer.columns)) offers[row]?.push(offer);
  return offers;
}

/** The rows that need all of these. */
export function rowsFor({ rows, columns: all }: Matrix, columns: Bits): number[] {
  const [first = 0] = members(columns);
  const some = members(all[first]?.rows ?? noBits(0));
  return some.filter((row) => isWithin(columns, rows[row]?.need ?? noBits(0)));
}

/** Of offers within `need`, few that cover as much as can be, and that one device has room for. */
function choose<O extends Offer>(matrix: Matrix, need: Bits, offers: readonly O[]): Choice<O> {
  let best: (Choice<O> & { readonly size: number }) | null = null;
  for (const start of startsOf(matrix, need, offers)) {
    const choice = filled(matrix, need, offers, start);
    const size = count(choice.left);
    if (best === null || size < best.size || (size === best.size && choice.chosen.length < best.chosen.length)) {
      best = { ...choice, size };
    }
  }
  return best ?? { chosen: [], left: need };
}

/** Whether some of these cover all of it. */
export function isCovered(matrix: Matrix, need: Bits, offers: readonly Offer[]): boolean {
  for (const start of startsOf(matrix, need, offers)) {
    const covered = new Uint32Array(need.length);
    for (const { columns } of start) addAll(covered, columns);
    for (const offer of offers) if (isFree(matrix, offer)) addAll(covered, offer.columns);
    if (isWithin(need, covered)) return true;
  }
  return false;
}

/** Of such as these a device has room for any number. */
function isFree(matrix: Matrix, { columns, mixed }: Offer): boolean {
  return !mixed && !meet(columns, matrix.once);
}

/** Each way to pick from those of which there is not room for all: one that is mixed, one for each `once`, or none. */
function* startsOf<O extends Offer>(matrix: Matrix, need: Bits, offers: readonly O[]): Generator<readonly O[]> {
  const picky = offers.filter((offer) => !isFree(matrix, offer));
  const once = members(intersection(need, matrix.once));
  const mixed = picky.filter((offer) => offer.mixed && !meet(offer.columns, matrix.once));

  function* pick(at: number, chosen: readonly O[], closed: Bits): Generator<readonly O[]> {
    const column = once[at];
    if (column === undefined) {
      yield chosen;
      if (!chosen.some((offer) => offer.mixed)) for (const offer of mixed) yield [...chosen, offer];
      return;
    }
    if (!has(closed, column)) {
      for (const offer of picky) {
        const { columns } = offer;
        if (!has(columns, column) || meet(columns, closed) || (offer.mixed && chosen.some((one) => one.mixed)))
          continue;
        const taken = intersection(columns, matrix.once);
        addAll(taken, closed);
        yield* pick(at + 1, [...chosen, offer], taken);
      }
    }
    const without = closed.slice();
    add(without, column);
    yield* pick(at + 1, chosen, without);
  }
  yield* pick(0, [], new Uint32Array(need.length));
}

/** Adds those that cover most, one after the other, and lets go of what is not needed in the end. */
function filled<O extends Offer>(matrix: Matrix, need: Bits, offers: readonly O[], start: readonly O[]): Choice<O> {
  const chosen = [...start];
  let left = need;
  for (const { columns } of start) left = difference(left, columns);
  const free = offers.filter((offer) => isFree(matrix, offer));
  while (!isEmpty(left)) {
    let [most, found]: [number, O | null] = [0, null];
    for (const offer of free) {
      const gain = countShared(left, offer.columns);
      if (gain > most) [most, found] = [gain, offer];
    }
    if (found === null) break;
    chosen.push(found);
    left = difference(left, found.columns);
  }
  return { chosen: withoutIdle(chosen, need), left };
}

function withoutIdle<O extends Offer>(chosen: readonly O[], need: Bits): readonly O[] {
  let kept = chosen;
  for (const offer of chosen) {
    const others = kept.filter((other) => other !== offer);
    let alone = intersection(offer.columns, need);
    for (const { columns } of others) alone = difference(alone, columns);
    if (isEmpty(alone)) kept = others;
  }
  return kept;
}
