/** Hands events to the operator's own command, one process each, JSON on its standard input. */
import { spawn } from 'node:child_process';
import type { DaemonEvent } from './events.ts';

export interface NotifySurroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told when the command could not be run, failed or was too slow; the daemon goes on. */
  readonly complain: (message: string) => void;
  /** How long a command may take; 30,000 by default. */
  readonly limitMilliseconds?: number;
}

const notifyMilliseconds = 30_000;

/** `command` is a line for the shell, as in a crontab; the event never becomes part of it. */
export function notifier(command: string, surroundings: NotifySurroundings): (event: DaemonEvent) => Promise<void> {
  return (event) =>
    new Promise((resolve) => {
      const { cwd, env, complain, limitMilliseconds = notifyMilliseconds } = surroundings;
      const child = spawn(command, {
        shell: true,
        cwd,
        env: { ...env },
        stdio: ['pipe', 'ignore', 'inherit'],
        timeout: limitMilliseconds,
        // The default, SIGTERM, can be ignored: the next cycle would wait for that command.
        killSignal: 'SIGKILL',
        windowsHide: true,
      });
      const end = (problem: string | null): void => {
        if (problem !== null) complain(`--notify ${problem} (event ${event.event})`);
        resolve();
      };
      child.on('error', (error) => end(`cannot be run: ${error.message}`));
      child.on('close', (code, signal) => {
        if (signal !== null) end(`was ended by ${signal}, or took longer than ${limitMilliseconds / 1000} s`);
        else end(code === 0 ? null : `failed with exit status ${code}`);
      });
      // A command that does not read its input closes the pipe early: that is its own affair.
      child.stdin.on('error', () => {});
      child.stdin.end(`${JSON.stringify(event)}\n`);
    });
}
