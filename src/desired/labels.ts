/** The labels of devices, from the CSV file that an EdrProvider names. */
import { TrueupError } from '../errors.ts';
import { hiddenIn } from './load.ts';

/** By computer name, full or short, in lower case. */
export type DeviceLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * The first column is the computer name, whatever its header says; the other headers name the labels. RFC 4180, with
 * commas or, as some spreadsheets write it, semicolons. An empty cell is no label.
 * @throws TRUEUP_CONFIG_INVALID with `file:line`
 */
export function parseLabels(text: string, file: string): DeviceLabels {
  const refuse = (line: number, what: string): TrueupError =>
    new TrueupError('TRUEUP_CONFIG_INVALID', `The file of device labels has a fault: ${what}.`, {
      cause: 'It is no CSV with a header whose first column is the computer name.',
      remedy: 'Mend the line that is named.',
      source: `${file}:${line}`,
    });
  const [header, ...rows] = rowsOf(text.replace(/^\ufeff/, ''), refuse);
  if (header === undefined) throw refuse(1, 'it is empty');
  const names = header.cells.map((cell) => cell.trim());
  for (const [index, name] of names.entries()) {
    if (index > 0 && name === '') throw refuse(header.line, `the header of column ${index + 1} is empty`);
    if (names.indexOf(name) !== index) throw refuse(header.line, `the header ${JSON.stringify(name)} stands twice`);
  }
  const labels = new Map<string, Readonly<Record<string, string>>>();
  const lines = new Map<string, number>();
  for (const { cells, line } of rows) {
    const [device = '', ...values] = cells.map((cell) => cell.trim());
    const key = device.toLowerCase();
    if (device === '') throw refuse(line, 'the row has no computer name');
    if (cells.length !== names.length)
      throw refuse(line, `the row has ${cells.length} cells, the header ${names.length}`);
    const earlier = lines.get(key);
    if (earlier !== undefined) throw refuse(line, `${JSON.stringify(device)} stands in line ${earlier} already`);
    lines.set(key, line);
    const own: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const [index, value] of values.entries()) {
      if (value !== '') own[names[index + 1] ?? ''] = value;
    }
    labels.set(key, own);
  }
  return labels;
}

interface Row {
  readonly cells: readonly string[];
  /** On which it begins. */
  readonly line: number;
}

type Refuse = (line: number, what: string) => TrueupError;

/** Without empty lines. */
function rowsOf(text: string, refuse: Refuse): Row[] {
  const separator = separatorOf(text);
  const rows: Row[] = [];
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  let at = 0;
  const endRow = (): void => {
    if (cells.length > 1 || cells[0] !== '') rows.push({ cells, line: start });
    cells = [];
    line += 1;
    start = line;
  };
  while (at < text.length) {
    const cell = text[at] === '"' ? quotedCell(text, at, line, refuse) : bareCell(text, at, separator);
    const hidden = hiddenIn(cell.value);
    if (hidden !== null) throw refuse(line, `it holds ${hidden}`);
    cells.push(cell.value);
    line += cell.breaks;
    at = cell.end;
    const next = text[at];
    if (next === separator) {
      at += 1;
      if (at === text.length) cells.push('');
    } else if (next === '\n' || next === '\r' || next === undefined) {
      at += next === '\r' && text[at + 1] === '\n' ? 2 : 1;
      endRow();
    } else throw refuse(line, 'something follows a closing quote');
  }
  if (cells.length > 0) endRow();
  return rows;
}

function separatorOf(text: string): ',' | ';' {
  const [header = ''] = text.split(/[\r\n]/, 1);
  return header.includes(';') && !header.includes(',') ? ';' : ',';
}

interface Cell {
  readonly value: string;
  readonly end: number;
  /** Line breaks within it. */
  readonly breaks: number;
}

function bareCell(text: string, at: number, separator: string): Cell {
  let end = at;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return { value: text.slice(at, end), end, breaks: 0 };
}

function quotedCell(text: string, at: number, line: number, refuse: Refuse): Cell {
  let end = at + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (end === -1) throw refuse(line, 'a quote is not closed');
    if (text[end + 1] !== '"') break;
    end += 2;
  }
  const raw = text.slice(at + 1, end);
  return { value: raw.replaceAll('""', '"'), end: end + 1, breaks: raw.split('\n').length - 1 };
}
