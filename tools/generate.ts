/**
 * Writes the files that are made from others: the types of the documents and the pages of reference. With `--check` it
 * writes nothing, names the files that are not up to date, and exits 1 when there is one.
 */
import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conformanceTable } from './conformance.ts';
import { endpointScript } from './generate/endpoint-script.ts';
import { errorsPage } from './generate/errors-page.ts';
import { kindsPage } from './generate/kinds-page.ts';
import { posturePage } from './generate/posture-page.ts';
import { postureTypes } from './generate/posture-types.ts';
import { documentTypes } from './generate/types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Path below the root → its text. */
const outputs: Readonly<Record<string, () => string | Promise<string>>> = {
  'src/desired/generated/documents.ts': documentTypes,
  'src/desired/generated/posture.ts': postureTypes,
  'docs/conformance.md': () => conformanceTable(root),
  'docs/errors.md': errorsPage,
  'docs/kinds.md': kindsPage,
  'docs/posture.md': posturePage,
  ...Object.fromEntries(
    readdirSync(join(root, 'powershell/source'))
      .filter((name) => name.endsWith('.ps1'))
      .map((name) => [`powershell/${name}`, () => endpointScript(root, name)]),
  ),
};

async function generate(check: boolean): Promise<number> {
  let stale = 0;
  for (const [path, make] of Object.entries(outputs)) {
    const text = await make();
    const file = join(root, path);
    if ((await textIn(file)) === text) continue;
    stale += 1;
    if (check) process.stderr.write(`${path} is not up to date: run npm run generate\n`);
    else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      process.stdout.write(`${path} written\n`);
    }
  }
  return check && stale > 0 ? 1 : 0;
}

async function textIn(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return null;
  }
}

process.exitCode = await generate(process.argv.includes('--check'));
