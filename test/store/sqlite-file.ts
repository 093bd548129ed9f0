/** A SQLite file of its own for each test of a file, with what its tests do beside the store and through it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach } from 'vitest';
import type { Store, StoreOptions } from '../../src/ports.ts';
import { openStore } from '../../src/store/open.ts';

/** Of the test that runs. */
export const own = { folder: '', file: '' };

/** To be said first in each file of tests: a module that several of them import is loaded once. */
export function eachInItsOwnFile(): void {
  beforeEach(() => {
    own.folder = mkdtempSync(join(tmpdir(), 'trueup-store-'));
    own.file = join(own.folder, 'state.db');
  });
  afterEach(() => rmSync(own.folder, { recursive: true, force: true }));
}

/** Beside the store, as another process would. */
export function beside<T>(act: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(own.file);
  try {
    return act(db);
  } finally {
    db.close();
  }
}

export async function using<T>(options: StoreOptions, act: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(`sqlite:${own.file}`, options);
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
