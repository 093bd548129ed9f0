/** `trueup encode -- …`: the value of the package's parameter for commands, to be run by hand or by another program. */
import { actionNameOf, type Command, changesDevice } from '../endpoint/command.ts';
import { commandLine, maxParameterLength } from '../endpoint/encode.ts';
import { type EncodedParameter, encodeParameters } from '../endpoint/parameters.ts';
import { TrueupError } from '../errors.ts';
import { commandsOfText, commandsOfWords } from './command-words.ts';
import type { Io } from './io.ts';

export interface EncodeOptions {
  /** Of one command, or of several with `;` between them; none: command lines on standard input. */
  readonly words: readonly string[];
  readonly format: 'text' | 'json';
}

/** As text, the values alone are on standard output, one a line. Throws TRUEUP_USAGE. */
export async function encode({ words, format }: EncodeOptions, io: Io): Promise<number> {
  const commands = words.length > 0 ? commandsOfWords(words) : commandsOfText(await inputOf(io));
  if (commands.length === 0) throw new TrueupError('TRUEUP_USAGE', 'There is no command to encode.', { remedy });
  const parameters = encodeParameters(commands);
  if (format === 'json') {
    io.out(`${JSON.stringify({ parameters: parameters.map(parameterJson) }, null, 2)}\n`);
    return 0;
  }
  io.out(parameters.map(({ value }) => `${value}\n`).join(''));
  if (io.verbosity !== 'quiet') io.err(`\n${explanation(parameters)}`);
  return 0;
}

const remedy =
  'Write it behind --, as `trueup encode -- -Target LocalGroup -Action MemberList`, or one command a line on standard input.';

async function inputOf({ input }: Io): Promise<string> {
  if (input === null) throw new TrueupError('TRUEUP_USAGE', 'There is no command to encode.', { remedy });
  return input();
}

/** What an administrator types in the folder of both scripts; another program gives the value as it pleases. */
function byHand(value: string): string {
  return `powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File expand_params.ps1 ${value}`;
}

function parameterJson({ value, length, commands }: EncodedParameter): Record<string, unknown> {
  return {
    value,
    length,
    maxLength: maxParameterLength,
    changes: commands.some(changes),
    commands: commands.map(commandLine),
    byHand: byHand(value),
  };
}

function explanation(parameters: readonly EncodedParameter[]): string {
  const several = parameters.length > 1;
  const parts = parameters.flatMap(({ value, length, commands }, index) => [
    `${several ? `Value ${index + 1} of ${parameters.length}: ` : ''}${counted(commands.length)}, ${length} of at most ${maxParameterLength} characters as Tanium encodes them`,
    ...commands.map((command) => `  ${commandLine(command)}${changes(command) ? '   (changes the device)' : ''}`),
    'By hand, as an administrator, in the folder of both scripts:',
    `  ${byHand(value)}`,
    '',
  ]);
  if (several) parts.push('Run a value only after the one before it has ended with exit code 0.', '');
  return parts.slice(0, -1).join('\n').concat('\n');
}

function counted(commands: number): string {
  return commands === 1 ? '1 command' : `${commands} commands`;
}

function changes(command: Command): boolean {
  const action = actionNameOf(command);
  return action !== null && changesDevice(action);
}
