import { resolve } from 'node:path';
import { TrueupError } from '../errors.ts';
import type { Store, StoreOptions } from '../ports.ts';

export interface StoreSurroundings {
  /** What a relative path of `sqlite:PATH` is relative to; the process's own folder by default. */
  readonly cwd?: string;
  /** ISO time; only the leases of an embedded store ask for it (MongoDB's own clock counts there). */
  readonly now?: () => string;
}

/**
 * Opens `sqlite:PATH`, `sqlite::memory:` or `mongodb://…/DATABASE`. The adapters load on demand: the driver of a store
 * that a command does not use costs 100 ms at start.
 *
 * Raises TRUEUP_USAGE, TRUEUP_STORE_UNREACHABLE, TRUEUP_STORE_INVALID, TRUEUP_STORE_NEWER.
 */
export async function openStore(
  url: string,
  options: StoreOptions,
  surroundings: StoreSurroundings = {},
): Promise<Store> {
  if (url.startsWith('sqlite:')) {
    const given = url.slice('sqlite:'.length);
    if (given === '') throw new TrueupError('TRUEUP_USAGE', '--store sqlite: names no file.');
    const path = given === ':memory:' ? given : resolve(surroundings.cwd ?? process.cwd(), given);
    const { openSqlite } = await import('./sqlite/store.ts');
    return openSqlite(path, `sqlite:${given}`, options, surroundings.now ?? systemTime);
  }
  if (url.startsWith('mongodb://') || url.startsWith('mongodb+srv://')) {
    const { openMongo } = await import('./mongodb/store.ts');
    return openMongo(url, options);
  }
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(url)?.[0] ?? 'no scheme';
  throw new TrueupError('TRUEUP_USAGE', `--store takes sqlite:PATH or mongodb://HOST/DATABASE, not ${scheme}.`);
}

function systemTime(): string {
  return new Date().toISOString();
}
