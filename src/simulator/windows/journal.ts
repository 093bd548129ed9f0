/** The rotation journal as the scripts keep it: one state file for each account and rotation id. */
import { isJsonObject, parseJson } from '../../endpoint/json.ts';
import type { RotationMark } from '../../model/inventory.ts';
import { compareText } from '../../model/sid.ts';
import { ActionFailed, demandSeam } from './action.ts';
import { type MachineState, passwordTime, type SamUser } from './state.ts';

export interface Envelope {
  readonly a: number;
  readonly alg: string;
  readonly box: string;
}

export interface Entry {
  readonly rid: number;
  readonly id: string;
  /** The last attempt. */
  readonly a: number;
  readonly st: 'made' | 'set';
  /** The account's time before; times are in whole seconds. */
  readonly was: Date | null;
  readonly made: Date;
  readonly set: Date | null;
  readonly env: readonly Envelope[];
  readonly ack: boolean;
}

export function entryName(rid: number, id: string): string {
  return `rotation-${rid}-${id}`;
}

/** Null: there is none. */
export function readEntry(state: MachineState, name: string): Entry | null {
  demandSeam(state, 'Read-State');
  const text = state.files[name];
  if (text === undefined) return null;
  const entry = entryFrom(parseJson(text));
  if (entry === null || entryName(entry.rid, entry.id) !== name) {
    throw new ActionFailed('journal', `the journal's entry ${name} cannot be read`);
  }
  return entry;
}

function entryFrom(json: unknown): Entry | null {
  if (!isJsonObject(json)) return null;
  const { rid, id, a, st, env, ack } = json;
  const [was, made, set] = [timeOf(json['was']), timeOf(json['made']), timeOf(json['set'])];
  if (!made || was === undefined || set === undefined) return null;
  if (!Number.isInteger(rid) || typeof id !== 'string' || !Number.isInteger(a) || !Array.isArray(env)) return null;
  if ((st !== 'made' && st !== 'set') || typeof ack !== 'boolean') return null;
  return { rid: rid as number, id, a: a as number, st, was, made, set, env: env as readonly Envelope[], ack };
}

export function withEntry(state: MachineState, entry: Entry): MachineState {
  demandSeam(state, 'Write-State');
  const { rid, id, a, st, was, made, set, env, ack } = entry;
  const text = JSON.stringify({
    v: 1,
    rid,
    id,
    a,
    st,
    was: textOf(was),
    made: textOf(made),
    set: textOf(set),
    env,
    ack,
  });
  return { ...state, files: { ...state.files, [entryName(rid, id)]: text } };
}

/** Of one account, newest first; what cannot be read is passed over. */
export function journalOf(state: MachineState, rid: number): readonly Entry[] {
  demandSeam(state, 'Get-StateName');
  return entriesOf(state, (name) => name.startsWith(`rotation-${rid}-`)).toSorted(
    (a, b) => b.made.getTime() - a.made.getTime() || compareText(b.id, a.id),
  );
}

function entriesOf(state: MachineState, isWanted: (name: string) => boolean): Entry[] {
  return Object.keys(state.files)
    .filter(isWanted)
    .flatMap((name) => {
      try {
        return readEntry(state, name) ?? [];
      } catch (error) {
        if (error instanceof ActionFailed) return [];
        throw error;
      }
    });
}

/** SAM tells ages in whole seconds. */
export function isNear(one: Date | null, other: Date | null): boolean {
  return one !== null && other !== null && Math.abs(one.getTime() - other.getTime()) <= 2000;
}

/** Of each account the newest rotation; `changed`: the password that it has is not that of ours. */
export function marksOf(state: MachineState): readonly RotationMark[] {
  if (state.deny.includes('Get-StateName')) return [];
  return state.users.flatMap((user: SamUser): RotationMark[] => {
    const [entry] = journalOf(state, user.rid);
    if (entry === undefined) return [];
    const isOurs = entry.st === 'made' || isNear(passwordTime(user), entry.set);
    return [{ rid: user.rid, id: entry.id, attempt: entry.a, state: isOurs ? entry.st : 'changed' }];
  });
}

/** Undefined: it is no time. */
function timeOf(value: unknown): Date | null | undefined {
  if (value === null) return null;
  const time = new Date(String(value));
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** In whole seconds. */
export function textOf(time: Date | null): string | null {
  return time === null ? null : `${time.toISOString().slice(0, 19)}Z`;
}
