/** One row of a scan: which columns it must have, and what they say of a machine. */
import { TrueupError } from '../errors.ts';
import type { DeviceRow } from '../ports.ts';
import type { Interpret } from './gathering.ts';
import { shown } from './near-names.ts';
import { identitySensors, isComputerId } from './question-text.ts';
import type { Column, Row } from './result.ts';

/** Who a machine is and what it runs; the sensor that a scan is about comes behind them. */
export const facts: readonly string[] = [...identitySensors, 'Operating System', 'Domain Name'] as const;

/**
 * A server that does not know a sensor of the question says so to nobody and asks "Get number of machines" instead
 * (tanium-api.md 3); only the columns of the answer show it.
 * @throws TRUEUP_SENSOR_NOT_FOUND; TRUEUP_SENSOR_FOREIGN where the sensor splits its answer into columns (#48)
 */
export function checkColumns(columns: readonly Column[], sensors: readonly string[]): void {
  const strange = sensors.filter((sensor, index) => !isColumnOf(columns[index], sensor));
  if (strange.length === 0) return;
  const split = strange.find((sensor) => isSplit(columns, sensors.indexOf(sensor)));
  if (split !== undefined) {
    throw new TrueupError(
      'TRUEUP_SENSOR_FOREIGN',
      `Sensor "${shown(split)}" splits its answer into columns, of which nothing can be read.`,
      {
        cause: 'Split into columns is Enabled.',
        remedy: 'Set Split into columns of the sensor to Disabled in Tanium.',
      },
    );
  }
  const names = strange.map((sensor) => `"${shown(sensor)}"`).join(', ');
  throw new TrueupError(
    'TRUEUP_SENSOR_NOT_FOUND',
    `Tanium answered another question: the answer has no column for ${names}.`,
    { cause: 'Tanium does not know a sensor of the question, or the token may not see it, and asked something else.' },
  );
}

/** The columns of one sensor stand side by side and share its hash. */
function isSplit(columns: readonly Column[], at: number): boolean {
  const hash = columns[at]?.hash ?? '0';
  return hash !== '0' && hash === columns[at + 1]?.hash;
}

/** Also with its parameter or maximum age behind the name, as some servers show it. */
function isColumnOf(column: Column | undefined, sensor: string): boolean {
  if (column === undefined) return false;
  const name = column.name.toLowerCase();
  const wanted = sensor.toLowerCase();
  return name === wanted || name.startsWith(`${wanted}[`) || name.startsWith(`${wanted}?`);
}

const unavailable = /^\[(?:current results?|results currently) unavailable\]$/;
/** Taken for a system or a domain, the error of a sensor would hide the recorded one. */
const nothing = /^(?:\[no results\]|\[(?:current results?|results currently) unavailable\]|TSE-Error\b.*|)$/s;

export function isNothing(text: string): boolean {
  return mayBe(text, letterT) && nothing.test(text.trim());
}

const bracket = 0x5b;
const letterT = 0x54;

/** False: a text that begins so is neither of these. Each cell of a million rows costs a look at its first letter, no more. */
function mayBe(text: string, begins: number): boolean {
  const first = text.charCodeAt(0);
  return first === begins || first === bracket || !(first > 0x20 && first < 0x7f);
}

const notYet = '[current result unavailable]';

export function isUnavailable(cell: readonly string[] | undefined): boolean {
  if (cell === undefined) return false;
  for (let at = 0; at < cell.length; at += 1) {
    const text = cell[at] as string;
    if (mayBe(text, bracket) && unavailable.test(text.trim())) return true;
  }
  return false;
}

/** A million rows have six million cells: a function for each would cost more than what it looks at. */
function isReady({ cells }: Row): boolean {
  for (let at = 0; at < cells.length; at += 1) if (isUnavailable(cells[at])) return false;
  return true;
}

/** Who a row is of: its Computer ID column, which must not contradict the server's own `cid`. */
export function computerIdOf(row: Row): string | null {
  const said = row.cells[0]?.[0] ?? '';
  if (said === row.cid && isComputerId(said)) return said;
  const text = said.trim();
  if (!isComputerId(text)) return isComputerId(row.cid) ? row.cid : null;
  return row.cid === '0' || row.cid === text ? text : null;
}

/** One string stays what it is, so that devices in one state share it. */
function joined(cell: readonly string[]): string {
  return cell.length === 1 ? (cell[0] as string) : cell.join('\n');
}

export const deviceRow: Interpret<DeviceRow> = (row) => {
  const computerId = computerIdOf(row);
  const { cells } = row;
  const textCell = cells[4];
  const name = cells[1]?.[0] ?? '';
  if (computerId === null || textCell === undefined) return null;
  const ready = isReady(row);
  const isNamed = !isNothing(name);
  if (!isNamed && ready) return null;
  const os = cells[2]?.[0] ?? '';
  const domain = cells[3]?.[0] ?? '';
  const value: DeviceRow = {
    computerId,
    name: isNamed ? name : '',
    os: isNothing(os) ? '' : os,
    domain: isNothing(domain) ? null : domain,
    // Whose it is cannot be told yet, so that it says nothing.
    text: isNamed ? joined(textCell) : notYet,
  };
  return { computerId, value, ready };
};
