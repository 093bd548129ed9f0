/** What a command may touch of the process: `cli.ts` is the only file that has the real one. */
export interface Io {
  /** Decisions and results: what a script reads. */
  readonly out: (text: string) => void;
  /** Chatter, progress, errors. */
  readonly err: (text: string) => void;
  /** Asks a yes-or-no question; null where there is no terminal to ask on. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
  /**
   * Shows a text on a screen of its own, until a key is pressed or the time is up, and leaves nothing of it; null or left
   * out: there is no terminal for it.
   */
  readonly screen?: ((text: string, milliseconds: number) => Promise<void>) | null;
  /** Reads standard input to its end; null where it is a terminal. */
  readonly input: (() => Promise<string>) | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Colours on standard output: a terminal, and no NO_COLOR. */
  readonly color: boolean;
  /** Cells of a line of standard output; undefined: it is no terminal. */
  readonly columns: number | undefined;
  /** Lines of that terminal; undefined or left out: it is none. */
  readonly rows?: number | undefined;
  /** A terminal on standard error, and its width; null: no status line. */
  readonly statusColumns: number | null;
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
}

export type Format = 'text' | 'json' | 'markdown' | 'html';

/** How its reader wants a text. */
export function viewOf({ color, columns }: Io): { readonly color: boolean; readonly columns?: number | undefined } {
  return { color, columns };
}
