import { type Paint, painter } from './paint.ts';

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
