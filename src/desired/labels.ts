/** The labels of devices, from the CSV that `EdrProvider.spec.deviceLabels` names. */
import { parse } from 'csv-parse/sync';
import { TrueupError } from '../errors.ts';

/** Computer name in lower case → label → value. */
export type DeviceLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * The first column is the computer name, with or without its domain; the header names the labels. An empty cell is no
 * label. Throws TRUEUP_CONFIG_INVALID, with `file:line`, for what is no such table, and for a computer that has two rows.
 */
export function parseLabels(text: string, file: string): DeviceLabels {
  const [header, ...rows] = recordsIn(text, file);
  if (header === undefined) throw invalid(file, 1, 'the file has no header');
  const names = header.cells.slice(1);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.some((name) => name === '')) throw invalid(file, header.line, 'a column of the header has no name');
  if (twice !== undefined) throw invalid(file, header.line, `the header has two columns ${twice}`);
  const devices = new Map<string, Readonly<Record<string, string>>>();
  for (const { line, cells } of rows) {
    const computer = (cells[0] ?? '').toLowerCase();
    if (computer === '') throw invalid(file, line, 'the row names no computer');
    if (cells.length !== header.cells.length) {
      throw invalid(file, line, `the row has ${cells.length} columns, the header ${header.cells.length}`);
    }
    if (devices.has(computer)) throw invalid(file, line, `${cells[0]} has a row already`);
    const labels = names.map((name, index) => [name, cells[index + 1] ?? ''] as const);
    devices.set(computer, Object.fromEntries(labels.filter(([, value]) => value !== '')));
  }
  return devices;
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

function recordsIn(text: string, file: string): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  try {
    parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (cells: string[], { lines }: { lines: number }) => {
        records.push({ line: lines, cells });
        return null;
      },
    });
  } catch (origin) {
    const line = (origin as { lines?: number }).lines ?? 1;
    throw invalid(file, line, 'this is not a CSV file: a quote is missing or in the wrong place', origin);
  }
  return records;
}

function invalid(file: string, line: number, why: string, origin?: unknown): TrueupError {
  return new TrueupError('TRUEUP_CONFIG_INVALID', `The device labels cannot be read: ${why}.`, {
    source: `${file}:${line}`,
    remedy: 'The first column is the computer name, the header names the labels; mend the line.',
    origin,
  });
}
