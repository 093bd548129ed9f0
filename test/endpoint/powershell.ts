/** The PowerShell of this machine for tests: `pwsh` from PATH, run once or as a loop that answers line by line. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const scripts: string = fileURLToPath(new URL('../../powershell/', import.meta.url));

/** Null: there is none, and it has been said so. */
export const pwsh: string | null = onPath('pwsh');

if (pwsh === null) console.warn('skipped: the endpoint scripts, as there is no pwsh on PATH');

/** The file of a command; null: it is in no folder of PATH. */
export function onPath(command: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      const file = join(folder, command);
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

export interface Ran {
  readonly exit: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** As the command line of the package does. */
export function runFile(file: string, parameters: readonly string[], folder: string): Ran {
  const given = ['-NoProfile', '-NonInteractive', '-File', file, ...parameters];
  const { status, stdout, stderr } = spawnSync(String(pwsh), given, { cwd: folder, encoding: 'utf8' });
  return { exit: status, lines: stdout.split(/\r?\n/).filter((line) => line !== ''), stderr };
}

export interface Loop {
  /** One line out, one line back. */
  readonly ask: (line: string) => Promise<string>;
  readonly end: () => void;
}

/** A script that answers each line of its standard input with a line. */
export function startLoop(file: string): Loop {
  const child = spawn(String(pwsh), ['-NoProfile', '-NonInteractive', '-File', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      const answer = await answers.next();
      if (answer.done) throw new Error(`${file} ended without an answer`);
      return answer.value;
    },
    end: () => child.stdin.end(),
  };
}
