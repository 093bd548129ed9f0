/** What an action of the management script has before it, and what it answers. */
import { fromBase64 } from '../../endpoint/base64.ts';
import type { CommandParameters, ParameterName } from '../../endpoint/command.ts';
import { type EndpointErrorCode, meaningOf, nativeText } from '../../endpoint/errors.ts';
import type { JsonObject } from '../../endpoint/json.ts';
import type { MemberKind } from '../../model/inventory.ts';
import type { Sid } from '../../model/sid.ts';
import type { MachineState } from './state.ts';

export interface Machine {
  readonly state: MachineState;
  readonly machineSid: Sid;
  /** Without its domain. */
  readonly computer: string;
  readonly domain: string | null;
  /** Names of principals that this machine can look up; a stranger to the domain knows none of its own. */
  readonly directory: Directory;
  /** The machine's clock. */
  readonly now: Date;
  /** Told of each state of a rotation as soon as it would outlast the machine's power; whatever it throws ends the script. */
  readonly kept?: (state: MachineState) => void;
}

/** The machine's power may be cut after this. */
export function durable({ kept }: Pick<Machine, 'kept'>, state: MachineState): MachineState {
  kept?.(state);
  return state;
}

export type Directory = ReadonlyMap<Sid, { readonly name: string; readonly kind: MemberKind }>;

/** `state` null: nothing changed. */
export interface Outcome {
  readonly state: MachineState | null;
  /** Left out: whether there is another state. A journal that was brought up to date is no change of the machine. */
  readonly changed?: boolean;
  readonly data: JsonObject;
}

export type Action = (machine: Machine, parameters: CommandParameters) => Outcome;

/** An action that failed. */
export class ActionFailed extends Error {
  readonly code: EndpointErrorCode;
  readonly native: string | null;
  /** What it left behind all the same; null: nothing. */
  readonly state: MachineState | null;

  constructor(
    code: EndpointErrorCode,
    message: string,
    native: string | null = null,
    state: MachineState | null = null,
  ) {
    super(message);
    this.state = state;
    this.name = 'ActionFailed';
    this.code = code;
    this.native = native;
  }
}

/** The failure of a Windows call, under the code that the contract gives it. */
export function windowsError(win32: number, message: string): ActionFailed {
  const meaning = meaningOf(win32);
  return new ActionFailed(meaning === 'unchanged' ? 'unexpected' : meaning, message, nativeText(win32));
}

/** Each action goes through Windows by these functions of the script; the state may say that one of them fails. */
export function demandSeam(state: MachineState, ...names: readonly string[]): void {
  for (const name of names) {
    if (state.deny.includes(name)) throw windowsError(5, 'Access is denied.');
    if (state.slow.includes(name)) {
      throw windowsError(1460, 'This operation returned because the timeout period expired.');
    }
    if (state.broken.includes(name)) throw new ActionFailed('unexpected', `${name} is broken here`);
  }
}

/** Where a failure is no reason to give up. */
export function canSeam({ deny, slow, broken }: MachineState, name: string): boolean {
  return ![deny, slow, broken].some((failing) => failing.includes(name));
}

export function unchanged(data: JsonObject): Outcome {
  return { state: null, data };
}

/** The text behind a `…B64` parameter; null: not given. */
export function textOf(parameters: CommandParameters, name: ParameterName): string | null {
  const value = parameters[name];
  return typeof value === 'string' ? decoded(value, name) : null;
}

/** The texts behind a list of Base64; empty: not given. */
export function textsOf(parameters: CommandParameters, name: ParameterName): string[] {
  const value = parameters[name];
  return typeof value === 'string' ? value.split(',').map((part) => decoded(part, name)) : [];
}

function decoded(value: string, name: string): string {
  const text = fromBase64(value);
  if (text === null) throw new ActionFailed('bad-argument', `-${name} is not Base64 of UTF-8`);
  return text;
}
