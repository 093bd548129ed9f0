/** The commit that a folder's checkout stands at, read from Git's own files: it names the state that was applied. */
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** 40 or 64 hexadecimal digits; null: the folder lies in no checkout, or nothing is committed there yet. */
export async function commitOf(folder: string): Promise<string | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const git = await gitFolder(at);
    if (git !== null) return commitIn(git);
    if (dirname(at) === at) return null;
  }
}

/** `.git` is a folder, or in a worktree a file that names it. */
async function gitFolder(folder: string): Promise<string | null> {
  const path = join(folder, '.git');
  if ((await textOf(join(path, 'HEAD'))) !== null) return path;
  const named = /^gitdir: (.+)/.exec((await textOf(path)) ?? '')?.[1]?.trim();
  if (named === undefined) return null;
  return isAbsolute(named) ? named : resolve(folder, named);
}

async function commitIn(git: string): Promise<string | null> {
  const head = ((await textOf(join(git, 'HEAD'))) ?? '').trim();
  const ref = /^ref: (refs\/[^\s]+)$/.exec(head)?.[1];
  if (ref === undefined) return hashIn(head);
  // The branches of a worktree are those of its repository.
  const common = resolve(git, ((await textOf(join(git, 'commondir'))) ?? '.').trim());
  const loose = hashIn(((await textOf(join(common, ref))) ?? '').trim());
  if (loose !== null) return loose;
  const packed = ((await textOf(join(common, 'packed-refs'))) ?? '')
    .split('\n')
    .find((line) => line.endsWith(` ${ref}`));
  return hashIn(packed?.split(' ')[0] ?? '');
}

function hashIn(text: string): string | null {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : null;
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}
