/**
 * A log file that is turned over once it is long: `NAME` is written to, `NAME.1` is the one before, and so on, the oldest
 * goes. Several processes may write to one file: each line is appended whole, and one process turns it over at a time.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface LogFile {
  /** One line with its line feed; it is in the file when this returns, whatever ends the process next. Never throws. */
  readonly write: (line: string) => void;
  readonly close: () => void;
}

export interface Turning {
  /** Bytes of one file. */
  readonly maxBytes: number;
  /** Files that are kept beside the one that is written to. */
  readonly archives: number;
}

/** As NPS-D's own logs are kept: 10 MB a file, five archived and an active one (npsd-domain.md 1.13). */
export const npsdTurning: Turning = { maxBytes: 10_000_000, archives: 5 };

/** Milliseconds after which whoever was about to turn a file over has died of it. */
const turnsAtMost = 10_000;

/** Throws what the file system throws where the file cannot be opened. */
export function openLogFile(path: string, { maxBytes, archives }: Turning): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  let file = openSync(path, 'a', 0o600);
  let isOpen = true;
  let lost = 0;

  const reopen = (): void => {
    const next = openSync(path, 'a', 0o600);
    closeSync(file);
    file = next;
  };
  /** Another process may have turned the file over: what is open then is an archive. */
  const current = (): Stats => {
    const open = fstatSync(file);
    const named = statSync(path, { throwIfNoEntry: false });
    if (named?.ino === open.ino && named.dev === open.dev) return open;
    reopen();
    return fstatSync(file);
  };
  const append = (line: string): void => {
    const bytes = Buffer.from(line);
    const { size } = current();
    if (size > 0 && size + bytes.length > maxBytes && turnOver(path, archives, size)) reopen();
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  };
  return {
    write: (line) => {
      if (!isOpen) return;
      try {
        if (lost > 0) append(lostLine(lost));
        lost = 0;
        append(line);
      } catch {
        // The disk is full, say: what the run is about matters more, and the log says so once it can be written again.
        lost += 1;
      }
    },
    close: () => {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

function lostLine(lost: number): string {
  return `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), lost, msg: 'lines could not be written' })}\n`;
}

/**
 * Answers whether the file is another one now. `size`: that it had; a process that was faster leaves a shorter one. Where
 * it cannot be turned over now, it is written to further: no line is lost for the length of a file.
 */
function turnOver(path: string, archives: number, size: number): boolean {
  const lock = `${path}.lock`;
  if (!taken(lock)) return false;
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < size) return true;
    for (let number = archives - 1; number >= 1; number -= 1) moved(`${path}.${number}`, `${path}.${number + 1}`);
    if (archives > 0) moved(path, `${path}.1`);
    else rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** A folder: to make one that is there fails, on every file system. */
function taken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > turnsAtMost) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function moved(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
}
