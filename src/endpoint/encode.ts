/** From operations to the one parameter of the package: command lines, in Base64 of their UTF-8. */
import { TrueupError } from '../errors.ts';
import type { AttributionRead } from '../model/attribution.ts';
import type { AccountRef, AskedRotation, MemberRef, Operation, PropertyKey, RotationStep } from '../model/operation.ts';
import type { Sid } from '../model/sid.ts';
import { attributionCommand } from './attribution.ts';
import { toBase64 } from './base64.ts';
import {
  actionNameOf,
  type Command,
  type CommandParameters,
  changesDevice,
  complaintAbout,
  parameterNames,
} from './command.ts';

export const scriptName = '.\\secureone_management.ps1';

/** With more, the device refuses all of them. */
export const maxCommands = 64;

/** Both Tanium's parameter value and a line of cmd.exe end here (tanium-api.md; windows-accounts.md C17). */
const maxLineLength = 8191;

/** The package's command line before the value: `cmd.exe /d /c powershell.exe … -File expand_params.ps1 `, and slack. */
const commandLinePrefix = 200;

/** Characters that the value of the package's parameter may have after Tanium's percent-encoding. */
export const maxParameterLength: number = maxLineLength - commandLinePrefix;

/** The package's parameter for these operations, one command each, in this order; a read goes before them. */
export function encodeOperations(operations: readonly Operation[], read: AttributionRead | null = null): string {
  const commands = operations.map(operationCommand);
  return encodeCommands(read === null ? commands : [attributionCommand(read), ...commands]);
}

/** The package's parameter for a step of a rotation. */
export function encodeStep(step: RotationStep): string {
  return encodeCommands([operationCommand(step)]);
}

/** Throws TRUEUP_INTERNAL for none, for more than {@link maxCommands}, and for one that is not of the contract. */
export function encodeCommands(commands: readonly Command[]): string {
  if (commands.length === 0 || commands.length > maxCommands) {
    throw new TrueupError('TRUEUP_INTERNAL', `an action carries 1 to ${maxCommands} commands, not ${commands.length}`);
  }
  return toBase64(commands.map(commandLine).join('\n'));
}

/**
 * Length of the encoded operations as they travel: what {@link maxParameterLength} bounds. Infinite for more than one
 * action can carry.
 */
export function encodedLength(operations: readonly Operation[], read: AttributionRead | null = null): number {
  return operations.length + (read === null ? 0 : 1) > maxCommands
    ? Number.POSITIVE_INFINITY
    : percentEncodedLength(encodeOperations(operations, read));
}

/** Length of `text` once Tanium has encoded all that is not of `[A-Za-z0-9]`, each byte of UTF-8 as three characters. */
export function percentEncodedLength(text: string): number {
  let length = 0;
  for (const byte of Buffer.from(text, 'utf8')) length += isAlphanumeric(byte) ? 1 : 3;
  return length;
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

/**
 * The command as PowerShell reads it. Nothing in it can be anything but data (#154): a value that is not of its
 * parameter's closed alphabet throws TRUEUP_INTERNAL, and none of those alphabets has a quote, a space or a line end;
 * a name travels in Base64.
 */
export function commandLine(command: Command): string {
  const action = actionNameOf(command);
  const complaint = complaintAbout(command);
  if (action === null || complaint !== null) {
    throw new TrueupError('TRUEUP_INTERNAL', `a command that the endpoint contract does not know: ${complaint}`);
  }
  if (changesDevice(action) && command.parameters.NoMeta) {
    throw new TrueupError('TRUEUP_INTERNAL', `${action} changes the device: its report must say whose it is`);
  }
  const [target, verb] = action.split('.');
  let line = `${scriptName} -Target ${target} -Action ${verb}`;
  for (const name of parameterNames) {
    const value = command.parameters[name];
    if (value === undefined) continue;
    line += value === true ? ` -${name}` : ` -${name} '${value}'`;
  }
  return line;
}

/** One command for one operation; several members of a group go into one (#186). */
export function operationCommand(operation: Operation | RotationStep): Command {
  switch (operation.kind) {
    case 'account.create':
      return { target: 'LocalUser', action: 'Create', parameters: createParameters(operation) };
    case 'account.enable':
      return { target: 'LocalUser', action: 'Enable', parameters: accountParameters(operation.account) };
    case 'account.disable':
      return { target: 'LocalUser', action: 'Disable', parameters: breakingParameters(operation) };
    case 'account.unlock':
      return { target: 'LocalUser', action: 'Unlock', parameters: accountParameters(operation.account) };
    case 'account.delete':
      return { target: 'LocalUser', action: 'Delete', parameters: breakingParameters(operation) };
    case 'account.rename': {
      const plain = { ...accountParameters(operation.account), PropertyValuesB64: base64(operation.to) };
      const parameters =
        operation.dependents === undefined ? plain : breakingParameters(operation, ['Name', operation.to]);
      return { target: 'LocalUser', action: 'Rename', parameters };
    }
    case 'account.set': {
      const { account, property, value } = operation;
      const parameters = { ...accountParameters(account), ...propertyParameters([[property, value]]) };
      return { target: 'LocalUser', action: 'SetProperty', parameters };
    }
    case 'password.rotate':
      return { target: 'LocalUser', action: 'RotatePassword', parameters: rotationParameters(operation) };
    case 'password.acknowledge':
      return { target: 'General', action: 'Acknowledge', parameters: { RotationId: operation.rotation } };
    case 'password.session':
      return { target: 'General', action: 'NewSession', parameters: {} };
    case 'password.set': {
      const parameters = { ...accountParameters(operation.account), EncryptedPassword: operation.box };
      return { target: 'LocalUser', action: 'SetPassword', parameters };
    }
    case 'group.add':
      return { target: 'LocalGroup', action: 'AddMember', parameters: memberParameters(operation) };
    case 'group.remove':
      return { target: 'LocalGroup', action: 'RemoveMember', parameters: memberParameters(operation) };
  }
}

/**
 * What a plan measures by: as long as any that is sent. Id and key of a new rotation are made when it is sent, and a plan
 * holds nothing random.
 */
const unmade: AskedRotation = { id: '0'.repeat(32), publicKey: `${'A'.repeat(342)}==,AQAB` };

/** The device's own defaults are never relied on: all demands are spelled out, but for an exclusion of nothing. */
function rotationParameters({
  account,
  complexity,
  rotation,
  dependents,
}: Extract<Operation, { kind: 'password.rotate' }>): CommandParameters {
  const { id, publicKey } = rotation ?? unmade;
  const demands: (readonly [string, string])[] = [
    ['MinLength', String(complexity.minLength)],
    ['MinDigits', String(complexity.minDigits)],
    ['MinUppercase', String(complexity.minUppercase)],
    ['MinLowercase', String(complexity.minLowercase)],
    ['MinSpecial', String(complexity.minSpecial)],
  ];
  if (complexity.excludeChars !== '') demands.push(['ExcludeChars', complexity.excludeChars]);
  if (complexity.words !== null) demands.push(['Words', String(complexity.words)]);
  if (dependents !== undefined) demands.push(['Dependents', dependents]);
  return { ...accountParameters(account), ...propertyParameters(demands), PublicKey: publicKey, RotationId: id };
}

function createParameters(operation: Extract<Operation, { kind: 'account.create' }>): CommandParameters {
  const properties: [PropertyKey, string][] = [];
  if (operation.fullName !== undefined) properties.push(['FullName', operation.fullName]);
  if (operation.description !== undefined) properties.push(['Description', operation.description]);
  const name: CommandParameters = { UserNameB64: base64(operation.name) };
  return properties.length === 0 ? name : { ...name, ...propertyParameters(properties) };
}

/** Nobody asks a device what it would refuse in any case: left out, `Dependents` is `refuse`. */
function breakingParameters(
  { account, dependents }: Extract<Operation, { kind: 'account.disable' | 'account.delete' | 'account.rename' }>,
  ...properties: readonly (readonly [string, string])[]
): CommandParameters {
  const all = dependents === undefined ? properties : [...properties, ['Dependents', dependents] as const];
  return { ...accountParameters(account), ...(all.length > 0 && propertyParameters(all)) };
}

/** Two lists of one length: the n-th value is that of the n-th key. */
function propertyParameters(properties: readonly (readonly [string, string | boolean])[]): CommandParameters {
  return {
    PropertyKey: properties.map(([key]) => key).join(','),
    PropertyValuesB64: properties.map(([, value]) => base64(propertyText(value))).join(','),
  };
}

function propertyText(value: string | boolean): string {
  if (typeof value === 'string') return value;
  return value ? 'True' : 'False';
}

function accountParameters(account: AccountRef): CommandParameters {
  return 'rid' in account ? { UserRID: String(account.rid) } : { UserNameB64: base64(account.name) };
}

function memberParameters(operation: {
  readonly group: Sid;
  readonly members: readonly MemberRef[];
}): CommandParameters {
  const sids: Sid[] = [];
  const names: string[] = [];
  for (const member of operation.members) {
    if ('sid' in member) sids.push(member.sid);
    else names.push(base64(member.localName));
  }
  return {
    GroupSID: operation.group,
    ...(sids.length > 0 && { MemberSID: sids.join(',') }),
    ...(names.length > 0 && { MemberNameB64: names.join(',') }),
  };
}

function base64(text: string): string {
  if (!text.isWellFormed()) {
    throw new TrueupError('TRUEUP_INTERNAL', 'a name or text with half a surrogate pair cannot travel to a device');
  }
  return toBase64(text);
}
