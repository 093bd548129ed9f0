/** Columns and rows of a result (tanium-api.md 4). */
import type { Cloud } from '../cloud.ts';
import type { Select } from '../content/bind.ts';

export interface Column {
  readonly name: string;
  /** Columns of one sensor share it; 0: Count. */
  readonly hash: number;
  readonly type: number;
}

export interface Row {
  /** Computer ID; 0 in a row that counts machines. */
  readonly cid: number;
  /** By column, Count left out: the strings of each. */
  readonly cells: readonly (readonly string[])[];
  readonly count: number;
  /** Computer IDs of a row that counts; null: it is of `cid` alone. */
  readonly machines: readonly number[] | null;
}

const columnTypes: Readonly<Record<string, number>> = {
  String: 1,
  Version: 2,
  Numeric: 3,
  BESDate: 4,
  IPAddress: 5,
  WMIDate: 6,
  TimeDiff: 7,
  DataSize: 8,
  NumericInteger: 9,
};

const countColumn: Column = { name: 'Count', hash: 0, type: 3 };

/** A sensor of several columns has them one after the other; Count is always the last. */
export function columnsOf(cloud: Cloud, selects: readonly Select[]): readonly Column[] {
  const columns = selects.flatMap(({ term }): readonly Column[] => {
    const { name, hash } = cloud.sensors.identity(term);
    const { value_type: valueType, subcolumns } = term.sensor.wire;
    if (subcolumns.length === 0) return [{ name, hash, type: columnTypes[valueType] ?? 1 }];
    return subcolumns.map((column) => ({ name: column.name, hash, type: columnTypes[column.value_type] ?? 1 }));
  });
  return [...columns, countColumn];
}

/** Equal values of all machines in one row; a machine of several values is counted in several. */
export function countingRows(rows: Iterable<Row>, ignoreCase: boolean): readonly Row[] {
  const found = new Map<string, { readonly cells: readonly (readonly string[])[]; readonly machines: number[] }>();
  for (const { cid, cells } of rows) {
    const values = cells[0]?.length ?? 0;
    for (let index = 0; index < values; index += 1) {
      const strings = cells.map((cell) => cell[index] ?? '');
      const text = strings.length === 1 ? (strings[0] as string) : JSON.stringify(strings);
      const key = ignoreCase ? text.toLowerCase() : text;
      const row = found.get(key) ?? { cells: strings.map((value) => [value]), machines: [] };
      if (row.machines.at(-1) !== cid) row.machines.push(cid);
      found.set(key, row);
    }
  }
  return [...found.values()].map(({ cells, machines }) => ({ cid: 0, cells, count: machines.length, machines }));
}
