import { plain } from './escape.ts';
import { painter } from './paint.ts';
import { cellWidth, truncate } from './width.ts';
import { counted, duration, grouped } from './words.ts';

export interface Progress {
  /** What is going on: `scan`, `apply`. */
  readonly label: string;
  /** Devices that have answered, those that failed among them. */
  readonly answered: number;
  /** Null: a step that has no failures. */
  readonly failed: number | null;
  readonly targets: number;
  readonly elapsedMs: number;
  /** Cells of the terminal's line. */
  readonly columns: number;
  readonly color: boolean;
}

const widestBar = 30;
const narrowestBar = 5;
const roomForNone = 70;
/** Before this, a rate says more about the first device than about the others. */
const firstRateMs = 500;

/** One status line without a line feed, shorter than the terminal is wide, so that it never wraps. */
export function progressLine(progress: Progress): string {
  const { label, answered, failed, targets, color } = progress;
  const paint = painter(color);
  const room = Math.max(1, progress.columns - 1);
  const name = plain(label);
  const counts = targets === 0 ? 'no devices yet' : `${grouped(answered)} of ${counted(targets, 'device')}`;
  const failures = isShown(failed, targets, room) ? [`${grouped(failed)} failed`] : [];
  const left = timeLeft(progress);
  const rest = left === null ? [] : [`${duration(left)} left`];

  const line = [name, counts, ...failures, ...rest].join('   ');
  const barRoom = Math.min(widestBar, room - cellWidth(line) - 3);
  if (barRoom >= narrowestBar && targets > 0) {
    const style = failed === 0 ? 'dim' : 'error';
    const parts = [name, bar(progress, barRoom), counts, ...failures.map((text) => paint(style, text)), ...rest];
    return parts.join('   ');
  }
  const brief = [name, counts, ...failures].join('   ');
  return truncate(cellWidth(line) <= room ? line : brief, room);
}

/** That nobody has failed is good to know where there is room for it. */
function isShown(failed: number | null, targets: number, room: number): failed is number {
  return failed !== null && (failed > 0 || (targets > 0 && room >= roomForNone));
}

/** Full only when everybody has answered, and empty until somebody has. */
function bar({ answered, failed, targets, color }: Progress, width: number): string {
  const paint = painter(color);
  const done = Math.min(width, Math.floor((answered / targets) * width));
  const bad = Math.min(done, failed === null || failed === 0 ? 0 : Math.max(1, Math.floor((failed / targets) * width)));
  return `${paint('add', '█'.repeat(done - bad))}${paint('error', '█'.repeat(bad))}${paint('dim', '░'.repeat(width - done))}`;
}

/** By the rate so far; null: there is no rate yet, or nobody is left to wait for. */
function timeLeft({ answered, targets, elapsedMs }: Progress): number | null {
  if (answered <= 0 || answered >= targets || elapsedMs < firstRateMs) return null;
  return ((targets - answered) * elapsedMs) / answered;
}
