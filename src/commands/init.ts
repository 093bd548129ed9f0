/** `trueup init`: a first configuration, to be read and changed. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, TrueupError } from '../errors.ts';
import type { Io } from './io.ts';

export interface InitOptions {
  readonly folder: string;
}

/** Holds in `src` and in `dist` alike. */
const examples = fileURLToPath(new URL('../../examples/minimal/', import.meta.url));

/** The store has secrets and the fleet's state in it: neither belongs into Git. */
const ignored = '.trueup/\n';

/** Writes nothing at all where one of the files is there already. Throws TRUEUP_USAGE. */
export async function init({ folder }: InitOptions, io: Io): Promise<number> {
  const target = resolve(io.cwd, folder);
  const names = (await readdir(examples)).filter((name) => name.endsWith('.yaml')).toSorted();
  const files = new Map<string, string>([['.gitignore', ignored]]);
  for (const name of names) files.set(name, await readFile(join(examples, name), 'utf8'));
  for (const name of files.keys()) {
    if (name !== '.gitignore' && (await exists(join(target, name)))) throw inTheWay(join(target, name));
  }
  try {
    await mkdir(target, { recursive: true });
    for (const [name, text] of files) await writeNew(join(target, name), text);
  } catch (origin) {
    if (origin instanceof TrueupError) throw origin;
    const why = messageOf(origin);
    throw new TrueupError('TRUEUP_USAGE', `The configuration cannot be written: ${why}.`, {
      cause: 'The folder may not be written, or a file bears its name.',
      remedy: 'Give another folder: `trueup init FOLDER`.',
      origin,
    });
  }
  const where = relative(io.cwd, target) || '.';
  io.out(`Wrote to ${where}: ${names.join(', ')}\n\n${nextSteps}`);
  return 0;
}

const nextSteps = `Next:
  1. Read the files and make them yours; \`trueup validate\` checks them.
  2. Set TRUEUP_TANIUM_URL and TRUEUP_TANIUM_TOKEN, or rehearse: \`trueup simulate\` prints both.
  3. \`trueup plan\` shows what would be done, \`trueup apply\` does it.
  4. With a ComplianceBaseline, \`trueup compliance\` reports on security settings: see examples/compliance.
`;

/** An existing .gitignore is the operator's own. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!path.endsWith('.gitignore')) throw inTheWay(path);
  }
}

function inTheWay(path: string): TrueupError {
  return new TrueupError('TRUEUP_USAGE', `${path} exists already; nothing was written.`, {
    cause: 'init writes a new configuration and never changes one.',
    remedy: 'Give another folder: `trueup init FOLDER`.',
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
