/** Where a new API token goes: into the file that it is read from, or to a command on its standard input. */
import { spawn } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf, TrueupError } from '../errors.ts';

/**
 * Puts the token in the place of the file's first line, whole or not at all: whoever reads meanwhile has the old one or
 * the new one. A link is followed, mode and owner stay. Throws TRUEUP_SECRET_UNREADABLE.
 */
export function replaceFirstLine(path: string, value: string, cwd: string): void {
  const asked = resolve(cwd, path);
  let draft: string | null = null;
  try {
    const file = realpathSync(asked);
    const { mode, uid, gid } = statSync(file);
    const rest = /\r?\n[\s\S]*$/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
    draft = `${file}.${process.pid}.tmp`;
    const descriptor = openSync(draft, 'wx', mode & 0o777);
    try {
      writeSync(descriptor, `${value}${rest}`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const made = statSync(draft);
    if (made.uid !== uid || made.gid !== gid)
      throw new Error(`it belongs to ${uid}:${gid}, which this user cannot keep`);
    renameSync(draft, file);
    draft = null;
    syncFolder(dirname(file));
  } catch (origin) {
    if (draft !== null) rmSync(draft, { force: true });
    throw new TrueupError('TRUEUP_SECRET_UNREADABLE', `The file ${path} cannot be replaced: ${messageOf(origin)}.`, {
      cause: 'The file that apiKey names, or its folder, may not be written by this user.',
      remedy: 'Run as the user that the file belongs to, or hand the token to a command with --sink.',
      origin,
    });
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export interface SinkSurroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const sinkMilliseconds = 60_000;

/**
 * `command`: a line for the shell, as in a crontab; the token and a line feed are on its standard input, never in its
 * arguments, and nothing that it prints is shown. Throws TRUEUP_SINK_FAILED.
 */
export function handToSink(command: string, value: string, { cwd, env, signal }: SinkSurroundings): Promise<void> {
  return new Promise((done, reject) => {
    const child = spawn(command, {
      shell: true,
      cwd,
      env: { ...env },
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: sinkMilliseconds,
      killSignal: 'SIGKILL',
      windowsHide: true,
      signal,
    });
    const fail = (why: string): void =>
      reject(
        new TrueupError('TRUEUP_SINK_FAILED', `The command of --sink ${why}.`, {
          cause: 'The command that the new token was handed to did not end with 0; its output is never shown.',
          remedy: 'Mend the command and run again: the old token still works, and a new one is made.',
        }),
      );
    child.on('error', (error) =>
      signal.aborted ? reject(signal.reason as Error) : fail(`cannot be run: ${error.message}`),
    );
    child.on('close', (code, killed) => {
      if (code === 0) done();
      else fail(code === null ? `was ended by ${killed}` : `failed with exit status ${code}`);
    });
    // One that does not read what it is given is judged by how it ends.
    child.stdin.on('error', () => {});
    child.stdin.end(`${value}\n`);
  });
}
