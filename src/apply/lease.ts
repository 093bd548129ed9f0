/** One run at a time for a provider. */
import { TrueupError } from '../errors.ts';
import type { Clock, Lease, LeaseHolder, LeaseStore } from '../ports.ts';

export interface LeaseContext {
  readonly store: LeaseStore & { readonly address: string };
  readonly clock: Clock;
  readonly holder: LeaseHolder;
  readonly isDead: (other: LeaseHolder) => boolean;
  readonly signal: AbortSignal;
}

const renewMilliseconds = 15_000;
const retryMilliseconds = 1000;

/**
 * Runs `work` under the lease `name`. Its signal is aborted with the run's own, and when the lease is lost. A lease
 * that a living process holds is waited for during `waitSeconds` (Infinity: until the signal), then
 * TRUEUP_STORE_BUSY names the holder.
 */
export async function withLease<T>(
  context: LeaseContext,
  name: string,
  waitSeconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = await acquire(context, name, waitSeconds);
  const lost = new AbortController();
  const renewal = keepAlive(context, lease, lost);
  try {
    return await work(AbortSignal.any([context.signal, lost.signal]));
  } finally {
    renewal.stop();
    await context.store.release(lease);
  }
}

async function acquire(context: LeaseContext, name: string, waitSeconds: number): Promise<Lease> {
  const deadline = Date.parse(context.clock.now()) + waitSeconds * 1000;
  for (;;) {
    const answer = await context.store.acquire(name, context.holder, context.isDead);
    if ('lease' in answer) return answer.lease;
    const { host, pid, command } = answer.heldBy;
    if (Date.parse(context.clock.now()) >= deadline) {
      throw new TrueupError(
        'TRUEUP_STORE_BUSY',
        `\`trueup ${command}\` (process ${pid} on ${host}) already works for ${name} in ${context.store.address}.`,
      );
    }
    await context.clock.sleep(retryMilliseconds, context.signal);
  }
}

function keepAlive(context: LeaseContext, lease: Lease, lost: AbortController): { stop: () => void } {
  const timer = setInterval(() => {
    context.store.renew(lease).then(
      (kept) => {
        if (kept) return;
        lost.abort(new TrueupError('TRUEUP_STORE_BUSY', `Another process has taken over the lease ${lease.name}.`));
      },
      // A renewal that fails once is tried again at the next tick; the store's own calls will say what is wrong.
      () => {},
    );
  }, renewMilliseconds);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
