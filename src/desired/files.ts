/** From the paths of --config to the files of a configuration, each once, and to the bytes of each. */
import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { compareText } from '../model/sid.ts';
import { maxFileBytes, tooLarge } from './load.ts';
import { fileStart, type Problem, type ProblemCode, problemAt } from './problem.ts';

export interface FoundFile {
  /** As messages call it: relative to the working directory where it lies below it, with `/`. */
  readonly name: string;
  readonly path: string;
}

export interface Found {
  /** Sorted by name. */
  readonly files: readonly FoundFile[];
  readonly problems: readonly Problem[];
}

/** More, and somebody has named the folder above by mistake. */
const maxFiles = 20_000;

/**
 * A path is a file, whatever it is called, or a folder: all `*.yaml` and `*.yml` below it. What begins with a dot, and
 * `node_modules`, is left out below a folder, as the shell's `*` leaves it out. Symbolic links are followed, and
 * whatever is reached twice counts once.
 */
export async function findFiles(paths: readonly string[], cwd: string): Promise<Found> {
  const walk: Walk = { cwd, files: new Map(), folders: new Set(), problems: [], isFull: false };
  for (const path of paths) await addGiven(walk, path, resolve(cwd, path));
  const files = [...walk.files.values()].toSorted((a, b) => compareText(a.name, b.name));
  return { files, problems: walk.problems };
}

interface Walk {
  readonly cwd: string;
  /** By real path. */
  readonly files: Map<string, FoundFile>;
  /** Real paths. */
  readonly folders: Set<string>;
  readonly problems: Problem[];
  isFull: boolean;
}

async function addGiven(walk: Walk, given: string, path: string): Promise<void> {
  const kind = await kindOf(path);
  if (kind === 'missing') {
    complain(walk, 'TRUEUP_CONFIG_NOT_FOUND', path, `There is no file or folder ${JSON.stringify(given)}.`);
    return;
  }
  if (kind !== 'folder') return addLinked(walk, path, kind);
  const before = walk.problems.length;
  const isNew = await addFolder(walk, path);
  const holdsAny = [...walk.files.values()].some((file) => isBelow(path, file.name, walk.cwd));
  if (!isNew || holdsAny || walk.problems.length > before) return;
  complain(walk, 'TRUEUP_CONFIG_NOT_FOUND', path, `The folder ${JSON.stringify(given)} holds no *.yaml or *.yml file.`);
}

/** Answers whether it was met for the first time. */
async function addFolder(walk: Walk, path: string): Promise<boolean> {
  let real: string;
  let entries: Dirent[];
  try {
    real = await realpath(path);
    if (walk.folders.has(real)) return false;
    walk.folders.add(real);
    entries = await readdir(real, { withFileTypes: true });
  } catch (error) {
    complain(walk, 'TRUEUP_FILE_UNREADABLE', path, `The folder cannot be read (${codeOf(error)}).`);
    return true;
  }
  for (const entry of entries.toSorted((a, b) => compareText(a.name, b.name))) {
    if (walk.isFull) break;
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    await addEntry(walk, entry, join(path, entry.name), join(real, entry.name));
  }
  return true;
}

async function addEntry(walk: Walk, entry: Dirent, path: string, real: string): Promise<void> {
  const isYaml = /\.ya?ml$/i.test(entry.name);
  if (entry.isDirectory()) {
    await addFolder(walk, path);
    return;
  }
  if (entry.isFile()) {
    if (isYaml) addFile(walk, path, real);
    return;
  }
  const kind = await kindOf(path);
  if (kind === 'folder') await addFolder(walk, path);
  else if (isYaml) await addLinked(walk, path, kind);
}

type PathKind = 'missing' | 'folder' | 'file' | 'special' | { readonly fault: string };

async function kindOf(path: string): Promise<PathKind> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : 'special';
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : { fault: code };
  }
}

async function addLinked(walk: Walk, path: string, kind: Exclude<PathKind, 'folder'>): Promise<void> {
  if (kind === 'file') return addFile(walk, path, await realpath(path));
  const what =
    kind === 'missing'
      ? 'It is a link to nothing.'
      : kind === 'special'
        ? 'It is neither a file nor a folder.'
        : `It cannot be read (${kind.fault}).`;
  complain(walk, 'TRUEUP_FILE_UNREADABLE', path, what);
}

function addFile(walk: Walk, path: string, real: string): void {
  if (walk.files.has(real) || walk.isFull) return;
  if (walk.files.size >= maxFiles) {
    walk.isFull = true;
    complain(walk, 'TRUEUP_CONFIG_NOT_FOUND', path, `There are more than ${maxFiles} YAML files.`);
    return;
  }
  walk.files.set(real, { name: nameOf(path, walk.cwd), path: real });
}

function complain(walk: Walk, code: ProblemCode, path: string, message: string): void {
  walk.problems.push(problemAt(code, nameOf(path, walk.cwd), fileStart, message));
}

function nameOf(path: string, cwd: string): string {
  const below = relative(cwd, path);
  if (below === '') return '.';
  const isOutside = below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
  return (isOutside ? path : below).split(sep).join('/');
}

function isBelow(folder: string, name: string, cwd: string): boolean {
  const below = relative(folder, resolve(cwd, name));
  return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}

export type FileBytes = { readonly bytes: Buffer } | { readonly problem: Problem };

/** A file that is too large is not read at all. */
export async function bytesOf({ name, path }: FoundFile): Promise<FileBytes> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    return size > maxFileBytes ? { problem: tooLarge(name, size) } : { bytes: await file.readFile() };
  } catch (error) {
    const message = `It cannot be read (${codeOf(error)}).`;
    return { problem: problemAt('TRUEUP_FILE_UNREADABLE', name, fileStart, message) };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
