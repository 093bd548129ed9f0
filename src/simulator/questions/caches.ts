/**
 * Results and lists that the server keeps so that the pages of one reading fit together (tanium-api.md 2). A cache ends
 * so many seconds after the last request that named it.
 */
export interface Cache {
  readonly id: number;
  readonly userId: number;
  readonly items: readonly unknown[];
  /** Seconds. */
  lifetime: number;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export interface Caches {
  open(userId: number, items: readonly unknown[], seconds: number, at: number): Cache;
  /** Renews it, for `seconds` where they are given; 0 ends it. Undefined: there is none of this id, or no more. */
  use(id: number, userId: number, seconds: number | null, at: number): Cache | undefined;
}

const longestLifetime = 600;
/** Each can hold a row per device. */
const maxCaches = 64;

export function openCaches(): Caches {
  const caches = new Map<number, Cache>();
  let lastId = 1000;
  return {
    open: (userId, items, seconds, at) => {
      lastId += 1;
      const lifetime = Math.min(seconds, longestLifetime);
      const cache: Cache = { id: lastId, userId, items, lifetime, expiresAt: at + lifetime * 1000 };
      for (const other of caches.values()) if (other.expiresAt <= at) caches.delete(other.id);
      caches.set(cache.id, cache);
      const [oldest] = caches.keys();
      if (caches.size > maxCaches && oldest !== undefined) caches.delete(oldest);
      return cache;
    },
    use: (id, userId, seconds, at) => {
      const cache = caches.get(id);
      if (!cache || cache.userId !== userId || cache.expiresAt <= at) return undefined;
      cache.lifetime = Math.min(seconds ?? cache.lifetime, longestLifetime);
      cache.expiresAt = at + cache.lifetime * 1000;
      return cache;
    },
  };
}
