/**
 * Every check of the house but the tests: `npm run check`, or `npm run check -- --only lint`. Nothing is changed; the
 * output of a check is shown where it fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { straysAmong } from './stray.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Null: all is well; else what is to be read. */
type Outcome = string | null;

interface Check {
  readonly name: string;
  readonly run: () => Outcome;
}

const checks: readonly Check[] = [
  // The formatter sorts imports, too.
  { name: 'format', run: () => node('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings') },
  { name: 'lint', run: () => node('node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings') },
  { name: 'types', run: () => node('node_modules/typescript/bin/tsc') },
  { name: 'generated', run: () => node('tools/generate.ts', '--check') },
  { name: 'rules', run: () => node('node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', 'test/house') },
  {
    name: 'unused',
    run: () => node('node_modules/knip/bin/knip.js', '--no-progress', '--treat-config-hints-as-errors'),
  },
  { name: 'files', run: strayFiles },
];

/** Runs a script of Node's own kind, and answers what it printed where it failed. */
function node(script: string, ...args: readonly string[]): Outcome {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) },
  });
  if (status === 0) return null;
  return `${stdout}${stderr}${signal === null ? '' : `ended by ${signal}\n`}`;
}

function strayFiles(): Outcome {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (listed.status !== 0) return `git ls-files failed: ${listed.error?.message ?? listed.stderr}\n`;
  const paths = listed.stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  const strays = straysAmong(paths.map((path) => ({ path, bytes: statSync(join(root, path)).size })));
  return strays.length === 0 ? null : `${strays.join('\n')}\n`;
}

function main(): number {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const names = checks.map((check) => check.name);
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    console.error(`No check is called ${unknown}: ${names.join(', ')}.`);
    return 1;
  }
  let failed = 0;
  for (const check of checks) {
    if (values.only !== undefined && !values.only.includes(check.name)) continue;
    const began = performance.now();
    const outcome = check.run();
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
    console.log(`${outcome === null ? 'ok    ' : 'FAILED'} ${seconds} s  ${check.name}`);
    if (outcome === null) continue;
    failed += 1;
    console.log(outcome.trimEnd().replaceAll(/^/gm, '    '));
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = main();
