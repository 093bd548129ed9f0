/** The worker that keeps a PowerShell: hands each request to it as a line, and its answer, a line too, back. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type MessagePort, workerData } from 'node:worker_threads';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Startup {
  readonly env: Environment;
  /** Grows with each answer: whoever waits for one sleeps on it. */
  readonly signal: Int32Array;
  /** Requests come as a line, null ends it; each {@link Answer} goes back. */
  readonly port: MessagePort;
}

/** A line of `host.ps1`, or why there will be no more. */
export type Answer = string | { readonly failure: string };

const grace = 3_000;

const { env, signal, port } = workerData as Startup;

function answer(message: Answer): void {
  port.postMessage(message);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
}

const script = fileURLToPath(new URL('./host.ps1', import.meta.url));
const child = spawn('pwsh', ['-NoProfile', '-NonInteractive', '-File', script], {
  env: { ...env, POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' },
  stdio: ['pipe', 'pipe', 'inherit'],
});
child.on('error', (error: NodeJS.ErrnoException) => {
  answer({ failure: error.code === 'ENOENT' ? 'there is no pwsh on PATH' : error.message });
  port.close();
});
child.on('close', (code, by) => {
  answer({ failure: `PowerShell ended by itself, with ${code ?? by}` });
  port.close();
});
// A child that is gone says so by itself.
child.stdin.on('error', () => {});
createInterface({ input: child.stdout }).on('line', answer);
port.on('message', (line: string | null) => {
  if (line !== null) {
    child.stdin.write(`${line}\n`);
    return;
  }
  child.stdin.end();
  // One that is stuck in a command does not see that.
  setTimeout(() => child.kill(), grace).unref();
});
