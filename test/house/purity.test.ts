import { describe, expect, it } from 'vitest';
import { moduleOf, modulesBelow } from './modules.ts';
import { impurities, isPureByPlace, pureModules } from './purity.ts';

function said(source: string): string[] {
  return impurities(moduleOf('src/reconcile/x.ts', source)).map((line) => line.replace('src/reconcile/x.ts:1: ', ''));
}

describe('purity', () => {
  it('holds for model, desired/compile, reconcile, render, rotation and what they import', () => {
    expect(pureModules(modulesBelow('src')).flatMap(impurities)).toEqual([]);
  });

  it.each(['src/model/sid.ts', 'src/reconcile/diff.ts', 'src/render/text.ts', 'src/rotation/state.ts'])(
    'is asked of %s',
    (path) => {
      expect(isPureByPlace(path)).toBe(true);
    },
  );

  it.each(['src/desired/compile.ts', 'src/desired/compile-selectors.ts', 'src/desired/compile/merge.ts'])(
    'is asked of %s, but not of the files beside it',
    (path) => {
      expect(isPureByPlace(path)).toBe(true);
      expect(isPureByPlace('src/desired/load.ts')).toBe(false);
      expect(isPureByPlace('src/desired/compiled.ts')).toBe(false);
    },
  );

  it('is asked of what a pure module imports when it runs, not of its types', () => {
    const modules = [
      moduleOf('src/desired/compile.ts', `import { a } from './a.ts'; import type { B } from './b.ts';`),
      moduleOf('src/desired/a.ts', `import { c } from './c.ts';`),
      moduleOf('src/desired/b.ts', 'export interface B {}'),
      moduleOf('src/desired/c.ts', 'export const c = Date.now();'),
    ];
    const pure = pureModules(modules);
    expect(pure.map((module) => module.path)).toEqual([
      'src/desired/compile.ts',
      'src/desired/a.ts',
      'src/desired/c.ts',
    ]);
    expect(pure.flatMap(impurities)).toEqual(['src/desired/c.ts:1: Date.now']);
  });

  it.each([
    ['const a = Date.now();', 'Date.now'],
    ['const a = Date . now ();', 'Date.now'],
    ['const a = new Date();', 'new Date()'],
    ['const a = new Date;', 'new Date()'],
    ['const a = Date();', 'Date()'],
    ['const a = Math.random();', 'Math.random'],
    ['const a = process.env;', 'process'],
    ['const a = b ? process : null;', 'process'],
    ['const a = `${process.pid}`;', 'process'],
    ['const a = performance.now();', 'performance'],
    ['const a = crypto.randomUUID();', 'crypto'],
    ['const a = globalThis;', 'globalThis'],
    ['setTimeout(f, 1);', 'setTimeout'],
    ['await fetch(url);', 'fetch'],
    ['console.log(a);', 'console'],
    ['const a = import.meta.url;', 'import.meta'],
    [`const a = 'x'.localeCompare('y');`, 'localeCompare'],
    ['const a = n.toLocaleString();', 'toLocaleString'],
    ['const a = day.getHours();', 'getHours'],
    ['const a = new Intl.NumberFormat();', 'Intl without a fixed language'],
    [`import { randomUUID, createHash } from 'node:crypto';`, 'imports node:crypto'],
    [`import * as hashes from 'node:crypto';`, 'imports node:crypto'],
    ['let count = 0;', 'let outside of a function'],
    [`import { readFileSync } from 'node:fs';`, 'imports node:fs'],
    [`const fs = await import('node:fs');`, 'imports node:fs'],
  ])('ends with %s', (source, why) => {
    expect(said(source)).toEqual([why]);
  });

  it.each([
    'const a = new Date(now).getTime();',
    'const a = Date.parse(now);',
    'const a = Date.UTC(2026, 0);',
    'const a = Math.max(1, 2);',
    'const a = { process: 1, performance: 2 };',
    'interface A { readonly fetch: string; readonly crypto?: string }',
    'const a = b.process;',
    `const a = new Intl.Segmenter('en');`,
    `const a = 'Date.now() process.env';`,
    '// Date.now()',
    'function f() { let count = 0; return count; }',
    'const a = day.getUTCHours();',
    `import { createHash } from 'node:crypto';`,
  ])('is kept by %s', (source) => {
    expect(said(source)).toEqual([]);
  });
});
