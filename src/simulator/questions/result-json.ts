/** Results as JSON, made piece by piece: a page of a large fleet is longer than what should be held at once. */
import type { Cloud } from '../cloud.ts';
import { hashText } from '../draw.ts';
import { type Call, json, type Reply } from '../http/call.ts';
import { flagIn, textIn, type Wire } from '../http/fields.ts';
import { resultTime } from '../http/times.ts';
import type { Result } from './result.ts';
import type { Column, Row } from './row.ts';
import { compare, filtersIn, holds, isMatch, viewOf } from './view.ts';

export function resultInfo(cloud: Cloud, { counters, rows }: Result): Reply {
  const all = rows(false);
  const info = { ...counters, row_count: all.length, row_count_machines: machinesIn(all), row_count_flag: false };
  return json(200, {
    data: { now: resultTime(cloud.timeline.now()), max_available_age: '0', result_infos: [info] },
  });
}

export function resultData(cloud: Cloud, call: Call, result: Result): Reply {
  const { options } = call;
  const { counters, columns } = result;
  const head = { now: resultTime(cloud.timeline.now()), max_available_age: '' };
  if (columns.length === 0) {
    const empty = { row_count: 0, row_count_machines: 0, filtered_row_count: 0, filtered_row_count_machines: 0 };
    return json(200, { data: { ...head, result_sets: [{ ...counters, ...empty, item_count: 0 }] } });
  }
  const all = result.rows(flagIn(options, 'no_result_row_collation_flag') ?? false);
  const { cache, items, page, start } = viewOf(cloud, call, () => inOrder(wanted(all, columns, options), options));
  const set = {
    ...counters,
    row_count: all.length,
    row_count_machines: machinesIn(all),
    ...(cache === null ? {} : { cache_id: String(cache.id), expiration: cache.lifetime }),
    filtered_row_count: items.length,
    filtered_row_count_machines: machinesIn(items),
    item_count: page.length,
    columns,
  };
  const opened = JSON.stringify({ data: { ...head, result_sets: [set] } });
  return {
    status: 200,
    contentType: 'application/json',
    body: pieces(opened, page, cache === null ? null : start + 1),
  };
}

const closing = '}]}}';

/** `opened`: the document without its rows, which come last in its only set. `firstRef`: of the page's first row. */
function* pieces(opened: string, page: readonly Row[], firstRef: number | null): Generator<string> {
  let piece = `${opened.slice(0, -closing.length)},"rows":[`;
  for (const [index, row] of page.entries()) {
    piece += `${index === 0 ? '' : ','}${rowJson(row, firstRef === null ? null : firstRef + index)}`;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]${closing}`;
}

const pieceLength = 64 * 1024;

function machinesIn(rows: readonly Row[]): number {
  let machines = 0;
  for (const { count } of rows) machines += count;
  return machines;
}

/** `ref_id` only where the result is kept, so that `build_target_group` can refer to it (tanium-api.md 3). */
function rowJson({ cid, cells, count }: Row, refId: number | null): string {
  let hash = 0;
  let body = '';
  for (const cell of cells) {
    let texts = '';
    for (const text of cell) {
      const known = spelled(text);
      hash = (Math.imul(hash, 31) + known.hash) >>> 0;
      texts += `${texts === '' ? '' : ','}{"text":${known.json}}`;
    }
    body += `[${texts}],`;
  }
  const id = (Math.imul(hash, 31) + count) >>> 0;
  const reference = refId === null ? '' : `"ref_id":${refId},`;
  return `{"id":${id},"cid":${cid},${reference}"data":[${body}[{"text":"${count}"}]]}`;
}

interface Spelled {
  readonly json: string;
  readonly hash: number;
}

/** Devices in the same state answer the same long text: it is spelled once. */
const longTexts = new Map<string, Spelled>();
const longFrom = 100;
const maxLongTexts = 4_000;

function spelled(text: string): Spelled {
  if (text.length < longFrom) return { json: JSON.stringify(text), hash: hashText(text) };
  const known = longTexts.get(text);
  if (known) return known;
  if (longTexts.size >= maxLongTexts) longTexts.clear();
  const made = { json: JSON.stringify(text), hash: hashText(text) };
  longTexts.set(text, made);
  return made;
}

function wanted(rows: readonly Row[], columns: readonly Column[], options: Wire): readonly Row[] {
  const pattern = textIn(options, 'filter_string');
  const negated = flagIn(options, 'filter_not_flag') ?? false;
  const noErrors = flagIn(options, 'hide_errors_flag') ?? false;
  const noEmpty = flagIn(options, 'hide_no_results_flag') ?? false;
  const filters = filtersIn(options);
  if (pattern === null && !noErrors && !noEmpty && filters.length === 0) return rows;
  return rows.filter((row) => {
    const texts = row.cells.flat();
    if (noErrors && texts.some((text) => text.startsWith('TSE-Error'))) return false;
    if (noEmpty && texts.length > 0 && texts.every((text) => text === '[no results]')) return false;
    if (pattern !== null && texts.some((text) => isMatch(pattern, text)) === negated) return false;
    return filters.every((filter) => isRowWanted(row, columns, filter));
  });
}

/** A filter names its column; with `sub_filters`, those hold all or, without `and_flag`, any. */
function isRowWanted(row: Row, columns: readonly Column[], filter: Wire): boolean {
  const inner = filtersIn({ cache_filters: filter['sub_filters'] });
  if (inner.length > 0) {
    const all = flagIn(filter, 'and_flag') ?? false;
    const found = all
      ? inner.every((one) => isRowWanted(row, columns, one))
      : inner.some((one) => isRowWanted(row, columns, one));
    return found !== (flagIn(filter, 'not_flag') ?? false);
  }
  const index = columns.findIndex(({ name }) => name === textIn(filter, 'field'));
  if (index < 0) return false;
  const cell = index === row.cells.length ? [String(row.count)] : (row.cells[index] ?? []);
  return cell.some((text) => holds(filter, text));
}

/** `sort_order`: `3,-2`, columns counted from 1. */
function inOrder(rows: readonly Row[], options: Wire): readonly Row[] {
  const order = (textIn(options, 'sort_order') ?? '')
    .split(',')
    .map(Number)
    .filter((column) => column !== 0);
  if (order.length === 0 || order.some(Number.isNaN)) return rows;
  return rows.toSorted((a, b) => {
    for (const column of order) {
      const difference = compare(cellText(a, Math.abs(column) - 1), cellText(b, Math.abs(column) - 1));
      if (difference !== 0) return column < 0 ? -difference : difference;
    }
    return 0;
  });
}

function cellText(row: Row, index: number): number | string {
  if (index >= row.cells.length) return row.count;
  const text = row.cells[index]?.[0] ?? '';
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
