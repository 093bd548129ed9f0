/**
 * Result data in XML, the ResultXML of console.wsdl: `result_sets/result_set/{counters, cs/c{wh,dn,rt},
 * rs/r{id,cid,c/v}}`. Some gateways and older servers answer in it.
 */
import { SaxesParser } from 'saxes';
import { TruncatedBody } from './failure.ts';
import { type Column, countersOf, figure, type ResultHeader, type ResultParser, type Row } from './result.ts';

/** Deeper than any result is. */
const maxDepth = 32;
/** Characters of one row: what a device printed in all its columns. */
const maxRow = 16 * 1024 * 1024;

export function xmlResults(): ResultParser {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const parser = new SaxesParser();
  const path: string[] = [];
  const figures: Record<string, string> = {};
  const columns: Column[] = [];
  let rows: Row[] = [];
  let malformedRows = 0;
  let text = '';
  let row: { cid: string; cells: string[][]; length: number } | null = null;
  let column: { name: string; hash: string } | null = null;

  parser.on('error', (error) => {
    throw new SyntaxError(error.message);
  });
  parser.on('opentag', ({ name }) => {
    path.push(name);
    if (path.length > maxDepth) throw new SyntaxError('nested too deeply');
    text = '';
    const place = placeOf(path);
    if (place === 'rs/r') row = { cid: '0', cells: [], length: 0 };
    else if (place === 'r/c') row?.cells.push([]);
    else if (place === 'cs/c') column = { name: '', hash: '0' };
  });
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('closetag', () => {
    const place = placeOf(path);
    path.pop();
    if (place === 'c/v') row?.cells.at(-1)?.push(text);
    else if (place === 'r/cid' && row) row.cid = text.trim();
    else if (place === 'c/dn' && column) column.name = text;
    else if (place === 'c/wh' && column) column.hash = String(figure(text));
    else if (place === 'cs/c' && column) columns.push(column);
    else if (place === 'rs/r' && row) {
      if (row.cells.length === 0) malformedRows += 1;
      else rows.push({ cid: row.cid === '' ? '0' : row.cid, cells: row.cells });
      row = null;
    } else if (place.startsWith('result_set/') || place === 'result_sets/now') {
      figures[place.slice(place.indexOf('/') + 1)] ??= text;
    }
    text = '';
  });

  function take(part: string): void {
    text += part;
    if (row) row.length += part.length;
    if ((row?.length ?? text.length) > maxRow) throw new SyntaxError('a row is too long');
  }

  function push(chunk: Uint8Array, found: Row[] = []): readonly Row[] {
    rows = found;
    parser.write(decode(chunk));
    return rows;
  }

  function decode(chunk?: Uint8Array): string {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw new SyntaxError('not UTF-8');
    }
  }

  function end(): ResultHeader {
    if (path.length > 0 || parser.closed) throw new TruncatedBody('the XML document ends early');
    parser.write(decode()).close();
    if (!('estimated_total' in figures) && columns.length === 0) throw new SyntaxError('no result_set');
    return {
      ...countersOf(figures),
      now: figures['now'] ?? null,
      columns,
      filteredRowCount: figure(figures['filtered_row_count']),
      cacheId: figures['cache_id'] || null,
      malformedRows,
    };
  }

  return { push, end };
}

/** The last two steps of the path: enough to tell the elements apart (`cs/c` from `r/c`). */
function placeOf(path: readonly string[]): string {
  return `${path.at(-2) ?? ''}/${path.at(-1) ?? ''}`;
}
