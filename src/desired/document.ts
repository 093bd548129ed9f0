/** A document that has been validated: what the checks and the compiler read. */
import type { Kind, PolicyRef } from '../model/desired.ts';
import type { AnyDocument } from './generated/documents.ts';
import type { Places } from './places.ts';
import type { Place, Problem, ProblemCode } from './problem.ts';
import { problemAt } from './problem.ts';

export interface DocumentOf<K extends Kind> {
  readonly file: string;
  readonly kind: K;
  readonly name: string;
  readonly value: Extract<AnyDocument, { readonly kind: K }>;
  readonly places: Places;
  /** False: a part was at fault and is left out, so that nothing can be said of the whole. */
  readonly sound: boolean;
  /** Its selector, its priority and what it is about are as written, so that the rest can be held against others. */
  readonly comparable: boolean;
}

export type ValidDocument = { readonly [K in Kind]: DocumentOf<K> }[Kind];

export function ofKind<K extends Kind>(documents: readonly ValidDocument[], kind: K): DocumentOf<K>[] {
  return documents.filter((document): document is ValidDocument & DocumentOf<K> => document.kind === kind);
}

type Placed = Pick<ValidDocument, 'file' | 'places'>;

/** At a value below one of the document's mappings or lists. */
export function problemIn(
  { file, places }: Placed,
  code: ProblemCode,
  holder: object,
  key: string | number,
  message: string,
): Problem {
  return problemAt(code, file, places.value(holder, key), message);
}

export function startOf({ value, places }: ValidDocument): Place {
  return places.of(value);
}

/** `a.yaml:12`, to point at in a message. */
export function spot(file: string, { line }: Pick<Place, 'line'>): string {
  return `${file}:${line}`;
}

export function refOf(document: ValidDocument): PolicyRef {
  const { file, kind, name } = document;
  return { kind, name, source: { file, line: startOf(document).line } };
}
