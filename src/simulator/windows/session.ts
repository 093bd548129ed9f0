/** Passwords that come from elsewhere: a key for the session, and what is sealed to it. */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { CommandParameters } from '../../endpoint/command.ts';
import { openBox } from '../../endpoint/envelope.ts';
import { isJsonObject, parseJson } from '../../endpoint/json.ts';
import { demandOurs } from './accounts.ts';
import { ActionFailed, demandSeam, durable, type Machine, type Outcome, unchanged } from './action.ts';
import { existing } from './find-account.ts';
import { textOf } from './journal.ts';
import { demandTaken } from './policy.ts';
import { type MachineState, passwordTime, type SamUser, userWithRid, withPassword, withUser } from './state.ts';

/** As .NET calls them Modulus, Exponent, D, P, Q, DP, DQ, InverseQ. */
const keyParts = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;

export function newSession(machine: Machine): Outcome {
  const { state } = machine;
  demandSeam(state, 'New-RsaKey');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = privateKey.export({ format: 'jwk' });
  const parts = keyParts.map((part) => Buffer.from(jwk[part] ?? '', 'base64url').toString('base64'));
  return {
    state: durable(machine, withSession(state, parts.join(','), '')),
    data: { publicKey: parts.slice(0, 2).join(',') },
  };
}

/** `done`: marks of the passwords that were set by this session, each after a comma. */
function withSession(state: MachineState, key: string, done: string): MachineState {
  demandSeam(state, 'Write-State');
  return { ...state, files: { ...state.files, session: JSON.stringify({ v: 1, key, done }) } };
}

export function setPassword(machine: Machine, parameters: CommandParameters): Outcome {
  const { state } = machine;
  const user = existing(state, parameters);
  demandOurs(state, user);
  const { key, done } = sessionOf(state);
  const box = String(parameters.EncryptedPassword);
  const password = opened(box, key);
  const mark = createHash('sha256').update(`${user.rid} ${box}`).digest('base64');
  if (done.split(',').includes(mark)) return unchanged({ rid: user.rid, set: textOf(passwordTime(user)) });
  const after = durable(machine, withSession(setPasswordOf(machine, user, password), key, `${done},${mark}`));
  const set = userWithRid(after, user.rid);
  return { state: after, data: { rid: user.rid, set: textOf(set ? passwordTime(set) : null) } };
}

function sessionOf(state: MachineState): { readonly key: string; readonly done: string } {
  demandSeam(state, 'Read-State');
  const session = parseJson(state.files['session'] ?? '');
  if (!isJsonObject(session)) throw new ActionFailed('crypto', 'there is no session key on this device');
  return { key: String(session['key']), done: String(session['done']) };
}

/** No password at all is none either. */
function opened(box: string, key: string): string {
  let password = '';
  try {
    password = openBox(box, keyFrom(key));
  } catch {
    // A box of another key, or a session file that holds none.
  }
  if (password === '') throw new ActionFailed('crypto', 'the password is not sealed to the key of this session');
  return password;
}

function keyFrom(text: string): KeyObject {
  const parts = text.split(',').map((part) => Buffer.from(part, 'base64').toString('base64url'));
  const jwk = Object.fromEntries(keyParts.map((name, index) => [name, parts[index] ?? '']));
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
}

export function setPasswordOf(machine: Machine, user: SamUser, password: string): MachineState {
  const { state, now } = machine;
  demandSeam(state, 'Set-SamPassword');
  return durable(machine, withUser(demandTaken(state, password), withPassword(user, password, now)));
}
