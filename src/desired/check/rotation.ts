/** Each PasswordRotationPolicy by itself. */
import { createPublicKey } from 'node:crypto';
import { compileComplexity, lengthOfPhrase, wordAlphabets } from '../compile-rotation.ts';
import { type DocumentOf, problemIn, spot } from '../document.ts';
import { oneOf, shown } from '../shown.ts';
import { checkWindows } from './schedule.ts';
import type { Told } from './told.ts';

type Rotation = DocumentOf<'PasswordRotationPolicy'>;

export function checkRotation(document: Rotation, told: Told): void {
  const { spec } = document.value;
  checkComplexity(document, told);
  checkRecoveryKeys(document, told);
  checkWindows(document, spec.windows, told);
  if (spec.value !== undefined && spec.generator !== 'controller') {
    const message = 'Only with generator: controller does a password come from a command: a device makes its own.';
    told.errors.push(problemIn(document, 'TRUEUP_KEY_COMBINATION', spec, 'value', message));
  }
  const first = new Map<string, object>();
  for (const account of spec.accounts) {
    const key = account.builtin ?? (account.name ?? '').toLowerCase();
    const other = first.get(account.builtin === undefined ? `name ${key}` : 'builtin');
    first.set(account.builtin === undefined ? `name ${key}` : 'builtin', account);
    if (other === undefined) continue;
    const message = `${shown(key)} stands here twice, at ${spot(document.file, document.places.of(other))} too.`;
    told.warnings.push(
      problemIn(document, 'TRUEUP_MEMBER_TWICE', account, account.builtin ? 'builtin' : 'name', message),
    );
  }
}

const longestPassword = 127;

/** Of each class of characters; the single quote is none, as in NPS-D (npsd-domain.md 1.4). */
const classes = [
  { key: 'minDigits', word: 'digit', characters: '0123456789' },
  { key: 'minUppercase', word: 'capital letter', characters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' },
  { key: 'minLowercase', word: 'small letter', characters: 'abcdefghijklmnopqrstuvwxyz' },
  { key: 'minSpecial', word: 'special character', characters: '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~' },
] as const;

function checkComplexity(document: Rotation, told: Told): void {
  const { spec } = document.value;
  if (spec.complexity === undefined) return;
  if (spec.complexity.words !== undefined) checkPhrase(document, spec.complexity, spec.complexity.words, told);
  else checkCharacters(document, spec.complexity, told);
}

type Complexity = NonNullable<Rotation['value']['spec']['complexity']>;

function checkCharacters(document: Rotation, complexity: Complexity, { errors }: Told): void {
  const { excludeChars, ...compiled } = compileComplexity(complexity);
  const key = excludingKey(complexity);
  let sum = 0;
  let left = 0;
  for (const { key: minimum, word, characters } of classes) {
    const least = compiled[minimum];
    const kinds = countWithout(characters, excludeChars);
    sum += least;
    left += kinds;
    if (least === 0 || kinds > 0) continue;
    const message = `No password has ${least} ${word}${least === 1 ? '' : 's'} when ${key} leaves out all of them.`;
    errors.push(problemIn(document, 'TRUEUP_PASSWORD_IMPOSSIBLE', complexity, key, message));
  }
  const { spec } = document.value;
  if (sum > longestPassword) {
    const message = `The minima come to ${sum} characters, and Windows takes at most ${longestPassword}.`;
    errors.push(problemIn(document, 'TRUEUP_PASSWORD_IMPOSSIBLE', spec, 'complexity', message));
  }
  if (left === 0 && sum === 0) {
    const message = `${key} leaves no character to make a password of.`;
    errors.push(problemIn(document, 'TRUEUP_PASSWORD_IMPOSSIBLE', complexity, key, message));
  }
}

function checkPhrase(document: Rotation, complexity: Complexity, words: number, { errors }: Told): void {
  const minima = classes.map(({ key }) => key).filter((key) => complexity[key] !== undefined);
  if (minima.length > 0) {
    const message = `A passphrase is made of words: it has no ${oneOf(minima)}.`;
    errors.push(problemIn(document, 'TRUEUP_KEY_COMBINATION', complexity, minima[0] ?? 'words', message));
  }
  const { minLength, excludeChars } = compileComplexity(complexity);
  const length = lengthOfPhrase(words);
  if (minLength > length) {
    const message = `A passphrase of ${words} words has ${length} characters, and minLength asks for ${minLength}.`;
    errors.push(problemIn(document, 'TRUEUP_PASSWORD_IMPOSSIBLE', complexity, 'minLength', message));
  }
  const missing = wordAlphabets.find(({ characters }) => countWithout(characters, excludeChars) === 0);
  if (missing === undefined) return;
  const key = excludingKey(complexity);
  const message = `No passphrase can be made when ${key} leaves out every ${missing.word}.`;
  errors.push(problemIn(document, 'TRUEUP_PASSWORD_IMPOSSIBLE', complexity, key, message));
}

function excludingKey({ excludeChars }: Complexity): 'excludeChars' | 'avoidLookAlikes' {
  return excludeChars === undefined ? 'avoidLookAlikes' : 'excludeChars';
}

function countWithout(characters: string, excluded: string): number {
  return Array.from(characters).filter((character) => !excluded.includes(character)).length;
}

/** A smaller one could be broken while the password is in use. */
const leastBits = 2048;

/** A file is judged when it is read. Whatever a text is, it is never shown; a private key is told as any secret is. */
function checkRecoveryKeys(document: Rotation, { errors }: Told): void {
  for (const key of document.value.spec.recoveryKeys ?? []) {
    const complaint = key.pem === undefined ? null : publicKeyComplaint(key.pem);
    if (complaint !== null) errors.push(problemIn(document, 'TRUEUP_VALUE', key, 'pem', complaint));
  }
}

function publicKeyComplaint(pem: string): string | null {
  const key = parsedKey(pem);
  if (key === null) return 'This is no public key in PEM, as `openssl rsa -pubout` writes it.';
  if (key.asymmetricKeyType !== 'rsa') return `The key is of type ${key.asymmetricKeyType}, and RSA is needed.`;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < leastBits ? `The key has ${bits} bits, and ${leastBits} are needed.` : null;
}

function parsedKey(pem: string): ReturnType<typeof createPublicKey> | null {
  try {
    return createPublicKey(pem);
  } catch {
    return null;
  }
}
