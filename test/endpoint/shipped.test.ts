/** The two files as they are shipped: named as the commands name them, one text for sensor and package. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { commandLine, scriptName } from '../../src/endpoint/encode.ts';
import { scriptVersion } from '../../src/endpoint/version.ts';
import { stockFiles } from '../../src/simulator/content/stock.ts';
import { scripts } from './powershell.ts';

const management = readFileSync(join(scripts, 'secureone_management.ps1'), 'utf8');
const wrapper = readFileSync(join(scripts, 'expand_params.ps1'), 'utf8');

/** Words of a script outside of strings and comments, roughly: enough for what is asked here. */
function words(text: string, pattern: RegExp): readonly string[] {
  const code = text.replaceAll(/^\s*#.*$/gm, '');
  return [...new Set([...code.matchAll(pattern)].map(([word]) => word))].toSorted();
}

describe('the shipped scripts', () => {
  it('#155 have the names that commands, wrapper and package use', () => {
    expect(commandLine({ target: 'LocalUser', action: 'List', parameters: {} }).split(' ')[0]).toBe(scriptName);
    const file = scriptName.replace('.\\', '');
    expect(existsSync(join(scripts, file))).toBe(true);
    expect(wrapper).toContain(`$script='${scriptName}'`);
    expect(wrapper).toContain(`(Join-Path $PSScriptRoot '${file}')`);
    expect(management).toContain("Join-Path $PSScriptRoot 'expand_params.ps1'");
    expect(stockFiles.map(({ name }) => name).toSorted()).toEqual(['expand_params.ps1', file]);
  });

  it('#155 are one text for sensor and package: the first line alone says what a sensor is', () => {
    expect(management.split('\n')[0]).toBe("$DefaultAction = 'Inventory'");
    expect(management.match(/DefaultAction/g)).toHaveLength(2);
  });

  it('have in the text of the sensors nothing that changes a machine', () => {
    const changing =
      /\b(?:Add|Clear|Copy|Disable|Enable|Export|Import|Move|New|Out|Remove|Rename|Reset|Restart|Set|Start|Stop|Write)-[a-z]+/gi;
    // What is left are functions of its own, the strict mode of a scope, and variables' names.
    expect(words(management, changing)).toEqual([
      'New-Failure',
      'New-Object',
      'New-Record',
      'Set-StrictMode',
      'Write-Line',
    ]);
    expect(words(management, /New-Object \S+/g)).toEqual(['New-Object Text.UTF8Encoding']);
    const calls =
      /\.(?:SetInfo|SetPassword|Put|InvokeSet|Create|Delete|Remove|Rename|Add|Move\w*|Copy\w*|Write\w*|Set[A-Z]\w*|Replace)\(/gi;
    expect(words(management, calls)).toEqual(['.Add(', '.Replace(', '.WriteLine(']);
    expect(words(management, /[\w$.:[\])]+\.(?:Add|WriteLine|Replace)\(/g)).toEqual([
      '$Value.Replace(',
      '$entries.SchemaFilter.Add(',
      ').Replace(',
      '[Console]::Out.WriteLine(',
    ]);
  });

  it('run no text: nothing in them takes one for code', () => {
    for (const text of [management, wrapper]) {
      expect(
        words(
          text,
          /Invoke-Expression|\biex\b|ScriptBlock\]::Create|NewScriptBlock|InvokeScript|Add-Type|EncodedCommand\b/gi,
        ),
      ).toEqual(text === wrapper ? ['EncodedCommand'] : []);
    }
    // Its own text, not one that it was given.
    expect(management.match(/AddScript\(.*/g)).toEqual([
      'AddScript("`$ErrorActionPreference = \'Stop\'; & {$Script} `$args[0]").AddArgument($Argument)',
    ]);
  });

  it('say their version as this program knows it', () => {
    expect(management).toContain(`\n$ScriptVersion = '${scriptVersion}'\n`);
  });

  it('are in the package, made of commented sources that are not', () => {
    expect(packageJson.files).toContain('powershell/*.ps1');
    const made = readdirSync(scripts).filter((name) => name.endsWith('.ps1'));
    expect(made.toSorted()).toEqual(['expand_params.ps1', 'secureone_management.ps1']);
    for (const name of made) expect(existsSync(join(scripts, 'source', name))).toBe(true);
  });
});
