/**
 * Around all tests: a folder in which every Node of this run, workers and programs, finds what another one has compiled
 * already (`NODE_COMPILE_CACHE`): half the time of a start.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'trueup-compiled-'));

export function setup(): void {
  process.env['NODE_COMPILE_CACHE'] = folder;
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
