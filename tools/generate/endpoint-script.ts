/** The endpoint scripts, as a sensor and a package carry them, from their commented sources. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { squeezed } from './squeeze.ts';

/**
 * Lines that are empty or only a comment go, blanks that part nothing too, and four spaces of indentation become one tab:
 * a Tanium sensor takes about 28,000 characters (windows-accounts.md C32). Names, code and lines stay, and so do
 * here-strings, and assignments at the margin: those somebody may look for.
 */
export function shipped(source: string): string {
  const lines: string[] = [];
  let end: string | null = null;
  for (const line of source.split('\n')) {
    if (end !== null) {
      lines.push(line);
      if (line.startsWith(end)) end = null;
      continue;
    }
    const code = line.trim();
    if (code === '' || code.startsWith('#')) continue;
    const depth = Math.floor((line.length - line.trimStart().length) / 4);
    lines.push(depth === 0 && code.startsWith('$') ? code : `${'\t'.repeat(depth)}${squeezed(code)}`);
    if (code.endsWith("@'")) end = "'@";
    if (code.endsWith('@"')) end = '"@';
  }
  return `${lines.join('\n')}\n`;
}

/** `name`: of a file in `powershell/source/`. */
export async function endpointScript(root: string, name: string): Promise<string> {
  return shipped(await readFile(join(root, 'powershell/source', name), 'utf8'));
}
