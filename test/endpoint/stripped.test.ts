/** The shipped scripts are their sources but for comments and blanks: PowerShell itself reads the same in both. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shipped } from '../../tools/generate/endpoint-script.ts';
import { pwsh, runFile, scripts } from './powershell.ts';

const reader = join(scripts, 'test', 'tokens.ps1');

function tokensOf(file: string): readonly string[] {
  const { exit, lines, stderr } = runFile(reader, [file], scripts);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return JSON.parse(lines.join('\n'));
}

describe.each(['secureone_management.ps1', 'expand_params.ps1'])('%s', (name) => {
  it('is made of its source', () => {
    expect(readFileSync(join(scripts, name), 'utf8')).toBe(
      shipped(readFileSync(join(scripts, 'source', name), 'utf8')),
    );
  });

  it.skipIf(pwsh === null)('has the tokens of its source', () => {
    const tokens = tokensOf(join(scripts, name));
    expect(tokens.length).toBeGreaterThan(5000);
    expect(tokens).toEqual(tokensOf(join(scripts, 'source', name)));
  });
});
