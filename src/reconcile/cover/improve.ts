/**
 * Saves actions of a cover. A block is emptied, wholly or to the next full action, where all that its rows get from it can
 * come from other blocks that have targets to spare; and two blocks that each have a few devices too many have these
 * by a third.
 */
import { actionsToName, type Load, nobody, plus } from '../share-out.ts';
import { type Offer, offerOf, rowsFor } from './assign.ts';
import { type Bits, countShared, difference, intersection, isEmpty, keepAll, meet, union } from './bits.ts';
import type { Block, Matrix, Patience, Rules } from './matrix.ts';

/** With more blocks, no two are tried together. */
const maxPaired = 150;

export function improve(matrix: Matrix, rules: Rules, patience: Patience, blocks: readonly Block[]): readonly Block[] {
  let before = blocks;
  for (;;) {
    const draft = draftOf(matrix, rules, patience, widened(matrix, rules, before));
    let saved = false;
    while (saving(draft) || pairing(draft)) saved = true;
    if (!saved) return before;
    before = draft.blocks.flatMap(({ columns, rows }) =>
      rows.size === 0 ? [] : [{ columns, rows: [...rows].toSorted((a, b) => a - b) }],
    );
  }
}

interface DraftBlock extends Offer {
  readonly rows: Set<number>;
  load: Load;
}

interface Draft {
  readonly matrix: Matrix;
  readonly rules: Rules;
  readonly patience: Patience;
  readonly blocks: DraftBlock[];
  /** Of each row, the blocks that it could take. */
  readonly offers: readonly DraftBlock[][];
  /** Of each row, those that it takes. */
  readonly taken: readonly Set<DraftBlock>[];
}

function draftOf(matrix: Matrix, rules: Rules, patience: Patience, blocks: readonly Block[]): Draft {
  const draft: Draft = {
    matrix,
    rules,
    patience,
    blocks: [],
    offers: matrix.rows.map(() => []),
    taken: matrix.rows.map(() => new Set<DraftBlock>()),
  };
  for (const { columns, rows } of blocks) {
    const block = open(draft, columns);
    for (const row of rows) join(draft, block, row);
  }
  return draft;
}

function open({ matrix, blocks, offers }: Draft, columns: Bits): DraftBlock {
  const block: DraftBlock = { ...offerOf(matrix, columns), rows: new Set(), load: nobody };
  blocks.push(block);
  for (const row of rowsFor(matrix, columns)) offers[row]?.push(block);
  return block;
}

/** Devices without which the block would take an action less. */
function excessOf({ rules: { capacity } }: Draft, { load: { devices, byNumber } }: DraftBlock): number {
  // Of some by number and some by name it depends on which they are: all of them or none.
  return byNumber === 0 ? ((devices + capacity.byName - 1) % capacity.byName) + 1 : devices;
}

/** Those with devices, the one with the fewest too many first. */
function byExcess(draft: Draft): DraftBlock[] {
  return draft.blocks.filter(({ rows }) => rows.size > 0).toSorted((a, b) => excessOf(draft, a) - excessOf(draft, b));
}

function saving(draft: Draft): boolean {
  let saved = false;
  for (const block of byExcess(draft)) {
    if (block.rows.size > 0 && empty(draft, block, excessOf(draft, block))) saved = true;
  }
  return saved;
}

/** Rows that take both of two blocks take one with the columns of both, where that saves an action of each. */
function pairing(draft: Draft): boolean {
  const blocks = byExcess(draft);
  if (blocks.length > maxPaired) return false;
  let saved = false;
  for (const [at, one] of blocks.entries()) {
    for (const two of blocks.slice(0, at)) if (pair(draft, one, two)) saved = true;
  }
  return saved;
}

function pair(draft: Draft, one: DraftBlock, two: DraftBlock): boolean {
  const { matrix, rules, patience, taken } = draft;
  const columns = union(one.columns, two.columns);
  const { mixed } = offerOf(matrix, columns);
  if (one.rows.size === 0 || two.rows.size === 0 || patience.looks <= 0) return false;
  const wanted = Math.max(excessOf(draft, one), excessOf(draft, two));
  const rows: number[] = [];
  let load = nobody;
  for (const row of one.rows) {
    if (load.devices >= wanted) break;
    if (!two.rows.has(row)) continue;
    if (mixed && [...(taken[row] ?? [])].some((other) => other.mixed && other !== one && other !== two)) continue;
    rows.push(row);
    load = plus(load, matrix.rows[row]);
  }
  patience.looks -= one.rows.size;
  if (load.devices < wanted || actionsToName(load, rules.capacity) > 1 || rules.actionsFor(columns) > 1) return false;
  const both = open(draft, columns);
  for (const row of rows) {
    leave(draft, one, row);
    leave(draft, two, row);
    join(draft, both, row);
  }
  return true;
}

interface Move {
  readonly row: number;
  readonly to: readonly DraftBlock[];
}

/** Takes rows with at least so many devices out of the block; where that cannot be, nothing is changed. */
function empty(draft: Draft, block: DraftBlock, excess: number): boolean {
  const moves: Move[] = [];
  /** What blocks would have then. */
  const laden = new Map<DraftBlock, Load>();
  let moved = 0;
  for (const row of block.rows) {
    if (moved >= excess) break;
    const to = others(draft, block, row, laden);
    if (to === null) {
      if (excess === block.load.devices) return false;
      continue;
    }
    for (const other of to) laden.set(other, plus(laden.get(other) ?? other.load, draft.matrix.rows[row]));
    moves.push({ row, to });
    moved += draft.matrix.rows[row]?.devices ?? 0;
  }
  if (moved < excess) return false;
  for (const { row, to } of moves) {
    leave(draft, block, row);
    for (const other of to) join(draft, other, row);
    for (const other of draft.taken[row] ?? []) if (isEmpty(aloneOf(draft, other, row))) leave(draft, other, row);
  }
  return true;
}

/** Blocks that together bring the row what only this one brings it; null: they are not there, or full. */
function others(
  draft: Draft,
  block: DraftBlock,
  row: number,
  laden: ReadonlyMap<DraftBlock, Load>,
): readonly DraftBlock[] | null {
  const { matrix } = draft;
  let left = aloneOf(draft, block, row);
  if (isEmpty(left)) return [];
  if (draft.patience.looks <= 0) return null;
  const beside = [...(draft.taken[row] ?? [])].filter((other) => other !== block);
  const to: DraftBlock[] = [];
  const fits = (offer: DraftBlock): boolean =>
    offer !== block &&
    offer.rows.size > 0 &&
    !beside.includes(offer) &&
    hasRoom(draft, laden.get(offer) ?? offer.load, row) &&
    !(offer.mixed && beside.some(({ mixed }) => mixed)) &&
    !beside.some(({ columns }) => shareOnce(matrix, columns, offer.columns));
  while (!isEmpty(left)) {
    let [most, found]: [number, DraftBlock | null] = [0, null];
    for (const offer of draft.offers[row] ?? []) {
      const gain = countShared(left, offer.columns);
      if (gain > most && fits(offer)) [most, found] = [gain, offer];
    }
    draft.patience.looks -= draft.offers[row]?.length ?? 0;
    if (found === null) return null;
    to.push(found);
    beside.push(found);
    left = difference(left, found.columns);
  }
  return to;
}

function shareOnce({ once }: Matrix, a: Bits, b: Bits): boolean {
  return meet(a, once) && meet(b, once) && !isEmpty(intersection(intersection(a, b), once));
}

/** The row costs a block with these devices no further action. */
function hasRoom({ matrix, rules: { capacity } }: Draft, load: Load, row: number): boolean {
  return actionsToName(plus(load, matrix.rows[row]), capacity) <= actionsToName(load, capacity);
}

/** What no other block brings the row. */
function aloneOf({ taken }: Pick<Draft, 'taken'>, block: DraftBlock, row: number): Bits {
  let alone = block.columns;
  for (const other of taken[row] ?? []) if (other !== block) alone = difference(alone, other.columns);
  return alone;
}

function leave({ matrix, taken }: Draft, block: DraftBlock, row: number): void {
  block.rows.delete(row);
  const { devices = 0, byNumber = 0 } = matrix.rows[row] ?? {};
  block.load = plus(block.load, { devices: -devices, byNumber: -byNumber });
  taken[row]?.delete(block);
}

function join({ matrix, taken }: Draft, block: DraftBlock, row: number): void {
  block.rows.add(row);
  block.load = plus(block.load, matrix.rows[row]);
  taken[row]?.add(block);
}

/** Each block with all columns that its rows have in common, so that others may become needless. */
function widened(matrix: Matrix, rules: Rules, blocks: readonly Block[]): readonly Block[] {
  return blocks.map((block): Block => {
    const { columns, rows } = block;
    const common = matrix.rows[rows[0] ?? 0]?.need.slice() ?? columns;
    for (const row of rows) keepAll(common, matrix.rows[row]?.need ?? common);
    if (!meet(columns, matrix.gives)) keepAll(common, matrix.takes);
    if (!meet(columns, matrix.takes)) keepAll(common, matrix.gives);
    const wide = difference(common, difference(matrix.once, columns));
    return rules.actionsFor(wide) > rules.actionsFor(columns) ? block : { columns: wide, rows };
  });
}
