/**
 * When devices were last seen: by the latest scan of the whole fleet and by the scans of parts of it since, each as one
 * record of who answered. So a bulk scan that found nothing new writes no device.
 */
import { type Answered, gone, has, nobody, unite } from './answered.ts';

/** Scans of parts that are kept apart; with more, those that add least are written down device by device. */
export const PARTS = 8;

export interface Sighting {
  /** The record's own id. */
  readonly key: string;
  /** ISO time. */
  readonly at: string;
  /** Devices that a scan of the whole fleet expected; null: it was of a part. */
  readonly expected: number | null;
  readonly answered: Answered;
}

/** Two ISO times may be written with and without milliseconds, so their text does not tell which is later. */
export function compareTimes(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}

export function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareTimes(a, b) >= 0 ? a : b;
}

/** By a device's number and what is written down of it. */
export function lastSeen(
  sightings: readonly Sighting[],
): (number: number, writtenDown: string | null) => string | null {
  const newestFirst = sightings.toSorted((a, b) => compareTimes(b.at, a.at));
  return (number, writtenDown) =>
    later(newestFirst.find(({ answered }) => has(answered, number))?.at ?? null, writtenDown);
}

export interface WholeScan extends Sighting {
  readonly expected: number;
  /** All that answered it, or have answered since. */
  readonly answered: Answered;
}

/** Null: there was none yet. */
export function wholeScan(sightings: readonly Sighting[]): WholeScan | null {
  const latest = sightings.find(({ expected }) => expected !== null);
  if (latest === undefined) return null;
  const { key, at, expected } = latest;
  const answered = nobody();
  for (const sighting of sightings) {
    if (compareTimes(sighting.at, at) >= 0) unite(answered, sighting.answered);
  }
  return { key, at, expected: expected ?? 0, answered };
}

export interface Folding {
  /** Whose last sight is to be written down, and its time. */
  readonly at: string;
  readonly numbers: Iterable<number>;
}

/** What has to be written down, device by device, before these sightings go. */
export function* foldings(going: readonly Sighting[], staying: readonly Sighting[]): Generator<Folding> {
  for (const sighting of going) {
    const newer = nobody();
    for (const other of [...staying, ...going]) {
      if (other !== sighting && compareTimes(other.at, sighting.at) > 0) unite(newer, other.answered);
    }
    yield { at: sighting.at, numbers: gone(sighting.answered, newer) };
  }
}

/** What has to go so that one part more does not pass {@link PARTS}: those of which least has to be written down. */
export function surplus(sightings: readonly Sighting[]): readonly Sighting[] {
  const parts = sightings.filter(({ expected }) => expected === null);
  if (parts.length < PARTS) return [];
  const cost = (part: Sighting): number => {
    const [folding] = foldings(
      [part],
      sightings.filter((other) => other !== part),
    );
    let numbers = 0;
    for (const _ of folding?.numbers ?? []) numbers++;
    return numbers;
  };
  const cheapestFirst = parts.map((part) => ({ part, numbers: cost(part) })).toSorted((a, b) => a.numbers - b.numbers);
  return cheapestFirst.slice(0, parts.length - PARTS + 1).map(({ part }) => part);
}
