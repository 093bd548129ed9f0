/** Machines that rotations die on, and what has to be true of every one of them afterwards. */
import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { openBox, publicKeyText, sealBox } from '../../src/endpoint/envelope.ts';

export interface User {
  readonly rid: number;
  readonly name: string;
  readonly userFlags: number;
  readonly passwordSet: string | null;
  readonly password: string;
}

/** Of the machine; see src/simulator/powershell/fake.ps1. */
export interface State {
  readonly machine: object;
  readonly now: string;
  readonly users: readonly User[];
  readonly files?: Readonly<Record<string, string>>;
  readonly refuse?: number;
}

export interface Report {
  readonly status: string;
  readonly changed: boolean;
  readonly error?: { readonly code: string };
  readonly data: {
    readonly attempt: number;
    readonly envelopes: readonly Envelope[];
    readonly rids: readonly number[];
    readonly publicKey: string;
  };
}

export interface Envelope {
  readonly a: number;
  readonly box: string;
}

/** What crash.loop.ps1 answers. */
export interface Ran {
  readonly lines: readonly string[];
  readonly died: boolean;
  readonly effects: readonly { readonly step: number; readonly state: string }[];
  readonly state: State;
}

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ops = {
  rid: 1001,
  name: 'ops',
  userFlags: 0x200,
  passwordSet: '2026-01-01T10:00:00.25Z',
  password: 'first',
};
const machine = { Name: 'PC1', Sid: 'S-1-5-21-1-2-3' };
export const fresh: State = { machine, now: '2026-03-02T09:00:00.9Z', users: [ops] };

function passwordSet(at: string | null): Partial<State> {
  return { users: [{ ...ops, passwordSet: at }] };
}

function entry(id: string, st: 'made' | 'set', at: string): Readonly<Record<string, string>> {
  const env = [{ a: 1, alg: 'RSA-OAEP-256', box: sealBox(`of ${id}`, publicKey) }];
  const set = st === 'set' ? at : null;
  return {
    [`rotation-1001-${id}`]: JSON.stringify({
      v: 1,
      rid: 1001,
      id,
      a: 1,
      st,
      was: null,
      made: at,
      set,
      env,
      ack: false,
    }),
  };
}

const full = Object.assign(
  {},
  ...Array.from({ length: 12 }, (_, n) => entry(`old${n}`, 'set', `2026-02-${n + 10}T00:00:00Z`)),
);

/** Before the rotation, which is always `R`. */
export const worlds: Readonly<Record<string, Partial<State>>> = {
  'an account of long ago': {},
  'an account that was set 0.4 seconds before': passwordSet('2026-03-02T09:00:00.5Z'),
  'an account that was set 2.9 seconds before': passwordSet('2026-03-02T08:59:58Z'),
  'an account that was never set': passwordSet(null),
  'an account that was set in the future, the clock having been wrong': passwordSet('2026-03-02T11:00:00Z'),
  'an account that was set in the next second': passwordSet('2026-03-02T09:00:01.2Z'),
  'a policy that refuses the first password': { refuse: 1 },
  'a rotation before that was set': { files: entry('Q', 'set', '2026-01-01T10:00:00Z') },
  'a rotation before that died': { files: entry('Q', 'made', '2026-03-01T00:00:00Z') },
  'a rotation before that the clock of a year later made': { files: entry('Q', 'set', '2027-03-02T09:00:00Z') },
  'a journal that is full': { files: full },
};

export const rotation: readonly string[] = command(
  'LocalUser',
  'RotatePassword',
  'UserRID',
  '1001',
  'RotationId',
  'R',
  'PublicKey',
  publicKeyText(publicKey),
);

export function command(target: string, action: string, ...pairs: readonly string[]): readonly string[] {
  const given = pairs.map((word, at) => (at % 2 === 0 ? `-${word}` : word));
  return ['-Target', target, '-Action', action, ...given, '-SimpleResult'];
}

export function later(state: State, seconds: number): State {
  return { ...state, now: new Date(Date.parse(state.now) + 1000 * seconds).toISOString() };
}

export function passwordOf(state: State, rid = 1001): string | undefined {
  return state.users.find((user) => user.rid === rid)?.password;
}

function envelopesOf(state: State, id = 'R'): readonly Envelope[] {
  const text = state.files?.[`rotation-1001-${id}`];
  return text === undefined ? [] : JSON.parse(text).env;
}

/** Attempts of a rotation and their passwords; throws where one would have two. */
export function learn(known: Map<number, string>, envelopes: readonly Envelope[]): void {
  for (const { a, box } of envelopes) {
    const password = openBox(box, privateKey);
    expect(known.get(a) ?? password, `attempt ${a} has one password`).toBe(password);
    known.set(a, password);
  }
}

/** Whatever SAM has, was durable in the journal before, sealed to us. */
export function expectSealed(known: Map<number, string>, effects: Ran['effects']): void {
  for (const { state: text } of effects) {
    const state: State = JSON.parse(text);
    learn(known, envelopesOf(state));
    expect(['first', ...known.values()]).toContain(passwordOf(state));
  }
}

/** What is in a box that was sealed to us. */
export function opened(box: string): string {
  return openBox(box, privateKey);
}
