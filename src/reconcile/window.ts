/**
 * Maintenance windows, by the wall clock of their time zone: one from 22:00 to 04:00 lasts seven hours in the night in
 * which the clocks go back and five in the one in which they go forward; one that lies wholly in the hour that is left
 * out does not open that night.
 */
import { type MaintenanceWindow, weekdays } from '../model/desired.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** `now` is an ISO time. */
export function isOpen(window: MaintenanceWindow, now: string): boolean {
  return isOpenAt(window, Date.parse(now));
}

/** ISO time to the minute at which the first of them opens after `now`; null: none does within eight days. */
export function nextOpening(windows: readonly MaintenanceWindow[], now: string): string | null {
  const after = Date.parse(now);
  const openings = windows.flatMap((window) =>
    candidates(window, after).filter((at) => at > after && isOpenAt(window, at) && !isOpenAt(window, at - minute)),
  );
  return openings.length === 0 ? null : `${new Date(Math.min(...openings)).toISOString().slice(0, 16)}Z`;
}

function isOpenAt({ days, from, to, timeZone }: MaintenanceWindow, at: number): boolean {
  const { weekday, minutes } = wallClock(at, timeZone);
  const begins = (which: number): boolean => days === null || days.includes(weekdays[(which + 7) % 7] ?? 'Mon');
  if (from < to) return begins(weekday) && from <= minutes && minutes < to;
  return (begins(weekday) && from <= minutes) || (begins(weekday - 1) && minutes < to);
}

/** Whenever it could open: where the wall clock says `from`, once or twice that day, and where the clocks are changed. */
function candidates({ from, timeZone }: MaintenanceWindow, after: number): number[] {
  const { midnight } = wallClock(after, timeZone);
  return Array.from({ length: 9 }, (_, days) => midnight + days * day + from * minute).flatMap((wanted) => {
    // No zone is a day ahead of another.
    const [before, later] = [wanted - day, wanted + day];
    const offsets = [before, later].map((at) => wallClock(at, timeZone).offset);
    const begins = offsets.map((offset) => wanted - offset);
    return offsets[0] === offsets[1] ? begins : [...begins, changeBetween(before, later, timeZone)];
  });
}

/** The minute in which the clocks are changed; they are, at some time between the two. */
function changeBetween(before: number, later: number, timeZone: string): number {
  const { offset } = wallClock(before, timeZone);
  let [old, fresh] = [before / minute, later / minute];
  while (fresh - old > 1) {
    const middle = Math.floor((old + fresh) / 2);
    if (wallClock(middle * minute, timeZone).offset === offset) old = middle;
    else fresh = middle;
  }
  return fresh * minute;
}

interface WallClock {
  /** Index into {@link weekdays}. */
  readonly weekday: number;
  /** Since midnight. */
  readonly minutes: number;
  /** The day's beginning, read as if the wall clock were UTC. */
  readonly midnight: number;
  /** Milliseconds by which the wall clock is ahead of UTC. */
  readonly offset: number;
}

const formats = new Map<string, ReturnType<typeof formatIn>>();

function wallClock(at: number, timeZone: string): WallClock {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = formatIn(timeZone);
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: 'year' | 'month' | 'day' | 'hour' | 'minute'): number => parts.get(type) ?? 0;
  const midnight = Date.UTC(part('year'), part('month') - 1, part('day'));
  const minutes = part('hour') * 60 + part('minute');
  return {
    // The first of January 1970 was a Thursday.
    weekday: (Math.floor(midnight / day) + 3) % 7,
    minutes,
    midnight,
    offset: midnight + minutes * minute - Math.floor(at / minute) * minute,
  };
}

function formatIn(timeZone: string) {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
}
