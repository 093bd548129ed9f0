/**
 * What may be asked of a device: the closed table of targets, actions and parameters of the endpoint contract. One
 * rule serves the encoder, which refuses to write anything else, and the device, which refuses to do anything else.
 */
import type { PropertyKey } from '../model/operation.ts';
import { isLocalSid, isSid } from '../model/sid.ts';
import { isBase64 } from './base64.ts';

/** One invocation of the script, as data. `target` and `action` are as written: {@link complaintAbout} judges them. */
export interface Command {
  readonly target: string;
  readonly action: string;
  readonly parameters: CommandParameters;
}

/** A switch that is given has the value true. */
export type CommandParameters = Readonly<Partial<Record<ParameterName, string | true>>>;

/** Names fixed by the seed, in the order of the command line. */
export const parameterNames = [
  'SimpleResult',
  'NoMeta',
  'GroupSID',
  'GroupNameB64',
  'MemberSID',
  'MemberNameB64',
  'UserRID',
  'UserNameB64',
  'PropertyKey',
  'PropertyValuesB64',
  'EncryptedPassword',
  'PublicKey',
  'RotationId',
] as const;
export type ParameterName = (typeof parameterNames)[number];

/** How a value must look; a comma separates the members of a list. None has room for a quote, a space or a line end. */
type Shape = 'switch' | 'SID' | 'SID list' | 'RID' | 'Base64' | 'Base64 list' | 'property list' | 'token';

const shapes: Readonly<Record<ParameterName, Shape>> = {
  SimpleResult: 'switch',
  NoMeta: 'switch',
  GroupSID: 'SID',
  GroupNameB64: 'Base64',
  MemberSID: 'SID list',
  MemberNameB64: 'Base64 list',
  UserRID: 'RID',
  UserNameB64: 'Base64',
  PropertyKey: 'property list',
  PropertyValuesB64: 'Base64 list',
  EncryptedPassword: 'Base64',
  PublicKey: 'Base64 list',
  RotationId: 'token',
};

export function isSwitch(name: ParameterName): boolean {
  return shapes[name] === 'switch';
}

/** Whether the value of a property is a text or `True`/`False`. */
export const propertyTypes: Readonly<Record<PropertyKey, 'text' | 'boolean'>> = {
  FullName: 'text',
  Description: 'text',
  PasswordNeverExpires: 'boolean',
  UserCannotChangePassword: 'boolean',
  PasswordNotRequired: 'boolean',
};

/** What a rotated password is made of, and whether a service that runs as the account stands against it. */
export const rotationKeys = [
  'MinLength',
  'MinDigits',
  'MinUppercase',
  'MinLowercase',
  'MinSpecial',
  'ExcludeChars',
  'Words',
  'Dependents',
] as const;
export type RotationKey = (typeof rotationKeys)[number];

/** Target and action, as a report's `meta.action` spells them. */
export type ActionName =
  | `General.${'Inventory' | 'Posture' | 'Usage' | 'SelfTest' | 'Attribution' | 'NewSession' | 'Acknowledge'}`
  | `LocalGroup.${'List' | 'MemberList' | 'AddMember' | 'RemoveMember'}`
  | `LocalUser.${'List' | 'Get' | 'Create' | 'Delete' | 'Enable' | 'Disable' | 'SetProperty' | 'Rename' | 'Unlock'}`
  | `LocalUser.${'SetPassword' | 'RotatePassword'}`;

interface ActionRule {
  /** It leaves the device other than it was. */
  readonly changes: boolean;
  /** Besides {@link output}. */
  readonly takes: readonly ParameterName[];
  /** Of each list at least one must be given. */
  readonly needs: readonly (readonly ParameterName[])[];
}

const output: readonly ParameterName[] = ['SimpleResult', 'NoMeta'];
const group: readonly ParameterName[] = ['GroupSID', 'GroupNameB64'];
const member: readonly ParameterName[] = ['MemberSID', 'MemberNameB64'];
const account: readonly ParameterName[] = ['UserRID', 'UserNameB64'];
const property: readonly ParameterName[] = ['PropertyKey', 'PropertyValuesB64'];

const read: ActionRule = { changes: false, takes: [], needs: [] };
const membership: ActionRule = { changes: true, takes: [...group, ...member], needs: [member] };
const ofAccount: ActionRule = { changes: true, takes: account, needs: [account] };

/** What runs as the account would not start again. */
const breaking: ActionRule = { changes: true, takes: [...account, ...property], needs: [account] };

/** `ofAccount` with parameters that must all be given. */
function ofAccountWith(...names: readonly ParameterName[]): ActionRule {
  return { changes: true, takes: [...account, ...names], needs: [account, ...names.map((name) => [name])] };
}

const rules: Readonly<Record<ActionName, ActionRule>> = {
  'General.Inventory': read,
  'General.Posture': read,
  'General.Usage': { changes: false, takes: account, needs: [] },
  'General.SelfTest': read,
  'General.Attribution': { changes: false, takes: ['GroupSID', ...account], needs: [] },
  'General.NewSession': { changes: true, takes: [], needs: [] },
  'General.Acknowledge': { changes: true, takes: ['RotationId'], needs: [['RotationId']] },
  'LocalGroup.List': read,
  'LocalGroup.MemberList': { changes: false, takes: group, needs: [] },
  'LocalGroup.AddMember': membership,
  'LocalGroup.RemoveMember': membership,
  'LocalUser.List': read,
  'LocalUser.Get': { changes: false, takes: account, needs: [account] },
  'LocalUser.Create': { changes: true, takes: ['UserNameB64', ...property], needs: [['UserNameB64']] },
  'LocalUser.Delete': breaking,
  'LocalUser.Enable': ofAccount,
  'LocalUser.Disable': breaking,
  'LocalUser.Unlock': ofAccount,
  'LocalUser.SetProperty': ofAccountWith('PropertyKey', 'PropertyValuesB64'),
  'LocalUser.Rename': { ...breaking, needs: [account, ['PropertyValuesB64']] },
  'LocalUser.SetPassword': ofAccountWith('EncryptedPassword'),
  'LocalUser.RotatePassword': {
    changes: true,
    takes: [...account, 'PublicKey', 'RotationId', ...property],
    needs: [account, ['PublicKey'], ['RotationId']],
  },
};
export const actionNames: readonly ActionName[] = Object.keys(rules) as ActionName[];

const actionByLowerCase: ReadonlyMap<string, ActionName> = new Map(
  actionNames.map((name) => [name.toLowerCase(), name]),
);

/** The table's own name of an action, whatever the case it was written in (PowerShell ignores case); null: unknown. */
export function actionNameOf(command: Pick<Command, 'target' | 'action'>): ActionName | null {
  return actionByLowerCase.get(`${command.target}.${command.action}`.toLowerCase()) ?? null;
}

export function changesDevice(action: ActionName): boolean {
  return rules[action].changes;
}

/** Why a command is not one of the table, in words; null: it is. */
export function complaintAbout(command: Command): string | null {
  const action = actionNameOf(command);
  if (action === null) return `there is no action ${command.action} of target ${command.target}`;
  const rule = rules[action];
  for (const [name, value] of Object.entries(command.parameters) as [ParameterName, string | true][]) {
    if (!rule.takes.includes(name) && !output.includes(name)) return `${action} takes no -${name}`;
    if (!hasShape(shapes[name], value, action)) return `-${name} is not a ${shapes[name]}`;
  }
  for (const alternatives of rule.needs) {
    if (alternatives.every((name) => command.parameters[name] === undefined)) {
      return `${action} needs ${alternatives.map((name) => `-${name}`).join(' or ')}`;
    }
  }
  return null;
}

function hasShape(shape: Shape, value: string | true, action: ActionName): boolean {
  if (value === true || shape === 'switch') return value === true && shape === 'switch';
  switch (shape) {
    case 'SID':
      return isSid(value) || isLocalSid(value);
    case 'SID list':
      return value.split(',').every((sid) => isSid(sid) || isLocalSid(sid));
    case 'RID':
      return /^[1-9]\d{0,9}$/.test(value) && Number(value) <= 0xffff_ffff;
    case 'Base64':
      return isBase64(value) && value !== '';
    case 'Base64 list':
      return value.split(',').every(isBase64);
    case 'property list':
      return value.split(',').every((key) => propertiesOf(action).includes(key));
    case 'token':
      return /^[A-Za-z0-9-]{1,64}$/.test(value);
  }
}

/** What `-PropertyKey` may name. */
export function propertiesOf(action: ActionName): readonly string[] {
  switch (action) {
    case 'LocalUser.RotatePassword':
      return rotationKeys;
    case 'LocalUser.Rename':
      return ['Name', 'Dependents'];
    case 'LocalUser.Delete':
    case 'LocalUser.Disable':
      return ['Dependents'];
    default:
      return Object.keys(propertyTypes);
  }
}
