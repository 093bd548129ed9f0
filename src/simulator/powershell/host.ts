/**
 * One PowerShell that answers for all devices: `host.ps1`, asked line by line. The simulated devices are synchronous, so
 * the process is kept by a worker, and whoever asks waits for the answer.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { asciiJson, isJsonObject, type JsonObject, parseJson } from '../../endpoint/json.ts';
import { TrueupError } from '../../errors.ts';
import type { Answer, Environment, Startup } from './worker.ts';

export interface Host {
  /** Version of the PowerShell. */
  readonly version: string;
  /** Throws TRUEUP_SIMULATOR where there is no answer. */
  ask(request: JsonObject): JsonObject;
  close(): Promise<void>;
}

/** A start takes under a second, a command some milliseconds. */
const patience = 60_000;

/** `env` is that of the PowerShell: its PATH says which. Throws TRUEUP_SIMULATOR where there is none. */
export function startHost(env: Environment): Host {
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const { port1: port, port2 } = new MessageChannel();
  const workerData: Startup = { env, signal, port: port2 };
  const worker = new Worker(new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url), {
    workerData,
    transferList: [port2],
    env: { ...env },
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  // A program that has come to its end does not wait for it.
  worker.unref();
  port.unref();
  const close = async (): Promise<void> => {
    port.postMessage(null);
    worker.ref();
    await ended;
  };
  let failure: TrueupError | null = null;
  const answerTo = (request: JsonObject | null): JsonObject => {
    if (failure !== null) throw failure;
    if (request !== null) port.postMessage(asciiJson(request));
    const answer = nextOn(port, signal);
    // One request may fail; what ends the process fails all that come after it.
    if (typeof answer !== 'string') {
      failure = failed(answer.failure);
      throw failure;
    }
    return checked(answer);
  };
  try {
    const { version } = answerTo(null);
    return { version: String(version), ask: answerTo, close };
  } catch (error) {
    void close();
    throw error;
  }
}

function nextOn(port: MessagePort, signal: Int32Array): Answer {
  const deadline = performance.now() + patience;
  for (;;) {
    const seen = Atomics.load(signal, 0);
    const received = receiveMessageOnPort(port) as { readonly message: Answer } | undefined;
    if (received) return received.message;
    const left = deadline - performance.now();
    if (left <= 0) return { failure: `PowerShell has not answered for ${patience / 1000} s` };
    Atomics.wait(signal, 0, seen, left);
  }
}

function checked(line: string): JsonObject {
  const answer = parseJson(line);
  if (!isJsonObject(answer)) throw failed('PowerShell answered something else than JSON');
  if (answer['failure'] !== undefined) throw failed(String(answer['failure']));
  return answer;
}

function failed(what: string): TrueupError {
  return new TrueupError('TRUEUP_SIMULATOR', `The endpoint scripts cannot be run: ${what}.`, {
    cause: '--powershell runs the real scripts, under the pwsh that is found on PATH.',
    remedy: 'Install PowerShell 7.5 or later, so that `pwsh` starts it, or leave --powershell away.',
  });
}
