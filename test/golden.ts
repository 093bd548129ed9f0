/** Golden files: what a renderer printed when a person last looked at it and found it right. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const folder = new URL('golden/', import.meta.url);

/** Compares `text` with `test/golden/NAME`; with UPDATE_GOLDEN=1 it becomes that file, for a person to look at. */
export function expectGolden(name: string, text: string): void {
  const file = new URL(name, folder);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
