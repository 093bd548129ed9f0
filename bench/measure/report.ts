/** What a bench prints: its figures, each with the limit that the project has set itself, where there is one. */
import type { Sample } from './process.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 's' | 'MB' | 'ms' | '';
  readonly digits: number;
  /** At most this much. */
  readonly limit?: number;
}

/** Exit status: 1 where a figure is beyond its limit. */
export function report(figures: readonly Figure[]): number {
  const width = Math.max(...figures.map(({ name }) => name.length));
  for (const { name, value, unit, digits, limit } of figures) {
    const shown = `${value.toFixed(digits)} ${unit}`.trimEnd().padStart(12);
    const judged = limit === undefined ? '' : `   at most ${limit} ${unit}: ${value <= limit ? 'ok' : 'MISSED'}`;
    console.log(`${name.padEnd(width)} ${shown}${judged}`);
  }
  return figures.some(({ value, limit }) => limit !== undefined && value > limit) ? 1 : 0;
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
