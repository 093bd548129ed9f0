/** From commands to values of the package's parameter: one, or as many as their length asks for. */
import { TrueupError } from '../errors.ts';
import { consecutiveParts } from '../model/parts.ts';
import { type Command, type CommandParameters, type ParameterName, parameterNames } from './command.ts';
import { encodeCommands, maxCommands, maxParameterLength, percentEncodedLength } from './encode.ts';

export interface EncodedParameter {
  /** Base64: what the package is given. */
  readonly value: string;
  /** Characters of the value as it travels; at most {@link maxParameterLength}. */
  readonly length: number;
  readonly commands: readonly Command[];
}

/**
 * In this order, in as few values as it allows; the members of a command that is too long by itself are shared out.
 * Throws TRUEUP_INTERNAL as {@link encodeCommands} does, and TRUEUP_USAGE for a command that fits into no parameter.
 */
export function encodeParameters(commands: readonly Command[]): readonly EncodedParameter[] {
  const whole = parameterOf(commands.slice(0, maxCommands));
  if (commands.length <= maxCommands && whole.length <= maxParameterLength) return [whole];
  return consecutiveParts(commands.flatMap(atomsOf), { joined, fits }).map((part) => {
    const parameter = parameterOf(part);
    if (parameter.length <= maxParameterLength) return parameter;
    const { target, action } = part[0] as Command;
    const room = `${maxParameterLength} is the most that the parameter holds`;
    throw new TrueupError('TRUEUP_USAGE', `${target}.${action} takes ${parameter.length} characters; ${room}.`);
  });
}

function parameterOf(commands: readonly Command[]): EncodedParameter {
  const value = encodeCommands(commands);
  return { value, length: percentEncodedLength(value), commands };
}

function fits(commands: readonly Command[]): boolean {
  return commands.length <= maxCommands && parameterOf(commands).length <= maxParameterLength;
}

const memberLists = ['MemberSID', 'MemberNameB64'] as const;

/** A command with several members as one for each of them; SIDs come before names, as on the device. */
function atomsOf(command: Command): readonly Command[] {
  const { MemberSID, MemberNameB64, ...rest } = command.parameters;
  const atoms = memberLists.flatMap((name) =>
    listOf(command.parameters[name]).map((member) => ({ ...command, parameters: { ...rest, [name]: member } })),
  );
  return atoms.length === 0 ? [command] : atoms;
}

function listOf(value: string | true | undefined): readonly string[] {
  return typeof value === 'string' ? value.split(',') : [];
}

/** The last command's members join those of the one before it, where the two are the same but for members. */
function joined(commands: readonly Command[]): readonly Command[] {
  const [before, last] = commands.slice(-2);
  if (before === undefined || last === undefined || !sameButForMembers(before, last)) return commands;
  const members: Partial<Record<ParameterName, string>> = {};
  for (const name of memberLists) {
    const list = [...listOf(before.parameters[name]), ...listOf(last.parameters[name])];
    if (list.length > 0) members[name] = list.join(',');
  }
  const parameters: CommandParameters = { ...before.parameters, ...members };
  return [...commands.slice(0, -2), { ...before, parameters }];
}

function sameButForMembers(one: Command, other: Command): boolean {
  const [a, b] = [one, other].map(({ target, action, parameters }) =>
    JSON.stringify([
      target,
      action,
      ...parameterNames.map((name) => (isMemberList(name) ? null : (parameters[name] ?? null))),
    ]),
  );
  return a === b && listsMembers(one) && listsMembers(other);
}

function listsMembers({ parameters }: Command): boolean {
  return memberLists.some((name) => parameters[name] !== undefined);
}

function isMemberList(name: ParameterName): boolean {
  return memberLists.some((list) => list === name);
}
