/** What belongs to a store and must not lie in it: the newest hash of its audit chain, and its keys. */
import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import type { Io } from './io.ts';

export interface StateFolder {
  readonly folder: string;
  /** Of this store alone; others may share the folder. */
  readonly name: string;
}

/** Beside the embedded store, else `.trueup/` of the working directory. */
export function stateFolder(store: string, { cwd }: Pick<Io, 'cwd'>): StateFolder {
  const path = embeddedPath(store, { cwd });
  if (path !== null) return { folder: dirname(path), name: basename(path) };
  return { folder: resolve(cwd, '.trueup'), name: `store-${shortHash(withoutCredentials(store))}` };
}

/** Of the file; null: a store that has none. */
export function embeddedPath(store: string, { cwd }: Pick<Io, 'cwd'>): string | null {
  const path = store.startsWith('sqlite:') ? store.slice('sqlite:'.length) : '';
  return path === '' || path === ':memory:' ? null : resolve(cwd, path);
}

/** Of a database it is the same, whoever logs in and by what options. */
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/s, '');
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
