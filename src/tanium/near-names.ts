/** Which existing names an operator may have meant (#165). */

const mostNames = 3;

/** The nearest first: differs in case, in white space, in a few letters, or contains the other. */
export function nearNames(wanted: string, names: Iterable<string>): readonly string[] {
  const found: { readonly name: string; readonly distance: number }[] = [];
  for (const name of new Set(names)) {
    const distance = distanceOf(wanted, name);
    if (distance !== null) found.push({ name, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return found.slice(0, mostNames).map(({ name }) => name);
}

function distanceOf(wanted: string, name: string): number | null {
  const [a, b] = [fold(wanted), fold(name)];
  if (a === '' || b === '') return null;
  if (wanted.toLowerCase() === name.toLowerCase()) return 0;
  if (a === b) return 0.5;
  const most = Math.max(2, Math.floor(a.length / 4));
  if (Math.abs(a.length - b.length) <= most) {
    const edits = editsBetween(a, b);
    if (edits <= most) return edits;
  }
  return a.length >= 4 && b.length >= 4 && (a.includes(b) || b.includes(a)) ? most + 1 : null;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, '');
}

/** Levenshtein distance, one row of the table at a time. */
function editsBetween(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(swap, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** ` Did you mean "A" or "B"?` for a message, or that only the case, or a blank around it, differs; empty where nothing is near. */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  const near = nearNames(wanted, names);
  const [first] = near;
  if (first === undefined) return '';
  const quotedNames = near.map((name) => `"${shown(name)}"`);
  const difference = differenceOf(wanted.toLowerCase(), first.toLowerCase());
  if (difference !== null) return ` Tanium has ${quotedNames[0]}: ${difference}.`;
  return ` Did you mean ${quotedNames.join(' or ')}?`;
}

function differenceOf(wanted: string, name: string): string | null {
  if (wanted === name) return 'upper and lower case differ';
  return wanted.trim() === name.trim() ? 'a blank at its beginning or end differs' : null;
}

const longestShown = 120;

/** A foreign name for a message: blanks as they are, since they may be the very difference, controls as `\u{…}`. */
export function shown(name: string): string {
  const visible = name.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
  return visible.length > longestShown ? `${visible.slice(0, longestShown).toWellFormed()}…` : visible;
}
