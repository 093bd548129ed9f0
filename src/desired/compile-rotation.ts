/** What a PasswordRotationPolicy says of the passwords of its accounts. */
import { type DeclaredAccount, defaultRotation, type RotationPolicy } from '../model/desired.ts';
import type { Complexity } from '../model/operation.ts';
import { scopeOf } from './compile-policies.ts';
import { compileWindows } from './compile-windows.ts';
import type { DocumentOf } from './document.ts';
import type * as written from './generated/documents.ts';

type Spec = written.PasswordRotationPolicy['spec'];

/** What is left out stays left out: another policy may speak of it. */
export function compileRotation(document: DocumentOf<'PasswordRotationPolicy'>): RotationPolicy {
  const { spec } = document.value;
  const { accounts, rotationDays, retentionDays, minutesAfterReveal, complexity, generator, dependents, windows } =
    spec;
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
  };
}

function compileComplexity({ excludeChars = '', ...minima }: NonNullable<Spec['complexity']>): Complexity {
  return { ...defaultRotation.complexity, ...minima, excludeChars: sortedCharacters(excludeChars) };
}

/** Each once, in the order of their codes: two ways to write one set are one demand. */
function sortedCharacters(text: string): string {
  return [...new Set(text)].toSorted().join('');
}
