/** The commit of a checkout, as Git's own files tell it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commitOf } from '../../src/commands/git-commit.ts';
import { inFolder } from '../desired/repository.ts';

function git(cwd: string, ...words: readonly string[]): string {
  const identity = ['-c', 'user.name=ada', '-c', 'user.email=ada@example.com', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...identity, ...words], { cwd, encoding: 'utf8' }).trim();
}

describe('the commit', () => {
  it('of a folder is that of the checkout above it, loose, packed, detached or in a worktree', async () => {
    await inFolder({ 'fleet/a.yaml': 'a' }, async (cwd) => {
      expect(await commitOf(cwd)).toBeNull();
      git(cwd, 'init', '--quiet');
      expect(await commitOf(cwd)).toBeNull();
      git(cwd, 'add', '.');
      git(cwd, 'commit', '--quiet', '-m', 'one');
      const first = git(cwd, 'rev-parse', 'HEAD');
      expect(await commitOf(join(cwd, 'fleet'))).toBe(first);
      git(cwd, 'pack-refs', '--all');
      expect(await commitOf(cwd)).toBe(first);
      git(cwd, 'worktree', 'add', '--quiet', '-b', 'other', 'tree');
      expect(await commitOf(join(cwd, 'tree', 'fleet'))).toBe(first);
      git(cwd, 'checkout', '--quiet', '--detach');
      expect(await commitOf(cwd)).toBe(first);
    });
  });

  it('is none where the files of Git are not what they should be', async () => {
    await inFolder({}, async (cwd) => {
      mkdirSync(join(cwd, '.git'));
      writeFileSync(join(cwd, '.git/HEAD'), 'ref: ../../etc/passwd\n');
      expect(await commitOf(cwd)).toBeNull();
    });
  });
});
