/**
 * When devices were last seen: by the latest scan of the whole fleet and by the scans of parts of it since, each as one
 * record of who answered. So a bulk scan that found nothing new writes no device.
 */
import { type Answered, has, nobody, subtract, unite } from './answered.ts';

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
  /** ISO time. */
  readonly at: string;
  /** Whose last sight it is. */
  readonly devices: Answered;
}

/** What has to be written down, device by device, before these sightings go. */
export function foldings(going: readonly Sighting[], staying: readonly Sighting[]): readonly Folding[] {
  return going.map((sighting) => {
    const devices = nobody();
    unite(devices, sighting.answered);
    for (const other of [...staying, ...going]) {
      if (compareTimes(other.at, sighting.at) > 0) subtract(devices, other.answered);
    }
    return { at: sighting.at, devices };
  });
}

/** Which sightings a new one takes the place of. */
export interface Parting {
  readonly going: readonly Sighting[];
  readonly staying: readonly Sighting[];
}

/** By a scan of the whole fleet at this time. */
export function superseded(sightings: readonly Sighting[], at: string): Parting {
  return parted(
    sightings,
    sightings.filter((one) => one.expected !== null || compareTimes(one.at, at) <= 0),
  );
}

/** What has to go so that one part more does not pass {@link PARTS}: those of which least has to be written down. */
export function surplus(sightings: readonly Sighting[]): Parting {
  const parts = sightings.filter(({ expected }) => expected === null);
  if (parts.length < PARTS) return parted(sightings, []);
  const costs = parts.map((part) => ({ part, cost: foldings([part], sightings)[0]?.devices.count ?? 0 }));
  const cheapestFirst = costs.toSorted((a, b) => a.cost - b.cost);
  return parted(
    sightings,
    cheapestFirst.slice(0, parts.length - PARTS + 1).map(({ part }) => part),
  );
}

function parted(sightings: readonly Sighting[], going: readonly Sighting[]): Parting {
  return { going, staying: sightings.filter((sighting) => !going.includes(sighting)) };
}
