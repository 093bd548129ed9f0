/** Values in messages: short, on one line, and never a secret. */
import { visible } from './problem.ts';

const longest = 60;

/** `"600"`, `600`, `true`, `nothing`, `a list`, `a mapping`; a text that looks like a secret is not shown. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  return secretIn(value) === null ? shownText(value) : 'a text that is not shown, since it looks like a secret,';
}

function shownText(text: string): string {
  const characters = Array.from(text.slice(0, longest * 2));
  const cut = characters.length > longest || text.length > longest * 2;
  return `"${visible(cut ? `${characters.slice(0, longest).join('')}…` : text)}"`;
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(names: readonly string[], last = 'or'): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
}

/**
 * What kind of secret a text looks like: `token-` and its 58 digits as Tanium makes them (tanium-api.md), or what could
 * be one; a private key in PEM; a URL with a password in it. Null: none. Linear in the length of the text.
 */
export function secretIn(text: string): string | null {
  if (/\btoken-(?:(?=\w*\d)\w{12}|\w{20})/.test(text)) return 'a Tanium API token';
  if (/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/.test(text)) return 'a private key';
  if (/[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#@:]{0,256}:[^\s/?#@]{1,256}@/i.test(text)) return 'a URL with a password';
  return null;
}
