/** Which name somebody may have meant. */
import { compareText } from '../model/sid.ts';

/** The nearest first, at most three: equal but for case and dashes, or a few letters away. */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const folded = fold(wanted);
  if (folded === '' || folded.length > 64) return [];
  const most = Math.max(1, Math.floor(folded.length / 3));
  const found: { readonly name: string; readonly distance: number }[] = [];
  for (const name of new Set(names)) {
    const distance = distanceBetween(folded, fold(name), most);
    if (distance <= most) found.push({ name, distance });
  }
  found.sort((a, b) => a.distance - b.distance || compareText(a.name, b.name));
  const [first] = found;
  return first === undefined
    ? []
    : found
        .filter(({ distance }) => distance <= first.distance + 1)
        .slice(0, 3)
        .map(({ name }) => name);
}

/** ` Did you mean "a" or "b"?` to follow a sentence; empty where nothing is near. */
export function didYouMean(wanted: unknown, names: Iterable<string>): string {
  return meant(typeof wanted === 'string' ? nearNames(wanted, names) : []);
}

export function meant(names: readonly string[]): string {
  return names.length === 0 ? '' : ` Did you mean ${names.map((name) => JSON.stringify(name)).join(' or ')}?`;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, '');
}

/** Letters inserted, left out, replaced or swapped with their neighbour; more than `most` counts as infinite. */
function distanceBetween(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      current[j] = least;
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
