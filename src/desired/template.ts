/** The repository that `trueup init` writes: `examples/minimal`, as it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { compareText } from '../model/sid.ts';

export interface TemplateFile {
  /** Relative to the new repository. */
  readonly path: string;
  readonly text: string;
}

/** `examples/` lies beside `src/` and beside `dist/`, and both have this file in `desired/`. */
const folder = new URL('../../examples/minimal/', import.meta.url);

/** Sorted by path. */
export function templateFiles(): TemplateFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted(compareText)
    .map((path) => ({ path, text: readFileSync(new URL(path, folder), 'utf8') }));
}
