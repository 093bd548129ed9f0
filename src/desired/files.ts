/** From the paths of --config to the files of a configuration, each once. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { compareText } from '../model/sid.ts';
import { fileStart, type Problem, type ProblemCode, problemAt } from './problem.ts';

export interface FoundFile {
  /** As messages call it: relative to the working directory where it lies below it, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
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
  const walk: Walk = { cwd, files: new Map(), folders: new Set(), problems: [] };
  for (const path of paths) await add(walk, path, resolve(cwd, path));
  const files = [...walk.files.values()].toSorted((a, b) => compareText(a.name, b.name));
  return { files, problems: walk.problems };
}

interface Walk {
  readonly cwd: string;
  /** By real path. */
  readonly files: Map<string, FoundFile>;
  readonly folders: Set<string>;
  readonly problems: Problem[];
}

async function add(walk: Walk, given: string, path: string): Promise<void> {
  const kind = await kindOf(path);
  if (kind === 'missing') {
    complain(walk, 'TRUEUP_CONFIG_NOT_FOUND', path, `There is no file or folder ${JSON.stringify(given)}.`);
    return;
  }
  if (kind !== 'folder') {
    await addFile(walk, path, kind);
    return;
  }
  const before = { files: walk.files.size, folders: walk.folders.size, problems: walk.problems.length };
  await addFolder(walk, path);
  if (walk.files.size > before.files || walk.problems.length > before.problems) return;
  if (walk.folders.size === before.folders) return;
  complain(walk, 'TRUEUP_CONFIG_NOT_FOUND', path, `The folder ${JSON.stringify(given)} holds no *.yaml or *.yml file.`);
}

async function addFolder(walk: Walk, path: string): Promise<void> {
  let names: string[];
  try {
    const real = await realpath(path);
    if (walk.folders.has(real)) return;
    walk.folders.add(real);
    names = await readdir(real);
  } catch (error) {
    complain(walk, 'TRUEUP_FILE_UNREADABLE', path, `The folder cannot be read (${codeOf(error)}).`);
    return;
  }
  for (const name of names.toSorted(compareText)) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    if (walk.files.size >= maxFiles) return;
    const inner = join(path, name);
    const isYaml = /\.ya?ml$/i.test(name);
    const kind = await kindOf(inner);
    if (kind === 'folder') await addFolder(walk, inner);
    else if (isYaml) await addFile(walk, inner, kind);
    if (walk.files.size >= maxFiles) {
      complain(walk, 'TRUEUP_CONFIG_NOT_FOUND', path, `There are more than ${maxFiles} YAML files.`);
      return;
    }
  }
}

type FileKind = 'missing' | 'folder' | 'special' | { readonly bytes: number } | { readonly fault: string };

async function kindOf(path: string): Promise<FileKind> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? { bytes: found.size } : 'special';
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : { fault: code };
  }
}

async function addFile(walk: Walk, path: string, kind: FileKind): Promise<void> {
  if (kind === 'missing') return complain(walk, 'TRUEUP_FILE_UNREADABLE', path, 'It is a link to nothing.');
  if (kind === 'folder' || kind === 'special') {
    return complain(walk, 'TRUEUP_FILE_UNREADABLE', path, 'It is neither a file nor a folder.');
  }
  if ('fault' in kind) return complain(walk, 'TRUEUP_FILE_UNREADABLE', path, `It cannot be read (${kind.fault}).`);
  const real = await realpath(path);
  if (!walk.files.has(real)) walk.files.set(real, { name: nameOf(path, walk.cwd), path: real, bytes: kind.bytes });
}

function complain(walk: Walk, code: ProblemCode, path: string, message: string): void {
  walk.problems.push(problemAt(code, nameOf(path, walk.cwd), fileStart, message));
}

function nameOf(path: string, cwd: string): string {
  const below = relative(cwd, path);
  if (below === '') return '.';
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) return path.split(sep).join('/');
  return below.split(sep).join('/');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
