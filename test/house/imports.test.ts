import { describe, expect, it } from 'vitest';
import { arrowsAgainst } from './arrows.ts';
import { moduleOf, modulesBelow } from './modules.ts';

function said(path: string, source: string): string[] {
  return arrowsAgainst(moduleOf(path, source)).map((line) => line.slice(line.indexOf(': ') + 2));
}

describe('imports', () => {
  it('#2 point inward only, and only Tanium and the store reach out', () => {
    expect(modulesBelow('src').flatMap(arrowsAgainst)).toEqual([]);
  });

  it('are seen in every form', () => {
    const forms = [
      `import { a } from '../apply/run.ts';`,
      `import type { A } from '../apply/run.ts';`,
      `import { type A, b } from '../apply/run.ts';`,
      `import run, { a as b } from '../apply/run.ts';`,
      `import * as run from '../apply/run.ts';`,
      `import '../apply/run.ts';`,
      `export { a } from '../apply/run.ts';`,
      `export type { A } from '../apply/run.ts';`,
      `export * from '../apply/run.ts';`,
      `export * as run from '../apply/run.ts';`,
      `const run = await import('../apply/run.ts');`,
      'const run = await import(`../apply/run.ts`);',
      `const run = \`\${(await import("../apply/run.ts")).a}\`;`,
      `type Run = import('../apply/run.ts').Run;`,
      `const run = require('../apply/run.ts');`,
      `import json from '../apply/run.ts' with { type: 'json' };`,
    ];
    for (const form of forms) {
      expect(said('src/model/plan.ts', form), form).toEqual(['model may not import apply']);
    }
  });

  it('are not seen in comments, texts, patterns and other people’s names', () => {
    const source = `
      // import { a } from '../apply/run.ts';
      /* import('../apply/run.ts') */
      const text = "import { a } from '../apply/run.ts'";
      const pattern = /import\\('..\\/apply\\/run.ts'\\)/;
      const { meta } = import.meta;
      export const from = 1;
      loader.import('../apply/run.ts');
    `;
    expect(said('src/model/plan.ts', source)).toEqual([]);
  });

  it('that are computed when they run are refused', () => {
    expect(said('src/commands/x.ts', 'await import(name);')).toEqual(['imports what nobody can read from the source']);
    expect(said('src/commands/x.ts', 'await import(`./${name}.ts`);')).toHaveLength(1);
  });

  it.each([
    ['src/reconcile/x.ts', '../desired/load.ts', 'reconcile may not import desired'],
    ['src/reconcile/x.ts', '../ports.ts', 'reconcile may not import ports.ts'],
    ['src/desired/x.ts', '../reconcile/diff.ts', 'desired may not import reconcile'],
    ['src/render/x.ts', '../ports.ts', 'render may not import ports.ts'],
    ['src/endpoint/x.ts', '../simulator/fleet/fleet.ts', 'endpoint may not import simulator'],
    ['src/tanium/x.ts', '../apply/run.ts', 'tanium may not import apply'],
    ['src/tanium/x.ts', '../store/open.ts', 'tanium may not import store'],
    ['src/store/x.ts', '../tanium/client.ts', 'store may not import tanium'],
    ['src/simulator/x.ts', '../tanium/client.ts', 'simulator may not import tanium'],
    ['src/tanium/x.ts', '../simulator/serve.ts', 'tanium may not import simulator'],
    ['src/apply/x.ts', '../tanium/client.ts', 'apply may not import tanium'],
    ['src/apply/x.ts', '../render/text.ts', 'apply may not import render'],
    ['src/daemon/x.ts', '../commands/plan.ts', 'daemon may not import commands'],
    ['src/model/x.ts', '../errors.ts', null],
    ['src/cli.ts', './apply/run.ts', 'cli.ts may not import apply'],
    ['src/store/mongodb/x.ts', '../sqlite/store.ts', 'mongodb may not import sqlite'],
    ['src/tanium/x.ts', '../../test/tanium/wire.ts', 'tanium may not import test/tanium/wire.ts'],
    ['src/utils/x.ts', './y.ts', undefined],
  ])('from %s to %s are judged', (path, specifier, why) => {
    const lines = arrowsAgainst(moduleOf(path, `import { a } from '${specifier}';`));
    if (why === undefined) expect(lines).toEqual([`${path}: utils is no room of the house`]);
    else if (why === null) expect(lines).toEqual([`${path}:1: model may not import errors.ts`]);
    else expect(lines).toEqual([`${path}:1: ${why}`]);
  });

  it.each([
    ['src/commands/x.ts', '../tanium/client.ts'],
    ['src/commands/x.ts', '../simulator/serve.ts'],
    ['src/apply/x.ts', '../reconcile/reconcile.ts'],
    ['src/store/open.ts', './mongodb/store.ts'],
    ['src/simulator/x.ts', '../endpoint/parse.ts'],
    ['src/reconcile/x.ts', '../model/sid.ts'],
    ['src/desired/x.ts', '../../schemas/common.schema.json'],
  ])('from %s to %s are allowed', (path, specifier) => {
    expect(said(path, `import { a } from '${specifier}';`)).toEqual([]);
  });

  it.each([
    ['src/reconcile/x.ts', `import { request } from 'undici'`, 'reconcile may not import undici'],
    ['src/render/x.ts', `import { readFileSync } from 'node:fs'`, 'render may not import node:fs'],
    ['src/reconcile/x.ts', `import { createHash } from 'node:crypto'`, 'reconcile may not import node:crypto'],
    ['src/reconcile/hash.ts', `import { randomUUID } from 'node:crypto'`, 'reconcile may not import node:crypto'],
    ['src/apply/x.ts', `import { request } from 'undici'`, 'apply may not reach out by undici'],
    ['src/tanium/x.ts', `import { connect } from 'node:net'`, 'tanium may not reach out by node:net'],
    ['src/tanium/x.ts', `import { exec } from 'node:child_process'`, 'tanium may not reach out by node:child_process'],
    ['src/commands/x.ts', `import { MongoClient } from 'mongodb'`, 'commands may not reach out by mongodb'],
    [
      'src/simulator/x.ts',
      `import { createServer, request } from 'node:http'`,
      'the simulator may only listen, not use request of node:http',
    ],
    [
      'src/simulator/x.ts',
      `import * as http from 'node:http'`,
      'the simulator may only listen, not use * of node:http',
    ],
  ])('#2 of packages: %s %s is refused', (path, source, why) => {
    expect(said(path, source)).toEqual([why]);
  });

  it.each([
    ['src/tanium/x.ts', `import { request } from 'undici'`],
    ['src/store/mongodb/x.ts', `import { MongoClient } from 'mongodb'`],
    ['src/reconcile/hash.ts', `import { createHash } from 'node:crypto'`],
    ['src/simulator/x.ts', `import { createServer, type IncomingMessage } from 'node:http'`],
  ])('of packages: %s %s is allowed', (path, source) => {
    expect(said(path, source)).toEqual([]);
  });
});
