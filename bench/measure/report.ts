/** What a bench prints: its figures, each with the limit that the project has set itself, where there is one. */
import type { Sample } from './process.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 's' | 'MB' | 'ms' | 'µs' | '%' | '';
  readonly digits: number;
  /** At most this much. */
  readonly limit?: number;
  /** At least this much. */
  readonly least?: number;
}

/** Exit status: 1 where a figure is beyond its limit. */
export function report(figures: readonly Figure[]): number {
  const width = Math.max(...figures.map(({ name }) => name.length));
  for (const figure of figures) {
    const { name, value, unit, digits, limit, least } = figure;
    const shown = `${value.toFixed(digits)} ${unit}`.trimEnd().padStart(12);
    const bounds = [
      limit === undefined ? [] : `at most ${limit}`,
      least === undefined ? [] : `at least ${least}`,
    ].flat();
    const judged =
      bounds.length === 0
        ? ''
        : `   ${`${bounds.join(', ')} ${unit}`.trimEnd()}: ${isMissed(figure) ? 'MISSED' : 'ok'}`;
    console.log(`${name.padEnd(width)} ${shown}${judged}`);
  }
  return figures.some(isMissed) ? 1 : 0;
}

function isMissed({ value, limit = Infinity, least = -Infinity }: Figure): boolean {
  return value > limit || value < least;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

export function medianOf(samples: readonly Sample[], figure: 'wallSeconds' | 'cpuSeconds' | 'peakMegabytes'): number {
  return median(samples.map((sample) => sample[figure]));
}
