/** Reads a secret at the last moment, from where its reference points. */
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { TrueupError } from '../errors.ts';
import type { SecretReference } from '../model/desired.ts';

export interface SecretSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths begin. */
  readonly cwd: string;
  readonly signal?: AbortSignal;
}

/** A secret is one line; what is longer is another file. */
const maxBytes = 64 * 1024;
const commandMilliseconds = 15_000;

const run = promisify(execFile);

/**
 * The first line of the variable, the file or the command's output, without its line break.
 * @throws TRUEUP_SECRET_UNREADABLE, which names the reference and never holds the secret
 */
export async function readSecret(reference: SecretReference, source: SecretSource): Promise<string> {
  if ('env' in reference) return fromVariable(reference.env, source);
  if ('file' in reference) return fromFile(reference.file, source);
  return fromCommand(reference.command, source);
}

function fromVariable(name: string, source: SecretSource): string {
  const value = source.env[name];
  if (value === undefined) throw unreadable(`the variable ${name} is not set`);
  return firstLine(value, `the variable ${name}`);
}

async function fromFile(path: string, source: SecretSource): Promise<string> {
  const what = `the file ${path}`;
  let text: string;
  try {
    await using file = await open(resolve(source.cwd, path), 'r');
    const stat = await file.stat();
    if (!stat.isFile()) throw unreadable(`${what} is not a file`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
    if (bytesRead > maxBytes) throw unreadable(`${what} is longer than ${maxBytes} bytes`);
    text = buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if (error instanceof TrueupError) throw error;
    throw unreadable(`${what} cannot be read (${codeOf(error)})`);
  }
  return firstLine(text, what);
}

/**
 * Without a shell, so that nothing in the arguments is read as syntax. Neither arguments nor output appear in an
 * error: both may hold the secret, and so may the error that Node makes of them.
 */
async function fromCommand(command: readonly string[], source: SecretSource): Promise<string> {
  const [program, ...args] = command;
  if (program === undefined || program === '') throw unreadable('the command is empty');
  const what = `the command ${program}`;
  let output: string;
  try {
    const { stdout } = await run(program, args, {
      cwd: source.cwd,
      env: { ...source.env },
      timeout: commandMilliseconds,
      maxBuffer: maxBytes,
      windowsHide: true,
      ...(source.signal ? { signal: source.signal } : {}),
    });
    output = stdout;
  } catch (error) {
    source.signal?.throwIfAborted();
    throw unreadable(`${what} failed (${whyOf(error)})`);
  }
  return firstLine(output, what);
}

function firstLine(text: string, what: string): string {
  const line = text.replace(/^\uFEFF/, '').split(/\r?\n|\r/, 1)[0] ?? '';
  if (line.trim() === '') throw unreadable(`${what} is empty in its first line`);
  if (/\p{Cc}/u.test(line)) throw unreadable(`${what} holds control characters`);
  return line;
}

function unreadable(why: string): TrueupError {
  return new TrueupError('TRUEUP_SECRET_UNREADABLE', `A secret cannot be read: ${why}.`);
}

function whyOf(error: unknown): string {
  if (codeOf(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `it printed more than ${maxBytes} bytes`;
  const killed = error instanceof Error && 'killed' in error && error.killed === true;
  return killed ? `it ran longer than ${commandMilliseconds / 1000} s` : codeOf(error);
}

/** `ENOENT`, or `exit status 2`; nothing else of the error. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `exit status ${code}`;
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : 'unknown reason';
}
