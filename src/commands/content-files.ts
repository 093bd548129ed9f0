/** The scripts that content is made of: those that come with Trueup, or those that a document names. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TrueupError } from '../errors.ts';
import type { ScriptSource } from '../model/content.ts';

/** `powershell/` lies beside `src/` and beside `dist/`. Throws TRUEUP_CONFIG_INVALID for a file that cannot be read. */
export async function readScript(script: ScriptSource, cwd: string): Promise<Uint8Array> {
  if ('own' in script) return readFile(new URL(`../../powershell/${script.own}`, import.meta.url));
  const { path, source } = script;
  try {
    return await readFile(resolve(cwd, path));
  } catch (origin) {
    throw new TrueupError('TRUEUP_CONFIG_INVALID', `The script ${path} cannot be read.`, {
      cause: 'TaniumContent names a file that is not there or may not be read.',
      remedy: 'Mend the path; it is relative to the working directory.',
      source: `${source.file}:${source.line}`,
      origin,
    });
  }
}
