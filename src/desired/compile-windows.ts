/** Times of the day at which something may be done. */
import type { MaintenanceWindow } from '../model/desired.ts';
import type { ValidDocument } from './document.ts';
import type * as written from './generated/documents.ts';

/** None: any time will do. */
export function compileWindows(
  { file, places }: Pick<ValidDocument, 'file' | 'places'>,
  windows: readonly written.Window[] = [],
): MaintenanceWindow[] {
  return windows.map((window) => {
    const { days = null, from, to, timeZone = 'UTC' } = window;
    const source = { file, line: places.key(window, 'from').line };
    return { days, from: minutesOf(from), to: minutesOf(to), timeZone, source };
  });
}

/** `22:00` */
function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
