/** The fewest actions that were found for one component, and how few there could be. */
import { actionsToName } from '../share-out.ts';
import { assign } from './assign.ts';
import { type Bits, bitsOf, intersection, isEmpty, members } from './bits.ts';
import { lowerBoundOf } from './bound.ts';
import { exactSets } from './exact.ts';
import { greedySets } from './greedy.ts';
import { improve } from './improve.ts';
import { type Block, costOf, isMixed, loadIn, type Matrix, type Patience, type Rules } from './matrix.ts';
import { distinct, undominated } from './reduce.ts';

/** Beyond so many words of bits, rows times rows, only whole rows and whole columns are tried. */
const maxCells = 100_000_000;
/** With more classes, a cover of a block for each is too far from a small one to be worth the way. */
const maxRowsImproved = 1000;

export interface Cover {
  readonly blocks: readonly Block[];
  readonly actions: number;
  readonly lowerBound: number;
}

/**
 * Of several covers the one with fewest actions; of equal ones that of fewest actions for one device, then the first:
 * rows, columns, large blocks first, exact.
 */
export function coverOf(matrix: Matrix, rules: Rules, patience: Patience): Cover {
  const rows = perRow(matrix);
  const columns = perColumn(matrix);
  let best = judged(matrix, rules, rows, null);
  best = judged(matrix, rules, columns, best);
  const bound = lowerBoundOf(matrix, rules.capacity);
  if (best.actions === bound.actions || isTooLarge(matrix)) return { ...best, lowerBound: bound.actions };
  for (const draft of draftsFor(matrix, rules)) {
    if (best.actions > bound.actions) best = judged(matrix, rules, improve(matrix, rules, patience, draft()), best);
  }
  if (best.actions === bound.actions) return { ...best, lowerBound: bound.actions };
  const exact = exactSets(matrix, bound.blocks, best.actions, patience);
  if (exact.sets !== null)
    best = judged(matrix, rules, improve(matrix, rules, patience, assign(matrix, exact.sets)), best);
  return { ...best, lowerBound: Math.max(bound.actions, exact.lowerBound) };
}

/** Made when their turn comes, cheap ones first. */
function draftsFor(matrix: Matrix, { capacity }: Rules): (() => readonly Block[])[] {
  const fewDevices = actionsToName(loadIn(matrix, matrix.rows.keys()), capacity) <= 1;
  const rows = bitsOf(matrix.rows.length, fewDevices ? undominated(matrix) : matrix.rows.keys());
  const sets = distinct(greedySets(matrix, rows, capacity));
  const split = distinct(sets.flatMap((one) => partsOf(matrix, one)));
  return [
    () => assign(matrix, sets),
    ...(split.length > sets.length ? [() => assign(matrix, split)] : []),
    () => assign(matrix, distinct([...sets, ...singles(matrix)])),
    () => perColumn(matrix),
    ...(matrix.rows.length <= maxRowsImproved ? [() => perRow(matrix)] : []),
  ];
}

interface Judged {
  readonly blocks: readonly Block[];
  readonly actions: number;
  readonly depth: number;
}

function judged(matrix: Matrix, rules: Rules, blocks: readonly Block[], best: Judged | null): Judged {
  const depth = rules.depthOf(blocks);
  if (depth === null) return best ?? { blocks, actions: Number.POSITIVE_INFINITY, depth: Number.POSITIVE_INFINITY };
  const actions = costOf(matrix, rules, blocks);
  if (best !== null && (actions > best.actions || (actions === best.actions && depth >= best.depth))) return best;
  return { blocks, actions, depth };
}

function isTooLarge({ rows }: Matrix): boolean {
  return rows.length * rows.length * (rows[0]?.need.length ?? 0) > maxCells;
}

function perRow({ rows }: Matrix): Block[] {
  return rows.map(({ need }, row) => ({ columns: need, rows: [row] }));
}

function perColumn({ columns }: Matrix): Block[] {
  return columns.map(({ rows }, column) => ({ columns: bitsOf(columns.length, [column]), rows: members(rows) }));
}

function singles({ columns }: Matrix): Bits[] {
  return [...columns.keys()].map((column) => bitsOf(columns.length, [column]));
}

function partsOf(matrix: Matrix, columns: Bits): Bits[] {
  if (!isMixed(matrix, columns)) return [columns];
  return [intersection(columns, matrix.gives), intersection(columns, matrix.takes)].filter((part) => !isEmpty(part));
}
