import { parseJson } from './json.ts';

/**
 * Lines that a console made of one, by its width (a device in Constrained Language Mode cannot keep it from doing so), as
 * the one line again. Whoever carried them may have taken the blanks at their ends away; then a line is shorter than the
 * width, and gets them back.
 */
export function unwrapped(lines: readonly string[]): string {
  const width = lines.reduce((longest, line) => Math.max(longest, line.length), 0);
  return lines.map((line, at) => (at < lines.length - 1 ? line.padEnd(width) : line)).join('');
}

/** JSON that may have been wrapped; undefined where it is none. */
export function parseWrappedJson(text: string): unknown {
  const json = parseJson(text);
  return json === undefined && text.includes('\n') ? parseJson(unwrapped(text.split(/\r?\n/))) : json;
}
