/** Rows of cells, aligned; one column gives way and wraps where a line would be too long. */
import type { Style } from './paint.ts';
import type { Page } from './view.ts';
import { cellWidth, padded, wrap } from './width.ts';

export interface Cell {
  /** Escaped already, see `plain`. */
  readonly text: string;
  readonly style?: Style;
  readonly align?: 'right';
}

export interface Row {
  /** A sign of one cell before the first column. */
  readonly lead: Cell;
  readonly cells: readonly Cell[];
}

const gap = '   ';
const indent = '  ';
/** Where what belongs to a row begins, below it. */
export const belowRow = '      ';
const narrowestFlex = 20;

/** The lines of each row; the columns are those of all rows, the one at `flex` wraps. */
export function columns(rows: readonly Row[], flex: number, page: Page): string[][] {
  const widths: number[] = [];
  for (const { cells } of rows) {
    for (const [index, { text }] of cells.entries()) widths[index] = Math.max(widths[index] ?? 0, cellWidth(text));
  }
  const used = widths.filter((width) => width > 0);
  const others = used.reduce((sum, width) => sum + width + gap.length, 0) - gap.length - (widths[flex] ?? 0);
  const room = page.width - indent.length - 2 - others;
  widths[flex] = Math.min(widths[flex] ?? 0, Math.max(narrowestFlex, room));
  return rows.map((row) => linesOf(row, widths, flex, page));
}

function linesOf({ lead, cells }: Row, widths: readonly number[], flex: number, page: Page): string[] {
  const [first = '', ...others] = wrap(cells[flex]?.text ?? '', widths[flex] ?? 0);
  const last = cells.findLastIndex(({ text }) => text !== '');
  let line = `${indent}${painted(lead, lead.text, page)} `;
  let offset = indent.length + 2;
  for (const [index, cell] of cells.entries()) {
    const width = widths[index] ?? 0;
    if (width === 0 || index > last) continue;
    if (index > 0) line += gap;
    const text = index === flex ? first : cell.text;
    line += painted(cell, index === last && cell.align !== 'right' ? text : padded(text, width, cell.align), page);
    if (index < flex) offset += width + gap.length;
  }
  const wrapped = others.map((text) => `${' '.repeat(offset)}${painted(cells[flex] ?? { text }, text, page)}`);
  return [line.trimEnd(), ...wrapped];
}

function painted({ style }: Cell, text: string, { paint }: Page): string {
  return style === undefined ? text : paint(style, text);
}

/** Left and right on one line, or on two where both do not fit. */
export function spread(left: Cell, right: Cell, page: Page): string[] {
  const before = painted(left, left.text, page);
  const after = painted(right, right.text, page);
  const blanks = page.width - cellWidth(left.text) - cellWidth(right.text);
  if (blanks >= gap.length) return [`${before}${' '.repeat(blanks)}${after}`];
  return [before, `${' '.repeat(Math.max(gap.length, page.width - cellWidth(right.text)))}${after}`];
}

/** Items one after the other, as many on a line as fit. */
export function flow(items: readonly string[], before: string, page: Page): string[] {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    const longer = line === '' ? item : `${line}  ${item}`;
    if (line !== '' && cellWidth(before) + cellWidth(longer) > page.width) {
      lines.push(before + line);
      line = item;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, before + line];
}

/** A text of its own behind its label, wrapped; further lines stand where the first one does. */
export function paragraph(label: Cell, text: string, page: Page, style?: Style): string[] {
  const blanks = ' '.repeat(cellWidth(label.text));
  const cell: Cell = style === undefined ? { text } : { text, style };
  return wrap(text, Math.max(narrowestFlex, page.width - blanks.length)).map((line, index) => {
    const before = index === 0 ? painted(label, label.text, page) : blanks;
    return before + painted(cell, line, page);
  });
}
