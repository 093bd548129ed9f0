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
  /** Throws TRUEUP_SIMULATOR where there is no answer, then and ever after. */
  ask(request: JsonObject): JsonObject;
  /** Comes with the first such error. */
  readonly failure: Promise<TrueupError>;
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
  const failure = Promise.withResolvers<TrueupError>();
  let error: TrueupError | null = null;
  const next = (): JsonObject => {
    const answer = nextOn(port, signal);
    if (answer['failure'] === undefined) return answer;
    error = failureOf(String(answer['failure']));
    failure.resolve(error);
    throw error;
  };
  try {
    const { version } = next();
    return {
      version: String(version),
      ask: (request) => {
        if (error !== null) throw error;
        port.postMessage(asciiJson(request));
        return next();
      },
      failure: failure.promise,
      close,
    };
  } catch (thrown) {
    void close();
    throw thrown;
  }
}

/** Waits for it. */
function nextOn(port: MessagePort, signal: Int32Array): JsonObject {
  const deadline = performance.now() + patience;
  for (;;) {
    const seen = Atomics.load(signal, 0);
    const received = receiveMessageOnPort(port);
    if (received) return objectOf(received.message as Answer);
    const left = deadline - performance.now();
    if (left <= 0) return { failure: `PowerShell has not answered for ${patience / 1000} s` };
    Atomics.wait(signal, 0, seen, left);
  }
}

function objectOf(answer: Answer): JsonObject {
  const object = typeof answer === 'string' ? parseJson(answer) : answer;
  return isJsonObject(object) ? object : { failure: 'PowerShell answered something else than JSON' };
}

function failureOf(what: string): TrueupError {
  return new TrueupError('TRUEUP_SIMULATOR', `The endpoint scripts cannot be run: ${what}.`, {
    cause: '--powershell runs the real scripts, under the pwsh that is found on PATH.',
    remedy: 'Install PowerShell 7.5 or later, so that `pwsh` starts it, or leave --powershell away.',
  });
}
