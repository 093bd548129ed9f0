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
const beforeLead = '  ';
const afterLead = '    ';
/** Where what belongs to a row begins, below it. */
export const belowRow = '      ';
/** With less, a sentence falls apart into single words. */
const narrowestFlex = 32;
/** Of a paragraph, however deep it stands. */
const narrowestText = 20;

/**
 * The lines of each row, none wider than the page. The columns are those of all rows, and the one at `flex` wraps;
 * where too little is left for it, it stands alone, and the other cells below it.
 */
export function columns(rows: readonly Row[], flex: number, page: Page): string[][] {
  const widths: number[] = [];
  for (const { cells } of rows) {
    for (const [index, { text }] of cells.entries()) widths[index] = Math.max(widths[index] ?? 0, cellWidth(text));
  }
  const others = widths.filter((width, index) => width > 0 && index !== flex);
  const room = page.width - afterLead.length - others.reduce((sum, width) => sum + width + gap.length, 0);
  const natural = widths[flex] ?? 0;
  if (natural > room && room < narrowestFlex) return rows.map((row) => stacked(row, flex, page));
  widths[flex] = Math.min(natural, room);
  return rows.map((row) => abreast(row, widths, flex, page));
}

function abreast({ lead, cells }: Row, widths: readonly number[], flex: number, page: Page): string[] {
  const [first = '', ...further] = wrap(cells[flex]?.text ?? '', widths[flex] ?? 0);
  const shown = cells.map((cell, index) => (index === flex ? { ...cell, text: first } : cell));
  const before = cells.slice(0, flex).reduce((sum, _, index) => {
    const width = widths[index] ?? 0;
    return width === 0 ? sum : sum + width + gap.length;
  }, afterLead.length);
  return [
    `${beforeLead}${painted(lead, lead.text, page)} ${aligned(shown, widths, page)}`,
    ...further.map((text) => ' '.repeat(before) + painted(cells[flex], text, page)),
  ];
}

function stacked({ lead, cells }: Row, flex: number, page: Page): string[] {
  const lines = wrap(cells[flex]?.text ?? '', page.width - afterLead.length).map((text, index) => {
    const before = index === 0 ? `${beforeLead}${painted(lead, lead.text, page)} ` : afterLead;
    return before + painted(cells[flex], text, page);
  });
  const others = cells.filter((cell, index) => index !== flex && cell.text !== '');
  return [...lines, ...flow(others, belowRow, gap, page)];
}

/** Cells side by side; a column that is empty in every row is none, and nothing trails after the last cell. */
function aligned(cells: readonly Cell[], widths: readonly number[], page: Page): string {
  const last = cells.findLastIndex(({ text }) => text !== '');
  const parts: string[] = [];
  for (const [index, cell] of cells.slice(0, last + 1).entries()) {
    const width = widths[index] ?? 0;
    if (width === 0) continue;
    const text = index === last && cell.align === undefined ? cell.text : padded(cell.text, width, cell.align);
    parts.push(painted(cell, text, page));
  }
  return parts.join(gap);
}

function painted(cell: Cell | undefined, text: string, { paint }: Page): string {
  return cell?.style === undefined ? text : paint(cell.style, text);
}

/** Left and right on one line, or on two where both do not fit. */
export function spread(left: Cell, right: Cell, page: Page): string[] {
  const before = painted(left, left.text, page);
  const after = painted(right, right.text, page);
  const blanks = page.width - cellWidth(left.text) - cellWidth(right.text);
  if (blanks >= gap.length) return [`${before}${' '.repeat(blanks)}${after}`];
  return [before, `${' '.repeat(Math.max(0, page.width - cellWidth(right.text)))}${after}`];
}

/** Items one after the other behind a label, as many on a line as fit. */
export function flow(items: readonly Cell[], label: string, between: string, page: Page): string[] {
  const blanks = ' '.repeat(cellWidth(label));
  const room = page.width - blanks.length;
  const lines: string[][] = [];
  let width = 0;
  for (const item of items) {
    for (const piece of wrap(item.text, room)) {
      const longer = width + cellWidth(between) + cellWidth(piece);
      const line = lines.at(-1);
      if (line !== undefined && longer <= room) {
        line.push(painted(item, piece, page));
        width = longer;
      } else {
        lines.push([painted(item, piece, page)]);
        width = cellWidth(piece);
      }
    }
  }
  return lines.map((parts, index) => (index === 0 ? label : blanks) + parts.join(between));
}

/** A text of its own behind its label, wrapped; further lines stand where the first one does. */
export function paragraph(label: Cell, text: string, page: Page, style?: Style): string[] {
  const blanks = ' '.repeat(cellWidth(label.text));
  const cell: Cell = style === undefined ? { text } : { text, style };
  return wrap(text, Math.max(narrowestText, page.width - blanks.length)).map((line, index) => {
    const before = index === 0 ? painted(label, label.text, page) : blanks;
    return before + painted(cell, line, page);
  });
}
