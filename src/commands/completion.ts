/** `trueup completion SHELL`: what makes a shell ask `trueup complete` for the next word. */
import type { Command, Option } from 'commander';
import type { Io } from './io.ts';

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/** Each calls `trueup complete -- WORDS…` with the words so far, the last of which may be empty. */
const scripts: Readonly<Record<Shell, string>> = {
  bash: `_trueup() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done \\
    < <(trueup complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _trueup trueup
`,
  zsh: `#compdef trueup
_trueup() {
  local -a found
  local line
  while IFS= read -r line; do found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}"); done \\
    < <(trueup complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe 'trueup' found; else _files; fi
}
compdef _trueup trueup
`,
  fish: `function __trueup_complete
  set -l words (commandline -opc) (commandline -ct)
  trueup complete -- $words[2..-1] 2>/dev/null
end
complete -c trueup -f -n 'count (__trueup_complete) >/dev/null' -a '(__trueup_complete)'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName trueup -ScriptBlock {
  param($word, $ast, $cursor)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.Extent.Text })
  if ($word -eq '') { $words += '' }
  trueup complete -- @words 2>$null | ForEach-Object {
    $name, $what = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', "$what ")
  }
}
`,
};

export function completion(shell: Shell, io: Pick<Io, 'out'>): number {
  io.out(scripts[shell]);
  return 0;
}

export interface Candidate {
  readonly word: string;
  readonly what: string;
}

/** One a line, with what it is behind a tab; where there are none, the shell offers files. */
export function complete(program: Command, words: readonly string[], io: Pick<Io, 'out'>): number {
  for (const { word, what } of candidates(program, words)) io.out(`${word}\t${what}\n`);
  return 0;
}

/** What may stand in the place of the last of `words`: verbs, options, and the values of those that have a closed list. */
export function candidates(program: Command, words: readonly string[]): readonly Candidate[] {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  if (before.includes('--')) return [];
  const { command, values } = reached(program, before);
  const previous = optionNamed(command, before.at(-1) ?? '');
  const all =
    previous !== null && takesValue(previous)
      ? choicesOf(previous)
      : last.startsWith('-')
        ? optionsOf(command, before)
        : [...verbsOf(command), ...argumentsOf(command, values)];
  return all.filter(({ word }) => word.startsWith(last));
}

/** The verb that the words have come to, and how many arguments it has been given. */
function reached(program: Command, words: readonly string[]): { readonly command: Command; readonly values: number } {
  let command = program;
  let values = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const option = optionNamed(command, word);
    if (option !== null) {
      if (takesValue(option)) at += 1;
    } else if (!word.startsWith('-')) {
      const next = command.commands.find((one) => one.name() === word);
      if (next === undefined) values += 1;
      else [command, values] = [next, 0];
    }
  }
  return { command, values };
}

function optionNamed(command: Command, word: string): Option | null {
  return command.options.find(({ long, short }) => word !== '' && (word === long || word === short)) ?? null;
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function choicesOf({ argChoices, description }: Option): readonly Candidate[] {
  return (argChoices ?? []).map((word) => ({ word, what: description }));
}

/** Those that are there already may be meant again only where they gather values. */
function optionsOf(command: Command, before: readonly string[]): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description, parseArg }) =>
      long === undefined || long === null || (before.includes(long) && parseArg === undefined)
        ? []
        : [{ word: long, what: description }],
    );
}

function verbsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ word: one.name(), what: one.description() }));
}

function argumentsOf(command: Command, given: number): readonly Candidate[] {
  const argument = command.registeredArguments[given];
  return (argument?.argChoices ?? []).map((word) => ({ word, what: argument?.description ?? '' }));
}
