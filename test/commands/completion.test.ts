/** What a shell offers for the next word, and the command lines that help shows. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { candidates } from '../../src/commands/completion.ts';
import { examples } from '../../src/commands/examples.ts';
import { programOf } from '../../src/commands/program.ts';
import { root } from '../e2e/trueup.ts';
import { pwsh } from '../endpoint/powershell.ts';

function program(): Command {
  const io = { out: () => {}, err: () => {} } as unknown as Parameters<typeof programOf>[0];
  return programOf(
    io,
    () => {},
    async () => 0,
  );
}

function offered(...words: readonly string[]): readonly string[] {
  return candidates(program(), words).map(({ word }) => word);
}

describe('the next word', () => {
  it('is a verb, and never one that is hidden', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['plan', 'apply', 'audit', 'completion']));
    expect(offered('')).not.toContain('complete');
    expect(offered('pl')).toEqual(['plan']);
    expect(offered('audit', '')).toEqual(['verify']);
  });

  it('is an option of that verb, once', () => {
    expect(offered('plan', '--f')).toEqual(['--fresh', '--format']);
    expect(offered('plan', '--fresh', '--f')).toEqual(['--format']);
    expect(offered('apply', '--allow', 'freeze=A', '--al')).toEqual(['--allow']);
  });

  it('is a value of the option before it, where it has a closed list', () => {
    expect(offered('plan', '--format', '')).toEqual(['text', 'json', 'markdown', 'html']);
    expect(offered('report', 'admins', '--format', 'c')).toEqual(['csv']);
    expect(offered('plan', '--config', '')).toEqual([]);
  });

  it('is an argument with a closed list, in its place', () => {
    expect(offered('report', '')).toEqual(['admins', 'drift', 'compliance']);
    expect(offered('report', 'admins', '')).toEqual([]);
    expect(offered('report', '--config', 'prod', 'd')).toEqual(['drift']);
  });

  it('is nothing of ours behind --', () => {
    expect(offered('encode', '--', '-T')).toEqual([]);
  });
});

describe('a shell', () => {
  const env = { PATH: `${join(root, 'bin')}:${process.env['PATH']}`, HOME: process.env['HOME'] };

  it('bash offers it', () => {
    const script = `source <(trueup completion bash); COMP_WORDS=(trueup plan --f); COMP_CWORD=2; _trueup; echo "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', script], { env, encoding: 'utf8' })).toBe('--fresh --format\n');
  });

  it.skipIf(pwsh === null)('PowerShell offers it', () => {
    const script = `trueup completion powershell | Out-String | Invoke-Expression
      (TabExpansion2 'trueup plan --f' 15).CompletionMatches.CompletionText -join ' '
      (TabExpansion2 'trueup report ' 14).CompletionMatches.CompletionText -join ' '`;
    const said = execFileSync('pwsh', ['-NoProfile', '-Command', script], { env, encoding: 'utf8' });
    expect(said).toBe('--fresh --format\nadmins drift compliance\n');
  });
});

/** The verbs that do something, by their words. */
function verbsOf(command: Command, words: readonly string[] = []): readonly (readonly [string, Command])[] {
  if (command.commands.length === 0) return [[words.join(' '), command]];
  const visible = command.createHelp().visibleCommands(command);
  return visible.flatMap((one) => verbsOf(one, [...words, one.name()]));
}

describe('the examples of --help', () => {
  it.each(verbsOf(program()).map(([words]) => words))('%s has some', (words) => {
    expect(examples[words]?.length).toBeGreaterThan(0);
  });

  const lines = Object.entries(examples).flatMap(([words, list]) => list.map(({ line }) => [words, line] as const));

  it.each(lines)('%s takes %s', async (words, line) => {
    const whole = program();
    const called: string[] = [];
    for (const [name, command] of verbsOf(whole)) command.action(() => void called.push(name));
    await whole.parseAsync(wordsOf(line), { from: 'user' });
    expect(called).toEqual([words]);
  });
});

/** As a shell parts them: quotes keep a word together, and what it does with the output is not for the program. */
function wordsOf(line: string): readonly string[] {
  const own = /trueup ([^|>)]*)/.exec(line)?.[1] ?? '';
  return Array.from(own.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '').map((word) =>
    word.replaceAll("'", ''),
  );
}
