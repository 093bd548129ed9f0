/** From the bytes of a file to its text, or to what keeps them from being one. */
import { isUtf8 } from 'node:buffer';
import { fileStart, type Place, type Problem, problemAt } from './problem.ts';

/** A configuration of 5,000 documents has about 2 MB. */
export const maxFileBytes: number = 8 * 1024 * 1024;

export interface Loaded {
  /** Without a byte order mark, line ends as they are but for a bare CR; null: there is a problem. */
  readonly text: string | null;
  readonly problem: Problem | null;
}

export function tooLarge(file: string, bytes: number): Problem {
  const [is, most] = [bytes, maxFileBytes].map((size) => `${Math.ceil(size / (1024 * 1024))} MB`);
  return problemAt('TRUEUP_FILE_TOO_LARGE', file, fileStart, `The file has ${is}; at most ${most} are read.`);
}

export function textOf(file: string, bytes: Buffer): Loaded {
  if (bytes.length > maxFileBytes) return { text: null, problem: tooLarge(file, bytes.length) };
  if (bytes.length >= 2 && (bytes.readUInt16BE(0) === 0xfeff || bytes.readUInt16BE(0) === 0xfffe)) {
    return fault(file, 'TRUEUP_FILE_ENCODING', fileStart, 'The file is UTF-16, not UTF-8.');
  }
  if (!isUtf8(bytes)) {
    const at = firstInvalid(bytes);
    const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0');
    const place = placeIn(bytes.toString('utf8', 0, at), null);
    return fault(file, 'TRUEUP_FILE_ENCODING', place, `The byte 0x${byte} is no part of a UTF-8 text.`);
  }
  // Of one length with what it replaces, so that no position moves.
  const text = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .replaceAll(/\r(?!\n)/g, '\n');
  const hidden = hiddenCharacter.exec(text);
  if (hidden === null) return { text, problem: null };
  const place = placeIn(text, hidden.index);
  return fault(file, 'TRUEUP_FILE_CHARACTER', place, `Here is ${nameOfCharacter(hidden[0])}, which nobody sees.`);
}

function fault(file: string, code: Problem['code'], place: Place, message: string): Loaded {
  return { text: null, problem: problemAt(code, file, place, message) };
}

/** Controls but for tab and line ends; marks that reorder text on a screen; a byte order mark in the middle. */
const hiddenCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Cs}/u;

/** Says of a value, whatever escapes it was written with, what nobody would see of it; null: nothing. */
export function hiddenIn(value: string): string | null {
  const found = hiddenCharacter.exec(value);
  return found === null ? null : nameOfCharacter(found[0]);
}

function nameOfCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (code === 0) return `a NUL character (${number})`;
  if (code === 0xfeff) return `a byte order mark (${number})`;
  if (code >= 0x202a && code <= 0x2069) return `a character that reorders text (${number})`;
  return code >= 0xd800 && code <= 0xdfff ? `half a character (${number})` : `a control character (${number})`;
}

/** Offset of the first byte that no decoder can use: bisection, since every whole prefix before it is valid. */
function firstInvalid(bytes: Buffer): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isUtf8(bytes.subarray(0, wholeUntil(bytes, middle)))) valid = middle;
    else invalid = middle;
  }
  return wholeUntil(bytes, valid);
}

/** The end of the last whole character before `end`, so that a cut does not look like a fault. */
function wholeUntil(bytes: Buffer, end: number): number {
  let start = end;
  while (start > 0 && end - start < 3 && ((bytes[start - 1] ?? 0) & 0xc0) === 0x80) start -= 1;
  const lead = bytes[start - 1] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start > 0 && length > 1 && end - (start - 1) < length ? start - 1 : end;
}

/** `offset` null: behind the whole text. */
function placeIn(text: string, offset: number | null): Place {
  const before = text.slice(0, offset ?? text.length).replace(/^\ufeff/, '');
  const lines = before.split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, path: '' };
}
