/**
 * `trueup reconcile`: the loop as a daemon; enforces with --yes, else looks and records drift.
 *
 * The cycles run in a second thread. A plan of a large fleet takes seconds, and meanwhile this one renews the lease and
 * hears the operator's signal: it never waits for anything long.
 */
import { Worker } from 'node:worker_threads';
import { type Held, withLease } from '../apply/lease.ts';
import { TrueupError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { cycleStatus, type Leased, type ReconcileOptions } from './cycles.ts';
import type { Io } from './io.ts';
import { leaseContext, openProviderStore } from './session.ts';
import { type Beginning, errorOf, plainError, type Said, type Told } from './thread-words.ts';

/** Exits 0 when it is stopped between two cycles; with --once as the cycle did. */
export async function reconcile(options: ReconcileOptions, io: Io): Promise<number> {
  const { env, cwd, color, columns, statusColumns, verbosity } = io;
  const beginning: Beginning = { options, io: { env: { ...env }, cwd, color, columns, statusColumns, verbosity } };
  const file = new URL(`./reconcile-thread${import.meta.url.slice(-3)}`, import.meta.url);
  const worker = new Worker(file, { workerData: beginning });
  const tell = (told: Told): void => {
    // With the list of what it hands over, which tells it from a message to a window.
    worker.postMessage(told, []);
  };
  const abort = (): void => tell({ kind: 'abort', error: plainError(io.signal.reason) });
  io.signal.addEventListener('abort', abort, { once: true });
  if (io.signal.aborted) abort();
  const lender = lenderOf(options, io, tell);
  const end = Promise.withResolvers<number>();
  worker.on('message', (said: Said) => {
    if (said.kind === 'out') io.out(said.text);
    else if (said.kind === 'err') io.err(said.text);
    else if (said.kind === 'end') end.resolve(said.exitCode);
    else if (said.kind === 'failed') end.reject(errorOf(said.error));
    else void lender.answer(said);
  });
  worker.once('error', end.reject);
  worker.once('exit', () => end.reject(new TrueupError('TRUEUP_INTERNAL', 'The thread of the cycles ended early.')));
  try {
    return await end.promise;
  } finally {
    io.signal.removeEventListener('abort', abort);
    await worker.terminate();
    await lender.end();
  }
}

type Asked = Extract<Said, { readonly id: number }>;

interface Lender {
  readonly answer: (asked: Asked) => Promise<void>;
  /** Gives the lease back, if one is held still. */
  readonly end: () => Promise<void>;
}

interface Loan {
  readonly held: Held;
  readonly giveBack: () => Promise<void>;
}

/** Holds the lease in this thread, as long as the other one works under it. */
function lenderOf(options: ReconcileOptions, io: Io, tell: (told: Told) => void): Lender {
  let loan: Loan | null = null;

  async function end(): Promise<void> {
    const last = loan;
    loan = null;
    await last?.giveBack();
  }

  async function done(asked: Asked): Promise<void> {
    if (asked.kind === 'release') return end();
    if (asked.kind === 'assert') return loan?.held.assert();
    loan = await borrow(options, io, asked.leased, asked.waitSeconds);
    const { signal } = loan.held;
    const lose = (): void => tell({ kind: 'lost', error: plainError(signal.reason) });
    signal.addEventListener('abort', lose, { once: true });
    if (signal.aborted) lose();
  }

  async function answer(asked: Asked): Promise<void> {
    const { id } = asked;
    try {
      await done(asked);
      tell({ kind: 'answer', id, error: null });
    } catch (error) {
      tell({ kind: 'answer', id, error: plainError(error) });
    }
  }

  return { answer, end };
}

/** With a connection of its own, so that no long write of the cycles is before a renewal. */
async function borrow(options: ReconcileOptions, io: Io, leased: Leased, waitSeconds: number): Promise<Loan> {
  const store = await openProviderStore(leased, options, io, 'write');
  const lease = leaseContext(store, 'reconcile', io, cycleStatus(io).tell);
  const begun = Promise.withResolvers<Held>();
  const returned = Promise.withResolvers<void>();
  const whole = closing(store, () =>
    withLease(lease, leased.name, waitSeconds, (held) => {
      begun.resolve(held);
      return returned.promise;
    }),
  );
  const giveBack = async (): Promise<void> => {
    returned.resolve();
    await whole;
  };
  return { held: await Promise.race([begun.promise, whole.then(() => begun.promise)]), giveBack };
}

async function closing(store: Store, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await store.close();
  }
}
