/** One run at a time for a provider. */
import { TrueupError } from '../errors.ts';
import type { Clock, Lease, LeaseHolder, LeaseStore } from '../ports.ts';
import type { RunEvent } from './context.ts';

export interface LeaseContext {
  readonly store: LeaseStore & { readonly address: string };
  readonly clock: Clock;
  readonly holder: LeaseHolder;
  readonly isDead: (other: LeaseHolder) => boolean;
  readonly signal: AbortSignal;
  /** Told of each holder that is waited for, once. */
  readonly tell: (event: RunEvent) => void;
}

/** What the holder of a lease works with. */
export interface Held {
  /** Aborted with the run's own, and when the lease is lost. */
  readonly signal: AbortSignal;
  /**
   * Throws TRUEUP_STORE_BUSY when another process has the lease. A process that was stopped for long, or that could not
   * reach the store, knows it only by asking.
   */
  readonly assert: () => Promise<void>;
}

const renewMilliseconds = 15_000;
const retryMilliseconds = 1000;

/**
 * Runs `work` under the lease `name`. A lease that a living process holds is waited for during `waitSeconds`
 * (Infinity: until the signal), then TRUEUP_STORE_BUSY names the holder.
 */
export async function withLease<T>(
  context: LeaseContext,
  name: string,
  waitSeconds: number,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const lease = await acquire(context, name, waitSeconds);
  const lost = new AbortController();
  const renewal = keepAlive(context, lease, lost);
  const assert = async (): Promise<void> => {
    if (!(await context.store.renew(lease))) throw takenOver(lease);
  };
  try {
    return await work({ signal: AbortSignal.any([context.signal, lost.signal]), assert });
  } finally {
    renewal.stop();
    // It runs out by itself, and what was done under it is done.
    await context.store.release(lease).catch(() => {});
  }
}

async function acquire(context: LeaseContext, name: string, waitSeconds: number): Promise<Lease> {
  const deadline = Date.parse(context.clock.now()) + waitSeconds * 1000;
  let waitedFor = '';
  for (;;) {
    const answer = await context.store.acquire(name, context.holder, context.isDead);
    if ('lease' in answer) return answer.lease;
    const { host, pid, command } = answer.heldBy;
    const other = `\`trueup ${command}\` (process ${pid} on ${host})`;
    if (Date.parse(context.clock.now()) >= deadline) {
      throw new TrueupError('TRUEUP_STORE_BUSY', `${other} already works for ${name} in ${context.store.address}.`);
    }
    if (other !== waitedFor) context.tell({ kind: 'note', text: `waiting for ${other}, which works for ${name}` });
    waitedFor = other;
    await context.clock.sleep(retryMilliseconds, context.signal);
  }
}

function keepAlive(context: LeaseContext, lease: Lease, lost: AbortController): { stop: () => void } {
  const timer = setInterval(() => {
    context.store.renew(lease).then(
      (kept) => {
        if (!kept) lost.abort(takenOver(lease));
      },
      // A renewal that fails once is tried again at the next tick; the store's own calls will say what is wrong.
      () => {},
    );
  }, renewMilliseconds);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function takenOver({ name }: Lease): TrueupError {
  return new TrueupError('TRUEUP_STORE_BUSY', `Another process has taken over the lease ${name}.`);
}
