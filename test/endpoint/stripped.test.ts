/** The shipped scripts are their sources but for comments and blanks: PowerShell itself reads the same in both. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shipped } from '../../tools/generate/endpoint-script.ts';
import { squeezed } from '../../tools/generate/squeeze.ts';
import { pwsh, runFile, scripts } from './powershell.ts';

const reader = join(scripts, 'test', 'tokens.ps1');

interface Reading {
  readonly tokens: readonly string[];
  readonly nodes: readonly string[];
}

function read(file: string): Reading {
  const { exit, lines, stderr } = runFile(reader, [file], scripts);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return JSON.parse(lines.join('\n'));
}

describe.each([
  // What a sensor takes is more by so much: a later version may need it.
  ['secureone_management.ps1', 1000],
  ['expand_params.ps1', 150],
])('%s', (name, spare) => {
  it('is made of its source', () => {
    expect(readFileSync(join(scripts, name), 'utf8')).toBe(
      shipped(readFileSync(join(scripts, 'source', name), 'utf8')),
    );
  });

  it('leaves some of the 28,000 characters that a sensor takes', () => {
    expect(readFileSync(join(scripts, name), 'utf8').length).toBeLessThanOrEqual(28_000 - spare);
  });

  it.skipIf(pwsh === null)('has the tokens and the tree of its source', { timeout: 60_000 }, () => {
    const { tokens, nodes } = read(join(scripts, name));
    expect(tokens.length).toBeGreaterThan(5000);
    expect(nodes.length).toBeGreaterThan(5000);
    const source = read(join(scripts, 'source', name));
    expect(tokens.join('\n')).toBe(source.tokens.join('\n'));
    expect(nodes.join('\n')).toBe(source.nodes.join('\n'));
  });
});

describe('a line that is squeezed', () => {
  it.each([
    [`if ($a -eq 1) { f $a (1) } else { "x $(g 'a ) b') , y" }`, `if($a -eq 1){f $a (1)}else{"x $(g 'a ) b') , y"}`],
    [`@{ A = 1; B = 'a ; '' = b' } | f -x ', '`, `@{A=1;B='a ; '' = b'}|f -x ', '`],
    ['$x += , (1, 2) -join 3', '$x+=,(1,2) -join 3'],
    ['"`" , ""( b" ) , "$("""" + \'(\' ) ;"', '"`" , ""( b"),"$("""" + \'(\' ) ;"'],
    ['f (g) { $_ } -x ` ', 'f (g){$_} -x ` '],
  ])('%s', (line, expected) => {
    expect(squeezed(line)).toBe(expected);
  });

  it.each(['$a = "b', "$a = 'b", '$a = "$(b"'])('does not guess where a string ends: %s', (line) => {
    expect(() => squeezed(line)).toThrow('does not end');
  });
});
