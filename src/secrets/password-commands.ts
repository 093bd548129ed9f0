/**
 * Runs the operator's commands that take or give a password, without a shell. The password goes over standard input or
 * output only; whose it is, the command finds in its environment: TRUEUP_PROVIDER, TRUEUP_COMPUTER_ID, TRUEUP_DEVICE,
 * TRUEUP_ACCOUNT, TRUEUP_ROTATION. Nothing that a command prints is ever shown: it may be the password.
 */
import { spawn } from 'node:child_process';
import type { PasswordCommands, PasswordOwner } from '../credential-ports.ts';
import { TrueupError } from '../errors.ts';

export interface CommandSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal?: AbortSignal;
}

const commandMilliseconds = 30_000;
/** For the last of its output, once it has ended. */
const graceMilliseconds = 1000;
/** A password has at most 127 characters; what is longer is something else. */
const mostBytes = 4096;

export function passwordCommands(surroundings: CommandSurroundings): PasswordCommands {
  return {
    async value(command, owner) {
      const { bytes, why } = await ended(command, owner, null, surroundings);
      const line = why === null ? firstLine(bytes) : null;
      bytes.fill(0);
      if (line !== null) return line;
      const reason = why ?? 'it printed no line that can be a password';
      const message = `A password cannot be had: the command ${nameOf(command)} failed for ${whose(owner)} (${reason}).`;
      throw new TrueupError('TRUEUP_SECRET_UNREADABLE', message);
    },
    async deliver(command, owner, value) {
      const { bytes, why } = await ended(command, owner, value, surroundings);
      bytes.fill(0);
      if (why === null) return;
      const message = `The command ${nameOf(command)} did not take the password of ${whose(owner)} (${why}).`;
      throw new TrueupError('TRUEUP_SINK_FAILED', message);
    },
  };
}

function nameOf([program = '']: readonly string[]): string {
  return program;
}

function whose({ device, account }: PasswordOwner): string {
  return `${account} of ${device}`;
}

interface End {
  /** What it printed, up to a bound. */
  readonly bytes: Buffer;
  /** Why it is not to be believed; null: it ended with 0. */
  readonly why: string | null;
}

function ended(
  command: readonly string[],
  owner: PasswordOwner,
  input: Buffer | null,
  { env, cwd, signal }: CommandSurroundings,
): Promise<End> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const printed: Buffer[] = [];
    let size = 0;
    const child = spawn(program, args, {
      cwd,
      env: { ...env, ...environmentOf(owner) },
      stdio: [input === null ? 'ignore' : 'pipe', 'pipe', 'ignore'],
      timeout: commandMilliseconds,
      killSignal: 'SIGKILL',
      windowsHide: true,
      ...(signal ? { signal } : {}),
    });
    const end = (why: string | null): void => {
      const bytes = Buffer.concat(printed);
      for (const part of printed) part.fill(0);
      resolve({ bytes, why });
    };
    child.stdout?.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= mostBytes) printed.push(part);
      else part.fill(0);
    });
    child.once('error', (error) => {
      if (signal?.aborted) reject(signal.reason as Error);
      else end('code' in error && typeof error.code === 'string' ? error.code : 'it could not be started');
    });
    // What it leaves running has its output still, and would be waited for without an end.
    child.once('exit', () => setTimeout(() => child.stdout?.destroy(), graceMilliseconds).unref());
    child.once('close', (code, killed) => {
      if (code === 0) end(size > mostBytes ? `it printed more than ${mostBytes} bytes` : null);
      else end(code === null ? `ended by ${killed}` : `exit status ${code}`);
    });
    // One that does not read what it is given is judged by how it ends.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function environmentOf({ provider, computerId, device, account, rotation }: PasswordOwner): Record<string, string> {
  return {
    TRUEUP_PROVIDER: provider,
    TRUEUP_COMPUTER_ID: computerId,
    TRUEUP_DEVICE: device,
    TRUEUP_ACCOUNT: account,
    TRUEUP_ROTATION: rotation,
  };
}

/** Null: it is empty, or has something in it that no password can have. The bytes are a copy. */
function firstLine(bytes: Buffer): Buffer | null {
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  const line = Buffer.from(end === -1 ? bytes : bytes.subarray(0, end));
  if (line.length > 0 && line.every((byte) => byte >= 0x20 && byte !== 0x7f)) return line;
  line.fill(0);
  return null;
}
