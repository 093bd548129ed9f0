/** Result data in JSON: `data.result_sets[0].rows[]` streams, the rest is small. */
import { isUtf8 } from 'node:buffer';
import { jsonElements } from './json-elements.ts';
import { type KnownCells, knownCells } from './known-cells.ts';
import { plainRows } from './plain-row.ts';
import { type Column, countersOf, figure, type ResultHeader, type ResultParser, type Row } from './result.ts';

/** `known`: of the pages before, whose cells come again. */
export function jsonResults(known: KnownCells = knownCells()): ResultParser {
  const plain = plainRows(known);
  let malformedRows = 0;
  const whole = (bytes: Buffer, found: Row[]): void => {
    const before = found.length;
    if (plain(bytes, 0, found) === bytes.length) return;
    found.length = before;
    const row = rowOf(bytes);
    if (row === null) malformedRows += 1;
    else found.push(row);
  };
  const elements = jsonElements<Row>(['data', 'result_sets', 'rows'], { whole, shortcut: plain });

  return { push: elements.push, end: () => headerOf(elements.end(), malformedRows) };
}

/** A row that is no JSON, no UTF-8, or of another shape is left out: it must not take the other devices with it. */
function rowOf(bytes: Buffer): Row | null {
  if (!isUtf8(bytes)) return null;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (!isRecord(value) || !Array.isArray(value['data'])) return null;
  const { cid } = value;
  const cells: string[][] = [];
  for (const cell of value['data'] as unknown[]) {
    if (!Array.isArray(cell)) return null;
    const strings: string[] = [];
    for (const item of cell as unknown[]) {
      const text = isRecord(item) ? item['text'] : undefined;
      if (typeof text !== 'string') return null;
      strings.push(text);
    }
    cells.push(strings);
  }
  return { cid: typeof cid === 'number' || typeof cid === 'string' ? String(cid) : '0', cells };
}

function headerOf(document: unknown, malformedRows: number): ResultHeader {
  const data = isRecord(document) ? document['data'] : undefined;
  if (!isRecord(data) || !Array.isArray(data['result_sets'])) throw new SyntaxError('no data.result_sets');
  const first: unknown = data['result_sets'][0];
  const set = isRecord(first) ? first : {};
  const cacheId = set['cache_id'];
  return {
    ...countersOf(set),
    now: typeof data['now'] === 'string' ? data['now'] : null,
    columns: columnsOf(set['columns']),
    filteredRowCount: figure(set['filtered_row_count']),
    cacheId: typeof cacheId === 'string' || typeof cacheId === 'number' ? String(cacheId) : null,
    malformedRows,
  };
}

function columnsOf(value: unknown): Column[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).map((column) => ({
    name: isRecord(column) && typeof column['name'] === 'string' ? column['name'] : '',
    hash: String(isRecord(column) ? figure(column['hash']) : 0),
  }));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
