/** Names that must match byte for byte, and how a name that nearly does is told (#38, #70, #165). */

export function quoted(name: string): string {
  return `"${name}"`;
}

/** Upper and lower case, blanks and dashes set aside. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, '');
}

/** Those that somebody would take for the name; one beside them would be taken for them. */
export function lookalikes(wanted: string, names: Iterable<string>): readonly string[] {
  return [...new Set(names)].filter((name) => name !== wanted && folded(name) === folded(wanted)).toSorted();
}

/** ` Tanium has "nps admin members": upper and lower case differ.`; empty where nothing is near. */
export function nearWords(wanted: string, near: readonly string[]): string {
  const [first] = near;
  if (first === undefined) return '';
  const difference = differenceOf(wanted, first);
  if (difference !== null) return ` Tanium has ${quoted(first)}: ${difference}.`;
  return ` Did you mean ${near.map(quoted).join(' or ')}?`;
}

function differenceOf(wanted: string, name: string): string | null {
  const [a, b] = [wanted.toLowerCase(), name.toLowerCase()];
  if (a === b) return 'upper and lower case differ';
  if (a.trim() === b.trim()) return 'a blank at its beginning or end differs';
  return folded(wanted) === folded(name) ? 'blanks or dashes differ' : null;
}
