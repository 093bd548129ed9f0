/**
 * Saves actions of a cover: a block is emptied, wholly or to the next full action, where all that its rows get from it
 * can come from other blocks that have targets to spare.
 */

import { type Offer, offerOf } from './assign.ts';
import { type Bits, count, difference, intersection, isEmpty, isWithin, keepAll, meet } from './bits.ts';
import { type Block, devicesOf, type Matrix, type Rules } from './matrix.ts';

export function improve(matrix: Matrix, rules: Rules, blocks: readonly Block[]): readonly Block[] {
  let before = blocks;
  for (;;) {
    const draft = draftOf(matrix, rules, widened(matrix, rules, before));
    let saved = false;
    for (let pass = saving(draft); pass; pass = saving(draft)) saved = true;
    if (!saved) return before;
    before = draft.blocks.flatMap(({ columns, rows }) =>
      rows.size === 0 ? [] : [{ columns, rows: [...rows].toSorted((a, b) => a - b) }],
    );
  }
}

interface DraftBlock extends Offer {
  readonly rows: Set<number>;
  devices: number;
}

interface Draft {
  readonly matrix: Matrix;
  readonly maxTargets: number;
  readonly blocks: readonly DraftBlock[];
  /** Of each row, the blocks that it could take. */
  readonly offers: readonly (readonly DraftBlock[])[];
  /** Of each row, those that it takes. */
  readonly taken: readonly Set<DraftBlock>[];
}

function draftOf(matrix: Matrix, { maxTargets }: Rules, blocks: readonly Block[]): Draft {
  const drafts = blocks.map(({ columns, rows }): DraftBlock => {
    return { ...offerOf(matrix, columns), rows: new Set(rows), devices: devicesOf(matrix, rows) };
  });
  return {
    matrix,
    maxTargets,
    blocks: drafts,
    offers: matrix.rows.map(({ need }) => drafts.filter(({ columns }) => isWithin(columns, need))),
    taken: matrix.rows.map((_, row) => new Set(drafts.filter(({ rows }) => rows.has(row)))),
  };
}

/** Tries each block, the one with the fewest devices too many first. */
function saving(draft: Draft): boolean {
  const { maxTargets } = draft;
  const excess = ({ devices }: DraftBlock): number => ((devices + maxTargets - 1) % maxTargets) + 1;
  const order = draft.blocks.filter(({ rows }) => rows.size > 0).toSorted((a, b) => excess(a) - excess(b));
  let saved = false;
  for (const block of order) if (block.rows.size > 0 && empty(draft, block, excess(block))) saved = true;
  return saved;
}

interface Move {
  readonly row: number;
  readonly to: readonly DraftBlock[];
}

/** Takes rows with at least so many devices out of the block; where that cannot be, nothing is changed. */
function empty(draft: Draft, block: DraftBlock, excess: number): boolean {
  const moves: Move[] = [];
  const spare = new Map<DraftBlock, number>();
  let moved = 0;
  for (const row of block.rows) {
    if (moved >= excess) break;
    const devices = draft.matrix.rows[row]?.devices ?? 0;
    const to = others(draft, block, row, devices, spare);
    if (to === null) {
      if (excess === block.devices) return false;
      continue;
    }
    for (const other of to) spare.set(other, spareOf(draft, other, spare) - devices);
    moves.push({ row, to });
    moved += devices;
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
  devices: number,
  spare: ReadonlyMap<DraftBlock, number>,
): readonly DraftBlock[] | null {
  const { matrix } = draft;
  let left = aloneOf(draft, block, row);
  if (isEmpty(left)) return [];
  const beside = [...(draft.taken[row] ?? [])].filter((other) => other !== block);
  const to: DraftBlock[] = [];
  const fits = (offer: DraftBlock): boolean =>
    offer !== block &&
    offer.rows.size > 0 &&
    !beside.includes(offer) &&
    spareOf(draft, offer, spare) >= devices &&
    !(offer.mixed && beside.some(({ mixed }) => mixed)) &&
    !beside.some(({ columns }) => meet(intersection(columns, offer.columns), matrix.once));
  while (!isEmpty(left)) {
    let [most, found]: [number, DraftBlock | null] = [0, null];
    for (const offer of draft.offers[row] ?? []) {
      const gain = count(intersection(left, offer.columns));
      if (gain > most && fits(offer)) [most, found] = [gain, offer];
    }
    if (found === null) return null;
    to.push(found);
    beside.push(found);
    left = difference(left, found.columns);
  }
  return to;
}

/** Devices that the actions of a block have room for. */
function spareOf({ maxTargets }: Draft, block: DraftBlock, spare: ReadonlyMap<DraftBlock, number>): number {
  return spare.get(block) ?? Math.ceil(block.devices / maxTargets) * maxTargets - block.devices;
}

/** What no other block brings the row. */
function aloneOf({ taken }: Pick<Draft, 'taken'>, block: DraftBlock, row: number): Bits {
  let alone = block.columns;
  for (const other of taken[row] ?? []) if (other !== block) alone = difference(alone, other.columns);
  return alone;
}

function leave({ matrix, taken }: Draft, block: DraftBlock, row: number): void {
  block.rows.delete(row);
  block.devices -= matrix.rows[row]?.devices ?? 0;
  taken[row]?.delete(block);
}

function join({ matrix, taken }: Draft, block: DraftBlock, row: number): void {
  block.rows.add(row);
  block.devices += matrix.rows[row]?.devices ?? 0;
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
