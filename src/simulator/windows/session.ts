/** Passwords that come from elsewhere: a key for the session, and what is sealed to it. */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { CommandParameters } from '../../endpoint/command.ts';
import { NotOpened, openBox } from '../../endpoint/envelope.ts';
import { isJsonObject, parseJson } from '../../endpoint/json.ts';
import { demandOurs, existing } from './accounts.ts';
import { ActionFailed, demandSeam, type Machine, type Outcome, unchanged, windowsError } from './action.ts';
import { textOf } from './journal.ts';
import { type MachineState, passwordTime, type SamUser, userWithRid, withPassword, withUser } from './state.ts';

/** As .NET calls them Modulus, Exponent, D, P, Q, DP, DQ, InverseQ. */
const keyParts = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;

export function newSession({ state }: Machine): Outcome {
  demandSeam(state, 'New-RsaKey');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = privateKey.export({ format: 'jwk' });
  const parts = keyParts.map((part) => Buffer.from(jwk[part] ?? '', 'base64url').toString('base64'));
  return { state: withSession(state, parts.join(','), []), data: { publicKey: parts.slice(0, 2).join(',') } };
}

/** `done`: marks of the passwords that were set by this session. */
function withSession(state: MachineState, key: string, done: readonly string[]): MachineState {
  demandSeam(state, 'Write-State');
  return { ...state, files: { ...state.files, session: JSON.stringify({ v: 1, key, done }) } };
}

export function setPassword(machine: Machine, parameters: CommandParameters): Outcome {
  const { state } = machine;
  const user = existing(state, parameters);
  demandOurs(state, user);
  demandSeam(state, 'Read-State');
  const text = state.files['session'];
  if (text === undefined) throw new ActionFailed('crypto', 'there is no session key on this device');
  const session = parseJson(text);
  const [key, done] = isJsonObject(session) ? [String(session['key']), session['done'] as readonly string[]] : ['', []];
  const box = String(parameters.EncryptedPassword);
  const password = opened(box, key);
  const mark = createHash('sha256').update(`${user.rid} ${box}`).digest('base64');
  if (done.includes(mark)) return unchanged({ rid: user.rid, set: textOf(passwordTime(user)) });
  const after = withSession(setPasswordOf(machine, user, password), key, [...done, mark]);
  const set = userWithRid(after, user.rid);
  return { state: after, data: { rid: user.rid, set: textOf(set ? passwordTime(set) : null) } };
}

function opened(box: string, key: string): string {
  try {
    return openBox(box, keyFrom(key));
  } catch (error) {
    if (!(error instanceof NotOpened) && !(error instanceof Error)) throw error;
    throw new ActionFailed('crypto', 'the password is not sealed to the key of this session');
  }
}

function keyFrom(text: string): KeyObject {
  const parts = text.split(',').map((part) => Buffer.from(part, 'base64').toString('base64url'));
  const jwk = Object.fromEntries(keyParts.map((name, index) => [name, parts[index] ?? '']));
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
}

/** What SAM says of it: a policy refuses, and Windows LAPS keeps its account's password to itself. */
export function setPasswordOf({ state, now }: Machine, user: SamUser, password: string): MachineState {
  demandSeam(state, 'Set-SamPassword');
  const { refuse, policy } = state;
  const left = refuse > 0 ? { ...state, refuse: refuse - 1 } : state;
  if (refuse > 0 || password.length < (policy['MinLength'] ?? 0)) {
    const { code, message, native } = windowsError(2245, policyWords(state));
    throw new ActionFailed(code, message, native, left === state ? null : left);
  }
  return withUser(left, withPassword(user, password, now));
}

/** One number stands for length, complexity, history and age alike: the device's own rules are told. */
function policyWords({ policy }: MachineState): string {
  const of = (name: string): string => String(policy[name] ?? '');
  return (
    `the password was refused; here the length is ${of('MinLength')}, the history ${of('History')}, ` +
    `the age ${of('MinAgeDays')} to ${of('MaxAgeDays')} days`
  );
}
