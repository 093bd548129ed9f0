/** The second thread of `trueup reconcile`: its cycles may take what time they need. */
import { parentPort, workerData } from 'node:worker_threads';
import { TrueupError } from '../errors.ts';
import { cycles, type Lend } from './cycles.ts';
import type { Io } from './io.ts';
import { type Beginning, errorOf, plainError, type Said, type Told } from './thread-words.ts';

const { options, io: given } = workerData as Beginning;
const port = parentPort;
if (port === null) throw new TrueupError('TRUEUP_INTERNAL', 'reconcile-thread is no program of its own.');

const stop = new AbortController();
/** Of the lease that is held, or was last. */
let lost = new AbortController();
const asked = new Map<number, PromiseWithResolvers<void>>();
let lastId = 0;

port.on('message', (told: Told) => {
  if (told.kind === 'abort') stop.abort(errorOf(told.error));
  else if (told.kind === 'lost') lost.abort(errorOf(told.error));
  else {
    const question = asked.get(told.id);
    asked.delete(told.id);
    if (told.error === null) question?.resolve();
    else question?.reject(errorOf(told.error));
  }
});

function say(said: Said): void {
  port?.postMessage(said);
}

function ask(said: (id: number) => Said): Promise<void> {
  lastId += 1;
  const question = Promise.withResolvers<void>();
  asked.set(lastId, question);
  say(said(lastId));
  return question.promise;
}

const lend: Lend = async (leased, waitSeconds, work) => {
  lost = new AbortController();
  await ask((id) => ({ kind: 'lease', id, leased, waitSeconds }));
  try {
    const assert = (): Promise<void> => ask((id) => ({ kind: 'assert', id }));
    return await work({ signal: AbortSignal.any([stop.signal, lost.signal]), assert });
  } finally {
    await ask((id) => ({ kind: 'release', id }));
  }
};

const io: Io = {
  ...given,
  out: (text) => say({ kind: 'out', text }),
  err: (text) => say({ kind: 'err', text }),
  ask: null,
  input: null,
  signal: stop.signal,
};

try {
  say({ kind: 'end', exitCode: await cycles(options, io, lend) });
} catch (error) {
  say({ kind: 'failed', error: plainError(error) });
}
port.close();
