/**
 * A password that is made here: the same demands as on a device (`powershell/source/expand_params.ps1`), over numbers that
 * the caller draws. It never is a text, which nobody could overwrite.
 */
import type { Complexity } from '../model/operation.ts';

/** A whole number from 0, less than the limit, each as likely as any other. */
export type Draw = (limit: number) => number;

/** Printable ASCII without the space; Windows counts all of it that is no letter and no digit as special. */
const digits = between(48, 57);
const capitals = between(65, 90);
const smalls = between(97, 122);
const specials = [...between(33, 47), ...between(58, 64), ...between(91, 96), ...between(123, 126)];

function between(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const consonants = codesOf('bdfghjkmnprstvwz');
const vowels = codesOf('aeiou');
/** `Badok-`: 16 · 5 · 16 · 5 · 16, so 16.6 bits a word. */
const word = [codesOf('BDFGHJKMNPRSTVWZ'), vowels, consonants, vowels, consonants, codesOf('-')];

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

const shortest = 8;
const longest = 127;
/** Chance puts a part of a name in one now and then; as often as this it is not chance. */
const mostTries = 100;

/**
 * In ASCII; the bytes are the caller's to overwrite. `avoid`: names of which no part of three letters may be in it, since
 * Windows refuses those. Null: the demands leave none.
 */
export function composed(complexity: Complexity, avoid: readonly string[], draw: Draw): Uint8Array | null {
  const places = placesFor(complexity);
  if (places === null) return null;
  const parts = partsOf(avoid);
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    const password = Uint8Array.from(places, (codes) => codes[draw(codes.length)] ?? 0);
    if (complexity.words === null) shuffle(password, draw);
    if (!parts.some((part) => hasPart(password, part))) return password;
    password.fill(0);
  }
  return null;
}

/** For each place what may stand there; null: there is a place at which nothing may, or there are too few or too many. */
function placesFor(complexity: Complexity): readonly (readonly number[])[] | null {
  const { minLength, words, excludeChars } = complexity;
  const left = (codes: readonly number[]): number[] =>
    codes.filter((code) => !excludeChars.includes(String.fromCharCode(code)));
  const places = (words === null ? classPlaces(complexity) : wordPlaces(words)).map(left);
  const all = [digits, capitals, smalls, specials].flatMap(left);
  if (words === null) while (places.length < minLength) places.push(all);
  const isShort = places.length < Math.max(shortest, minLength);
  return isShort || places.length > longest || places.some((codes) => codes.length === 0) ? null : places;
}

function classPlaces({ minDigits, minUppercase, minLowercase, minSpecial }: Complexity): (readonly number[])[] {
  const times = (count: number, codes: readonly number[]): (readonly number[])[] =>
    Array.from({ length: count }, () => codes);
  return [
    ...times(minDigits, digits),
    ...times(minUppercase, capitals),
    ...times(minLowercase, smalls),
    ...times(minSpecial, specials),
  ];
}

/** `Badok-Kimel-Rofus-47` */
function wordPlaces(words: number): (readonly number[])[] {
  return [...Array.from({ length: words }, () => word).flat(), digits, digits];
}

function shuffle(password: Uint8Array, draw: Draw): void {
  for (let last = password.length - 1; last > 0; last -= 1) {
    const at = draw(last + 1);
    const code = password[at] ?? 0;
    password[at] = password[last] ?? 0;
    password[last] = code;
  }
}

/** Windows takes names apart at these, and compares without case. */
function partsOf(names: readonly string[]): readonly (readonly number[])[] {
  return [...names, ...names.flatMap((name) => name.split(/[,.\-_ #\t]/))]
    .filter((part) => part.length >= 3)
    .map((part) => codesOf(part.toUpperCase()));
}

function hasPart(password: Uint8Array, part: readonly number[]): boolean {
  for (let start = 0; start + part.length <= password.length; start += 1) {
    if (part.every((code, index) => capital(password[start + index] ?? 0) === code)) return true;
  }
  return false;
}

function capital(code: number): number {
  return code >= 97 && code <= 122 ? code - 32 : code;
}
