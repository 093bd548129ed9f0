/** What RFC 4180 makes of a text, by a reader that forgives nothing. */

/** Throws where the text is no such file. */
export function parseCsv(text: string): string[][] {
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y;
  const records: string[][] = [];
  let record: string[] = [];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const found = cell.exec(text);
    if (found === null) throw new Error(`no cell begins at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    const [, raw = '', end] = found;
    record.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  if (record.length > 0) throw new Error('the last line has no end');
  return records;
}
