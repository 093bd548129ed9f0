/**
 * Comma-separated values (RFC 4180): a record a line, every line ended by CR and LF, a cell in double quotes where it
 * must be. What a spreadsheet would calculate stays text: CSV injection, OWASP.
 */
import { plain } from './escape.ts';

export type CsvCell = string | number | boolean | null;

/**
 * Begins with what a spreadsheet takes for a formula, be it behind blanks, a quote or in full width. An apostrophe before
 * it makes it text: it is shown in the formula bar only, and who parses the file takes one away where one of these
 * characters follows.
 */
const formula = /^["'\s]*[=+\-@\t\r\n＝＋－＠]/;

export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Null is an empty cell. What cannot be seen is written `\u{202E}`, so that a record is a line. */
export function csvCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = plain(cell);
  const inert = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]|^ | $/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
