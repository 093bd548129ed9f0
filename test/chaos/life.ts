/**
 * The life of a process, counted in effects: each request to Tanium and each write to the store is a boundary before it
 * and another one after it. At the boundary where it is to die everything stops, and nothing that it has begun can
 * catch it or clean up after it: whatever it awaits never comes.
 */
import type { Dispatcher } from 'undici';
import type { Clock, Store } from '../../src/ports.ts';

export interface Life {
  /** Boundaries so far. */
  readonly boundaries: () => number;
  readonly isDead: () => boolean;
  /** Resolves when it dies. */
  readonly death: Promise<'dead'>;
  /** Counts one; answers whether life goes on. */
  readonly pass: () => boolean;
}

/** Dies at the boundary of this number, from 1; null: lives on. */
export function lifeUntil(last: number | null): Life {
  let count = 0;
  let dead = false;
  const { promise, resolve } = Promise.withResolvers<'dead'>();
  return {
    boundaries: () => count,
    isDead: () => dead,
    death: promise,
    pass: () => {
      if (dead) return false;
      count += 1;
      if (count !== last) return true;
      dead = true;
      resolve('dead');
      return false;
    },
  };
}

const never = new Promise<never>(() => {});

/** Whatever the store keeps: what is read is no effect. */
const writes: ReadonlySet<string> = new Set<keyof Store>([
  'setToggle',
  'createProvider',
  'setProvider',
  'enroll',
  'change',
  'note',
  'saveApplied',
  'noteScans',
  'saveScan',
  'saveAnswers',
  'putDrift',
  'putRun',
  'putEntry',
  'enqueue',
  'take',
  'finish',
  'putBack',
  'putScanRun',
  'prune',
  'spend',
  'refund',
  'appendAudit',
  'putRotationKey',
  'resealRotationKey',
  'removeRotationKeys',
  'putCredentials',
]);

export function storeOf(life: Life, store: Store): Store {
  return new Proxy(store, {
    get: (target, name: keyof Store & string) => {
      const found: unknown = target[name];
      if (typeof found !== 'function' || name === 'close') return found;
      const call = found.bind(target) as (...values: unknown[]) => unknown;
      if (!writes.has(name)) return (...values: unknown[]) => (life.isDead() ? never : call(...values));
      return async (...values: unknown[]) => {
        if (!life.pass()) return never;
        const answer = await call(...values);
        return life.pass() ? answer : never;
      };
    },
  });
}

/** Of the dead no request leaves, and no answer reaches it. */
export function dispatcherOf(life: Life, dispatcher: Dispatcher): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    if (!life.pass()) return true;
    return dispatch(options, handlerOf(life, handler));
  });
}

function handlerOf(life: Life, handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  return new Proxy(handler, {
    get: (target, name: keyof Dispatcher.DispatchHandler) => {
      const found: unknown = target[name];
      if (typeof found !== 'function') return found;
      const call = found.bind(target) as (...values: unknown[]) => unknown;
      return (...values: unknown[]) => {
        const goesOn = name === 'onResponseEnd' ? life.pass() : !life.isDead();
        return goesOn ? call(...values) : undefined;
      };
    },
  });
}

export function clockOf(life: Life, clock: Clock): Clock {
  return {
    now: clock.now,
    sleep: async (milliseconds, signal) => (life.isDead() ? never : clock.sleep(milliseconds, signal)),
  };
}
