/** The endpoint scripts, as a sensor and a package carry them, from their commented sources. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Lines that are empty or only a comment go, and four spaces of indentation become one tab: a Tanium sensor takes
 * about 28,000 characters (windows-accounts.md C32). Names and code stay, and so do here-strings.
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
    lines.push(`${'\t'.repeat(Math.floor((line.length - line.trimStart().length) / 4))}${code}`);
    if (code.endsWith("@'")) end = "'@";
    if (code.endsWith('@"')) end = '"@';
  }
  return `${lines.join('\n')}\n`;
}

/** `name`: of a file in `powershell/source/`. */
export async function endpointScript(root: string, name: string): Promise<string> {
  return shipped(await readFile(join(root, 'powershell/source', name), 'utf8'));
}
