/** Files that nobody meant to commit. */

export interface ListedFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
}

const topLevel = new Set(
  (
    '.ci .editorconfig .github .gitignore .oxlintrc.json CHANGELOG.md LICENSE README.md bench bin biome.json docs ' +
    'examples knip.json package-lock.json package.json powershell schemas src test tools tsconfig.build.json ' +
    'tsconfig.json vitest.config.ts'
  ).split(' '),
);
const leftBehind = /(?:\.(?:log|tmp|bak|orig|rej|swp|db|db-wal|db-shm|tgz|heapsnapshot|cpuprofile)|\.DS_Store|~)$/;
const maxBytes = 512 * 1024;

/** One sentence per file that is in no place of the tree, left behind by a tool, or too large to be read. */
export function straysAmong(files: readonly ListedFile[]): string[] {
  return files.flatMap(({ path, bytes }) => {
    if (!topLevel.has(path.split('/')[0] ?? '')) return [`${path}: no place of the tree (tools/stray.ts names them)`];
    if (leftBehind.test(path)) return [`${path}: left behind by a tool`];
    return bytes > maxBytes ? [`${path}: larger than ${maxBytes / 1024} KiB`] : [];
  });
}
