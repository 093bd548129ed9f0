/**
 * What `expand_params.ps1` lets through, read by the same rules: commands that are data and nothing else. The simulated
 * devices run what this returns, and an operator is shown what an action does by it.
 */
import { fromBase64 } from './base64.ts';
import { type Command, type CommandParameters, isSwitch, type ParameterName, parameterNames } from './command.ts';
import { maxCommands, scriptName } from './encode.ts';

/** Text that is not of the allowed shape; nothing of it may run. */
export class CommandRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandRefused';
  }
}

/** The seed's test of the package; the device answers it with its self-test (npsd-domain.md C13). */
const packageTest = 'Get-Date';
const selfTest: Command = { target: 'General', action: 'SelfTest', parameters: {} };

/** No command line of Windows is longer (windows-accounts.md C17). */
const maxParameter = 32_767;

/**
 * The command text behind the value of the package's parameter: percent-decoded (Tanium encodes all that is not of
 * `[A-Za-z0-9]`, in either case), then Base64, then UTF-8. Throws {@link CommandRefused}.
 */
export function decodeParameter(value: string): string {
  if (value.length > maxParameter) throw new CommandRefused(`the parameter is longer than ${maxParameter} characters`);
  const plain = withoutBlanks(percentDecode(value));
  if (plain === packageTest) return packageTest;
  const text = fromBase64(plain);
  if (text === null || text === '') throw new CommandRefused('the parameter is not Base64 of UTF-8 text');
  return text;
}

/** ASCII only: no other character can become Base64. */
function percentDecode(value: string): string {
  return value.replace(/%([0-7][0-9A-Fa-f])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const blanks = ' \t\r\n';

/** Without the blanks around it that PowerShell parts words and commands by; other white space is no blank there. */
function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blanks.includes(text.charAt(start))) start += 1;
  while (end > start && blanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/**
 * A sequence of 1 to 64 invocations of the script, or `Get-Date` alone. Between commands stands a line end or a
 * semicolon; a value is a constant. Throws {@link CommandRefused}.
 */
export function parseCommands(text: string): Command[] {
  if (withoutBlanks(text).toLowerCase() === packageTest.toLowerCase()) return [selfTest];
  const commands = split(tokens(text)).map(commandOf);
  if (commands.length === 0) throw new CommandRefused('there is no command');
  if (commands.length > maxCommands) throw new CommandRefused(`there are more than ${maxCommands} commands`);
  return commands;
}

type Token =
  | { readonly kind: 'end' }
  /** A constant in quotes: never a parameter's name, whatever is in it. */
  | { readonly kind: 'quoted'; readonly text: string }
  | { readonly kind: 'bare'; readonly text: string };

/**
 * PowerShell takes the typographic quotes for quotes too: a name with one in it must end no string here that it would
 * not end there.
 */
const singleQuotes = "'\u2018\u2019\u201a\u201b";
const bareWord = /[A-Za-z0-9_.\\:~+/=-]/;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === ' ' || char === '\t') {
      at += 1;
    } else if (char === '\n' || char === '\r' || char === ';') {
      found.push({ kind: 'end' });
      at += 1;
    } else if (singleQuotes.includes(char)) {
      const end = endOfQuoted(text, at);
      found.push({ kind: 'quoted', text: unquoted(text.slice(at + 1, end)) });
      at = afterToken(text, end + 1);
    } else if (bareWord.test(char)) {
      const start = at;
      while (at < text.length && bareWord.test(text.charAt(at))) at += 1;
      found.push({ kind: 'bare', text: text.slice(start, at) });
      at = afterToken(text, at);
    } else {
      throw new CommandRefused(`character ${at + 1} is not of a command's name, parameter or constant`);
    }
  }
  return found;
}

function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\0') throw new CommandRefused(`character ${at + 1} is NUL`);
    if (!singleQuotes.includes(text.charAt(at))) continue;
    const next = text.charAt(at + 1);
    if (next === '' || !singleQuotes.includes(next)) return at;
    at += 1;
  }
  throw new CommandRefused('a quoted constant does not end');
}

/** Two quotes in a row, of whichever kind, are one: the second of them, as PowerShell has it. */
function unquoted(text: string): string {
  return text.replace(/['\u2018\u2019\u201a\u201b](['\u2018\u2019\u201a\u201b])/g, '$1');
}

/** What touches a token would be joined to it, and be an expression. */
function afterToken(text: string, at: number): number {
  const next = text.charAt(at);
  if (next === '' || ' \t\r\n;'.includes(next)) return at;
  throw new CommandRefused(`character ${at + 1} makes the value more than a constant`);
}

function split(all: readonly Token[]): Token[][] {
  const commands: Token[][] = [[]];
  for (const token of all) {
    if (token.kind === 'end') commands.push([]);
    else commands.at(-1)?.push(token);
  }
  return commands.filter((command) => command.length > 0);
}

const nameByLowerCase: ReadonlyMap<string, ParameterName | 'Target' | 'Action'> = new Map(
  (['Target', 'Action', ...parameterNames] as const).map((name) => [name.toLowerCase(), name]),
);

function commandOf(words: readonly Token[]): Command {
  const [script, ...rest] = words;
  if (script?.kind !== 'bare' || script.text.toLowerCase() !== scriptName) {
    throw new CommandRefused(`a command does not start with ${scriptName}`);
  }
  const values = new Map<string, string | true>();
  for (let at = 0; at < rest.length; at += 1) {
    const name = parameterNameOf(rest[at]);
    if (values.has(name)) throw new CommandRefused(`-${name} is given twice`);
    if (name !== 'Target' && name !== 'Action' && isSwitch(name)) {
      values.set(name, true);
      continue;
    }
    at += 1;
    values.set(name, valueOf(rest[at], name));
  }
  const target = values.get('Target') ?? 'General';
  const action = values.get('Action') ?? 'Inventory';
  values.delete('Target');
  values.delete('Action');
  return {
    target: String(target),
    action: String(action),
    parameters: Object.fromEntries(values) as CommandParameters,
  };
}

/** Spelled out: no abbreviation, no common parameter, no `--%`. */
function parameterNameOf(token: Token | undefined): ParameterName | 'Target' | 'Action' {
  const name = token?.kind === 'bare' && token.text.startsWith('-') ? token.text.slice(1) : null;
  const known = name === null ? undefined : nameByLowerCase.get(name.toLowerCase());
  if (known === undefined) throw new CommandRefused('an argument is not a parameter of the script, spelled out');
  return known;
}

/** A word, or a number of up to ten digits; `1kb` and `0x1F` are other numbers to PowerShell than they look. */
const bareValue = /^(?:[A-Za-z~][A-Za-z0-9_.~+/=-]*|[0-9]{1,10})$/;

function valueOf(token: Token | undefined, name: string): string {
  if (token === undefined || token.kind === 'end') throw new CommandRefused(`-${name} has no value`);
  // In quotes too: the script, which has only its arguments, would have to tell it from a name.
  if (token.text.startsWith('-')) throw new CommandRefused(`the value of -${name} starts with a hyphen`);
  if (token.kind === 'bare' && !bareValue.test(token.text)) {
    throw new CommandRefused(`the value of -${name} needs single quotes`);
  }
  return token.text;
}
