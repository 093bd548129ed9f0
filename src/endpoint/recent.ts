/**
 * What was made of a text, for as long as the text comes again: a daemon sees the same few thousand texts in every cycle.
 * What has not been asked for while as much as `mostLetters` was new is forgotten; up to twice as much is held.
 */
export function recent<T>(mostLetters: number, make: (text: string) => T): (text: string) => T {
  let young = new Map<string, T>();
  let old: ReadonlyMap<string, T> = new Map();
  let letters = 0;
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const made = old.get(text) ?? make(text);
    if (letters + text.length > mostLetters) {
      old = young;
      young = new Map();
      letters = 0;
    }
    young.set(text, made);
    letters += text.length;
    return made;
  };
}
