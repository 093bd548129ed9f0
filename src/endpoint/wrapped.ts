import { parseJson } from './json.ts';

/** Of so many times its length a text is not what a console wrapped: trimmed blanks are few. */
const mostGrowth = 2;

/**
 * Lines that a console made of one, by its width (a device in Constrained Language Mode cannot keep it from doing so), as
 * the one line again. Whoever carried them may have taken the blanks at their ends away; then a line is shorter than the
 * width, and gets them back. Null: no console made such lines, one of which is long and the others are not.
 */
export function unwrapped(lines: readonly string[]): string | null {
  let [width, length] = [0, 0];
  for (const line of lines) {
    width = Math.max(width, line.length);
    length += line.length;
  }
  const last = lines.at(-1) ?? '';
  if (width * (lines.length - 1) + last.length > mostGrowth * length) return null;
  return lines.map((line, at) => (at < lines.length - 1 ? line.padEnd(width) : line)).join('');
}

/** JSON that may have been wrapped; undefined where it is none. */
export function parseWrappedJson(text: string): unknown {
  const json = parseJson(text);
  if (json !== undefined || !text.includes('\n')) return json;
  const line = unwrapped(text.split(/\r?\n/));
  return line === null ? undefined : parseJson(line);
}
