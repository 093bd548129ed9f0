/** What a PasswordRotationPolicy says of the passwords of its accounts. */
import type { DeclaredAccount, RotationPolicy } from '../model/desired.ts';
import type { Complexity } from '../model/operation.ts';
import { defaultRotation, type RecoveryKey } from '../model/rotation.ts';
import { scopeOf } from './compile-policies.ts';
import { compileWindows } from './compile-windows.ts';
import type { DocumentOf } from './document.ts';
import type * as written from './generated/documents.ts';

type Spec = written.PasswordRotationPolicy['spec'];

/** What is left out stays left out: another policy may speak of it. */
export function compileRotation(document: DocumentOf<'PasswordRotationPolicy'>): RotationPolicy {
  const { spec } = document.value;
  const { accounts, rotationDays, retentionDays, minutesAfterReveal, complexity, generator, dependents } = spec;
  const { windows, recoveryKeys, sink, value } = spec;
  return {
    ...scopeOf(document, spec),
    accounts: accounts.map(
      ({ builtin, name = '' }): DeclaredAccount => (builtin === undefined ? { name } : { builtin }),
    ),
    ...(rotationDays === undefined ? {} : { rotationDays }),
    ...(retentionDays === undefined ? {} : { retentionDays }),
    ...(minutesAfterReveal === undefined ? {} : { minutesAfterReveal }),
    ...(complexity === undefined ? {} : { complexity: compileComplexity(complexity) }),
    ...(generator === undefined ? {} : { generator }),
    ...(dependents === undefined ? {} : { dependents }),
    ...(windows === undefined ? {} : { windows: compileWindows(document, windows) }),
    ...(recoveryKeys === undefined ? {} : { recoveryKeys: recoveryKeys.map(compileRecoveryKey) }),
    ...(sink === undefined ? {} : { sink }),
    ...(value === undefined ? {} : { value }),
  };
}

function compileRecoveryKey({ file, pem = '' }: NonNullable<Spec['recoveryKeys']>[number]): RecoveryKey {
  return file === undefined ? { pem } : { file };
}

/** What is easily taken for another character when it is read off a screen. */
const lookAlikes = "0Oo1Il|'`.,:;";

export function compileComplexity(complexity: NonNullable<Spec['complexity']>): Complexity {
  const { excludeChars = '', avoidLookAlikes = false, words = null, ...minima } = complexity;
  const excluded = { excludeChars: sortedCharacters(`${excludeChars}${avoidLookAlikes ? lookAlikes : ''}`) };
  if (words === null) return { ...defaultRotation.complexity, ...minima, ...excluded };
  return { ...noMinima, minLength: minima.minLength ?? noMinima.minLength, ...excluded, words };
}

/** Of a passphrase, where all four classes are in it always. */
const noMinima = { minLength: 8, minDigits: 0, minUppercase: 0, minLowercase: 0, minSpecial: 0 } as const;

/** The places of a passphrase, `Badok-Kimel-Rofus-47`: as powershell/source/expand_params.ps1 makes them. */
export const wordAlphabets = [
  { word: 'capital letter of a word', characters: 'BDFGHJKMNPRSTVWZ' },
  { word: 'vowel', characters: 'aeiou' },
  { word: 'consonant', characters: 'bdfghjkmnprstvwz' },
  { word: 'hyphen', characters: '-' },
  { word: 'digit', characters: '0123456789' },
] as const;

export function lengthOfPhrase(words: number): number {
  return 6 * words + 2;
}

/** Each once, in the order of their codes: two ways to write one set are one demand. */
function sortedCharacters(text: string): string {
  return [...new Set(text)].toSorted().join('');
}
