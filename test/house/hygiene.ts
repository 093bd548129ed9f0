/** Rules for the text of files, one sentence per line that breaks one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { is, type Module, root } from './modules.ts';

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Installed, built or kept by a run: nothing that a commit holds. */
const notOurs = new Set(['.git', 'node_modules', 'dist', 'coverage', '.trueup', '.stryker-tmp']);

/** Every file of the checkout, also those that are not committed yet; what is not text is left out. */
export function textFiles(): TextFile[] {
  return filesBelow('')
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'));
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !notOurs.has(entry.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [path] : [];
    });
}

const surroundings = /\/work\/|\.\.\/shared|registry\.npmjs|npm\.pkg\.github/;
const unfinished = /\b(?:TODO|FIXME|XXX|HACK)\b/;

/** They spell out what they look for. */
const theseRules = /^test\/house\/hygiene(?:\.test)?\.ts$/;

/** The tree stands for itself: only `.ci/run` knows of tools beside it, and nothing of a place or a registry. */
export function foreignPlaces(file: TextFile): string[] {
  return file.path === '.ci/run' ? [] : linesWith(file, surroundings, 'names a place outside of the tree');
}

export function unfinishedWork(file: TextFile): string[] {
  return linesWith(file, unfinished, 'promises work instead of doing it');
}

function linesWith({ path, text }: TextFile, pattern: RegExp, why: string): string[] {
  if (theseRules.test(path)) return [];
  return text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${why}`] : []));
}

export const maxLines = 300;

export function tooLong({ path, text }: TextFile): string[] {
  if (!path.startsWith('src/') || path.includes('/generated/')) return [];
  const lines = text.trimEnd().split('\n').length;
  return lines > maxLines ? [`${path}: ${lines} lines, look for the second thought`] : [];
}

/** Standard streams and the end of the process belong to `cli.ts`; what is said goes through its `Io`. */
export function processUse({ path, tokens }: Module): string[] {
  const own = new Set(['exit', 'exitCode', 'abort', 'stdout', 'stderr', 'stdin']);
  return tokens.flatMap(({ kind, text, line }, at) => {
    if (kind !== 'name' || is(tokens[at - 1], '.')) return [];
    if (text === 'console' && is(tokens[at + 1], '.')) return [`${path}:${line}: console`];
    const member = tokens[at + 2]?.text ?? '';
    const used = text === 'process' && is(tokens[at + 1], '.') && own.has(member);
    return used && path !== 'src/cli.ts' ? [`${path}:${line}: process.${member}`] : [];
  });
}

/** Of package-independent style: no enum, no default export, no namespace, no barrel that only passes on. */
export function againstStyle({ path, tokens }: Module): string[] {
  return tokens.flatMap(({ kind, text, line }, at) => {
    const after = tokens[at + 1];
    if (kind !== 'name' || is(tokens[at - 1], '.') || is(after, ':')) return [];
    if (text === 'enum' && after?.kind === 'name') return [`${path}:${line}: enum`];
    if (text === 'export' && is(after, 'default')) return [`${path}:${line}: default export`];
    if (text === 'export' && is(after, '*')) return [`${path}:${line}: barrel`];
    return [];
  });
}
