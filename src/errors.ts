/** The errors that the program raises, each with the code, cause and remedy of `error-catalogue.ts`. */
import { catalogue, type Entry } from './error-catalogue.ts';

export type ErrorCode = keyof typeof catalogue;

export interface ErrorDetails {
  /** Where the catalogue's likely cause is not the likely one here. */
  readonly cause?: string;
  readonly remedy?: string;
  /** `file:line` or `file:line:column` of the statement at fault. */
  readonly source?: string;
  /** A request that may have taken effect all the same, so that it must be looked for and never just sent again. */
  readonly doubtful?: boolean;
  /** The error below, for --verbose; never printed otherwise. */
  readonly origin?: unknown;
}

export class TrueupError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: number;
  readonly likelyCause: string;
  readonly remedy: string;
  readonly source: string | null;
  readonly doubtful: boolean;
  readonly origin: unknown;

  /** `message` says what happened, in one sentence, without a secret. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    const entry: Entry = catalogue[code];
    this.name = 'TrueupError';
    this.code = code;
    this.exitCode = entry.exit;
    this.likelyCause = details.cause ?? entry.cause;
    this.remedy = details.remedy ?? entry.remedy;
    this.source = details.source ?? null;
    this.doubtful = details.doubtful ?? false;
    this.origin = details.origin;
  }
}

/** What an error of any kind says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error that nobody foresaw is a fault of ours. */
export function asTrueupError(error: unknown): TrueupError {
  return error instanceof TrueupError ? error : new TrueupError('TRUEUP_INTERNAL', messageOf(error), { origin: error });
}

export function isInterruption(error: unknown): boolean {
  return error instanceof TrueupError && error.code === 'TRUEUP_INTERRUPTED';
}

export interface ErrorBrief {
  readonly code: string;
  /** One sentence without a secret. */
  readonly message: string;
}

/** An error of any kind, for a line of a log or of the daemon. */
export function briefOf(error: unknown): ErrorBrief {
  const { code, message } = asTrueupError(error);
  return { code, message };
}
