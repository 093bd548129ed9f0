/** Commands of the endpoint contract as an operator writes them: words of a shell, or lines of text. */
import { nearNames } from '../desired/near.ts';
import { toBase64 } from '../endpoint/base64.ts';
import {
  actionNameOf,
  actionNames,
  type Command,
  changesDevice,
  complaintAbout,
  isSwitch,
  type ParameterName,
  parameterNames,
} from '../endpoint/command.ts';
import { scriptName } from '../endpoint/encode.ts';
import { type ErrorDetails, TrueupError } from '../errors.ts';

type Word = ParameterName | 'Target' | 'Action';

/** Texts as they are: they go into the parameter behind each of them, in Base64. Given again, they make a list. */
const plainNames: Readonly<Record<string, ParameterName>> = {
  GroupName: 'GroupNameB64',
  MemberName: 'MemberNameB64',
  UserName: 'UserNameB64',
  PropertyValue: 'PropertyValuesB64',
};
const lists: readonly ParameterName[] = ['MemberNameB64', 'PropertyValuesB64'];

const names: readonly string[] = ['Target', 'Action', ...parameterNames, ...Object.keys(plainNames)];
const nameByLowerCase: ReadonlyMap<string, string> = new Map(names.map((name) => [`-${name}`.toLowerCase(), name]));

/** A word that is `;` parts two commands. Throws TRUEUP_USAGE. */
export function commandsOfWords(words: readonly string[], details: ErrorDetails = {}): readonly Command[] {
  const groups: string[][] = [[]];
  for (const word of words) {
    if (word === ';') groups.push([]);
    else groups.at(-1)?.push(word);
  }
  return groups.filter((group) => group.length > 0).map((group) => commandOf(group, details));
}

/** One command line a line, as a `;` parts them too; empty lines are passed over. Throws TRUEUP_USAGE with the line. */
export function commandsOfText(text: string): readonly Command[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const details = { source: `standard input:${index + 1}` };
    return commandsOfWords(wordsOf(line, details), details);
  });
}

const wordPattern = /\s*(?:'((?:[^']|'')*)'|"([^"$`]*)"|(;)|([^\s'";]+))(?=[\s;]|$)/y;

/** Blanks part words. Single quotes hold anything, two in a row one of them; double quotes hold no `$` and no "`". */
function wordsOf(line: string, details: ErrorDetails): readonly string[] {
  const words: string[] = [];
  const text = line.trimEnd();
  wordPattern.lastIndex = 0;
  while (wordPattern.lastIndex < text.length) {
    const at = wordPattern.lastIndex;
    const found = wordPattern.exec(text);
    if (found === null) throw usage(`What begins at character ${at + 1} is neither a word nor a constant.`, details);
    const [, single, double, semicolon, bare] = found;
    words.push(single?.replaceAll("''", "'") ?? double ?? semicolon ?? bare ?? '');
  }
  return words;
}

function commandOf(words: readonly string[], details: ErrorDetails): Command {
  const values = new Map<Word, string | true>();
  const start = words[0]?.toLowerCase() === scriptName ? 1 : 0;
  for (let at = start; at < words.length; at += 1) {
    const name = nameOf(words[at] ?? '', details);
    const parameter = plainNames[name] ?? (name as Word);
    const before = values.get(parameter);
    if (before !== undefined && !(name in plainNames && lists.some((list) => list === parameter))) {
      throw usage(`-${name} is given twice.`, details);
    }
    if (parameter !== 'Target' && parameter !== 'Action' && isSwitch(parameter)) {
      values.set(parameter, true);
      continue;
    }
    at += 1;
    const value = valueOf(words[at], name, details);
    values.set(parameter, before === undefined ? value : `${before},${value}`);
  }
  const { Target: target = 'General', Action: action = 'Inventory', ...parameters } = Object.fromEntries(values);
  return approved({ target: String(target), action: String(action), parameters }, details);
}

function nameOf(word: string, details: ErrorDetails): string {
  const name = nameByLowerCase.get(word.toLowerCase());
  if (name !== undefined) return name;
  const near = nearNames(word, names).map((one) => `-${one}`);
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
  throw usage(`${JSON.stringify(word)} is no parameter of the script.${hint}`, details);
}

function valueOf(word: string | undefined, name: string, details: ErrorDetails): string {
  if (word === undefined || nameByLowerCase.has(word.toLowerCase())) throw usage(`-${name} has no value.`, details);
  return name in plainNames ? toBase64(word) : word;
}

/** The command in the table's own spelling. What the device would refuse is refused here. */
function approved(command: Command, details: ErrorDetails): Command {
  const action = actionNameOf(command);
  if (action === null) throw usage(unknownAction(command), details);
  const complaint = complaintAbout(command);
  if (complaint !== null)
    throw usage(`${complaint.charAt(0).toUpperCase()}${complaint.slice(1)}.`, details, remedyOf(complaint));
  if (changesDevice(action) && command.parameters.NoMeta) {
    throw usage(`-NoMeta does not go with ${action}: the report of a change says whose it is.`, details);
  }
  const [target = '', verb = ''] = action.split('.');
  return { ...command, target, action: verb };
}

function unknownAction({ target, action }: Command): string {
  const actions = actionNames.map((name) => name.split('.'));
  const own = actions.filter(([of = '']) => of.toLowerCase() === target.toLowerCase());
  if (own.length > 0) {
    const known = own.map(([, verb]) => verb).join(', ');
    return `There is no action ${JSON.stringify(action)} of target ${target}, which has ${known}.`;
  }
  const targets = [...new Set(actions.map(([of]) => of))].join(', ');
  return `There is no target ${JSON.stringify(target)}: -Target is one of ${targets}.`;
}

/** Base64 by hand is what goes wrong most. */
function remedyOf(complaint: string): string | undefined {
  const plain = Object.keys(plainNames).find((name) => complaint.startsWith(`-${plainNames[name]} is not `));
  return plain === undefined ? undefined : `Give the text itself as -${plain}, and it is put into Base64 for you.`;
}

function usage(message: string, details: ErrorDetails, remedy?: string): TrueupError {
  return new TrueupError('TRUEUP_USAGE', message, { ...details, ...(remedy !== undefined && { remedy }) });
}
