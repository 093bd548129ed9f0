/** What may not be longer than its reader takes: it says less, level by level, until it fits. */

/** The first rendering of at most `longest` characters; the last one is to be short whatever it renders. */
export function fitting<Level>(levels: readonly Level[], longest: number, render: (level: Level) => string): string {
  let text = '';
  for (const level of levels) {
    text = render(level);
    if (text.length <= longest) break;
  }
  return text;
}

export interface Bounds {
  /** Devices that a row names. */
  readonly devices: number;
  /** Rows of each table. */
  readonly rows: number;
}

/** Characters of the shortest name and of the shortest row, with their marks. */
export interface Shortest {
  readonly name: number;
  readonly row: number;
}

/** Not to write megabytes in vain: false where a rendering is too long even if every name were one letter. */
export function couldFit(
  rows: readonly { readonly devices: readonly string[] }[],
  bounds: Bounds,
  shortest: Shortest,
  longest: number,
): boolean {
  if (bounds.rows < rows.length) return true;
  let least = rows.length * shortest.row;
  for (const { devices } of rows) least += Math.min(bounds.devices, devices.length) * shortest.name;
  return least <= longest;
}
