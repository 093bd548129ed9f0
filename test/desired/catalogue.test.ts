import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ProblemCode, problemCatalogue } from '../../src/desired/problem.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const tests = globSync('*.test.ts', { cwd: folder })
  .filter((name) => name !== 'catalogue.test.ts')
  .map((name) => readFileSync(`${folder}${name}`, 'utf8'))
  .join('\n');

describe('the codes of problems', () => {
  it.each(Object.keys(problemCatalogue) as ProblemCode[])('%s is told in a test, with its place', (code) => {
    expect(tests).toMatch(
      new RegExp(`(?:error|warning)\\('${code}'|:\\d+:\\d+ ${code} |code: '${code}', file|, '${code}'\\]`),
    );
  });
});
