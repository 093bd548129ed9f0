import { describe, expect, it } from 'vitest';
import { againstStyle, foreignPlaces, maxLines, processUse, textFiles, tooLong, unfinishedWork } from './hygiene.ts';
import { moduleOf, modulesBelow } from './modules.ts';

const files = textFiles();
const sources = modulesBelow('src');

describe('the tree', () => {
  it('is read whole, without what is installed or built', () => {
    const paths = files.map((file) => file.path);
    expect(paths).toContain('package.json');
    expect(paths).toContain('.ci/run');
    expect(paths).toContain('src/errors.ts');
    expect(paths.filter((path) => /^(?:node_modules|dist|\.git)\//.test(path))).toEqual([]);
  });

  it('names no place outside of itself, but for the tools of .ci/run', () => {
    expect(files.flatMap(foreignPlaces)).toEqual([]);
  });

  it('promises no later work', () => {
    expect(files.flatMap(unfinishedWork)).toEqual([]);
  });

  it('has files of one thought', () => {
    expect(files.flatMap(tooLong)).toEqual([]);
  });

  it('writes to a terminal, and ends, in cli.ts alone', () => {
    expect(sources.flatMap(processUse)).toEqual([]);
  });

  it('has named exports, unions and no barrels', () => {
    expect(sources.flatMap(againstStyle)).toEqual([]);
  });
});

describe('the rules of the tree', () => {
  it.each([
    ['a path of one machine', 'see /work/main'],
    ['a folder beside the tree', 'cat ../shared/x'],
    ['a registry', 'https://registry.npmjs.org/x'],
  ])('see %s', (_, text) => {
    expect(foreignPlaces({ path: 'docs/a.md', text: `first\n${text}` })).toEqual([
      'docs/a.md:2: names a place outside of the tree',
    ]);
    expect(foreignPlaces({ path: '.ci/run', text })).toEqual([]);
  });

  it('see unfinished work, and no word that only looks like it', () => {
    expect(unfinishedWork({ path: 'src/a.ts', text: '// TODO: later' })).toHaveLength(1);
    expect(unfinishedWork({ path: 'src/a.ts', text: '// FIXME' })).toHaveLength(1);
    expect(unfinishedWork({ path: 'src/a.ts', text: 'const todos = 1;' })).toEqual([]);
  });

  it('see a file that is too long', () => {
    const text = 'x;\n'.repeat(maxLines);
    expect(tooLong({ path: 'src/a.ts', text })).toEqual([]);
    expect(tooLong({ path: 'src/a.ts', text: `${text}x;\n` })).toHaveLength(1);
    expect(tooLong({ path: 'src/desired/generated/a.ts', text: `${text}x;\n` })).toEqual([]);
  });

  it.each(['process.exit(1);', 'process.stdout.write(a);', 'process.exitCode = 1;', 'console.log(a);'])(
    'see %s outside of cli.ts',
    (source) => {
      expect(processUse(moduleOf('src/commands/a.ts', source))).toHaveLength(1);
    },
  );

  it('leave cli.ts its process, and others their own', () => {
    expect(processUse(moduleOf('src/cli.ts', 'process.exit(1);'))).toEqual([]);
    expect(processUse(moduleOf('src/commands/a.ts', 'child.process.exit(1); process.pid;'))).toEqual([]);
  });

  it.each([
    ['enum Colour { Red }', 'enum'],
    ['export default function f() {}', 'default export'],
    [`export * from './b.ts';`, 'barrel'],
  ])('see %s', (source, why) => {
    expect(againstStyle(moduleOf('src/a.ts', source))).toEqual([`src/a.ts:1: ${why}`]);
  });
});
