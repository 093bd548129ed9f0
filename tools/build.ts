/**
 * Makes `dist/`, which a package has in the place of `src/`: one JavaScript file for each source file, and the scripts of
 * the simulator as they are, so that a path from a source file to `schemas/` or `package.json` holds in both.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// A file that has left `src/` would stay in `dist/`.
rmSync(join(root, 'dist'), { recursive: true, force: true });
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
for (const file of globSync('**/*.ps1', { cwd: join(root, 'src') }))
  cpSync(join(root, 'src', file), join(root, 'dist', file));
process.exitCode = status ?? 1;
