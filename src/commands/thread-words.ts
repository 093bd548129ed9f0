/** What the two threads of `trueup reconcile` say to each other: plain data, which a message can carry. */
import { asTrueupError, type ErrorCode, TrueupError } from '../errors.ts';
import type { Leased, ReconcileOptions } from './cycles.ts';
import type { Io } from './io.ts';

/** What the second thread begins with. */
export interface Beginning {
  readonly options: ReconcileOptions;
  readonly io: Pick<Io, 'env' | 'cwd' | 'color' | 'columns' | 'statusColumns' | 'verbosity'>;
}

/** To the first thread; what has an `id` is answered. */
export type Said =
  | { readonly kind: 'out'; readonly text: string }
  | { readonly kind: 'err'; readonly text: string }
  | { readonly kind: 'lease'; readonly id: number; readonly leased: Leased; readonly waitSeconds: number }
  | { readonly kind: 'assert'; readonly id: number }
  | { readonly kind: 'release'; readonly id: number }
  | { readonly kind: 'end'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** To the second thread. `abort`: the operator's signal; `lost`: the lease is. */
export type Told =
  | { readonly kind: 'answer'; readonly id: number; readonly error: PlainError | null }
  | { readonly kind: 'abort'; readonly error: PlainError }
  | { readonly kind: 'lost'; readonly error: PlainError };

/** An error is cloned without its class and all that ours has beyond a message. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause: string;
  readonly remedy: string;
  readonly source: string | null;
  readonly doubtful: boolean;
  readonly stack: string | undefined;
}

export function plainError(error: unknown): PlainError {
  const { code, message, likelyCause, remedy, source, doubtful, origin, stack } = asTrueupError(error);
  // Of a fault of ours, where it really happened is the only thing that helps.
  const place = code === 'TRUEUP_INTERNAL' && origin instanceof Error ? origin.stack : stack;
  return { code, message, cause: likelyCause, remedy, source, doubtful, stack: place };
}

export function errorOf({ code, message, stack, source, ...details }: PlainError): TrueupError {
  const error = new TrueupError(code, message, { ...details, ...(source === null ? {} : { source }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}
