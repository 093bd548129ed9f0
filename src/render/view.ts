import { type Paint, painter } from './paint.ts';
import { grouped } from './words.ts';

/** How a person wants to read. Every text that is rendered ends with a line feed. */
export interface View {
  readonly color: boolean;
  /** `--devices`: every device by name, and nothing summed up. */
  readonly devices: boolean;
  /** Cells of a line; left out: 100. */
  readonly columns?: number | undefined;
}

/** A view, ready to be written on. */
export interface Page {
  readonly paint: Paint;
  readonly width: number;
  readonly devices: boolean;
}

/** Below, no table is legible; above, the eye loses the line. */
const narrowest = 60;
const widest = 120;

export function pageOf({ color, devices, columns = 100 }: View): Page {
  return { paint: painter(color), width: Math.min(widest, Math.max(narrowest, columns)), devices };
}

/** Blank lines between sections, a line feed at the end; those without a line are left out. */
export function sections(all: readonly (readonly string[])[]): string {
  return `${all
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** As many of a list as a person reads, and how many are left: none that one line more would show. */
export function listed<T>(
  items: readonly T[],
  most: number,
  { devices }: Page,
): { shown: readonly T[]; rest: readonly T[] } {
  const count = devices || items.length <= most + 1 ? items.length : most;
  return { shown: items.slice(0, count), rest: items.slice(count) };
}

export function moreText(count: number, page: Page): string[] {
  return count === 0 ? [] : [page.paint('dim', `    and ${grouped(count)} more; --devices shows them all`)];
}
