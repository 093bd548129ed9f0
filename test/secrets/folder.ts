/** A folder for each test, and the keys that a test has in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { type KeyRing, keyRing } from '../../src/secrets/key-ring.ts';

/** Of the test that runs. */
export const own = { folder: '', keyFile: '' };

/** To be said first in each file of tests: a module that several of them import is loaded once. */
export function eachInItsOwnFolder(): void {
  beforeEach(() => {
    own.folder = mkdtempSync(join(tmpdir(), 'trueup-keys-'));
    own.keyFile = join(own.folder, '.trueup', 'key');
  });
  afterEach(() => rmSync(own.folder, { recursive: true, force: true }));
}

export const madeAt = '2026-03-02T09:00:00.000Z';

export function ringHere(more: { readonly env?: Record<string, string>; readonly mayMake?: boolean } = {}): KeyRing {
  return keyRing({ env: {}, mayMake: true, ...more, cwd: own.folder, file: own.keyFile, now: () => madeAt });
}
