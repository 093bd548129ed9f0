/** Rotation, crash-safe: what is durable before SAM changes is what a later call goes on from. */
import type { CommandParameters } from '../../endpoint/command.ts';
import { readPublicKey, sealBox } from '../../endpoint/envelope.ts';
import { demandOurs, given } from './accounts.ts';
import { ActionFailed, demandSeam, durable, type Machine, type Outcome, unchanged } from './action.ts';
import { existing } from './find-account.ts';
import { demandIdle } from './idle.ts';
import { type Entry, entryName, isNear, journalOf, readEntry, textOf, withEntry } from './journal.ts';
import { type Demands, passwordOf } from './password.ts';
import { setPasswordOf } from './session.ts';
import { type MachineState, passwordTime, type SamUser } from './state.ts';

/** Entries that stay beside the one that is written. */
const mostOthers = 9;

export function rotatePassword(machine: Machine, parameters: CommandParameters): Outcome {
  const user = existing(machine.state, parameters);
  const id = String(parameters.RotationId);
  let entry = readEntry(machine.state, entryName(user.rid, id));
  const others = journalOf(machine.state, user.rid).filter((other) => other.id !== id);
  let { state } = machine;
  if (entry?.st === 'made') {
    const [newest] = others;
    if (newest && newest.made > entry.made)
      throw new ActionFailed('journal', `rotation ${id} was overtaken by ${newest.id}`);
    const set = passwordTime(user);
    if (set !== null && isOf(entry, set) && !isNear(set, entry.was)) {
      entry = { ...entry, st: 'set', set };
      state = durable(machine, withEntry(state, entry));
    }
  }
  if (entry?.st === 'set') {
    const data = reported(entry);
    return state === machine.state ? unchanged(data) : { state, data, changed: false };
  }
  const made = withNewPassword(machine, parameters, user, entry, others[0] ?? null);
  state = without(machine, made.state, others.slice(mostOthers));
  for (const other of others.slice(0, mostOthers)) {
    // Not the account's password any more.
    if (other.ack && other.env.length > 0) state = durable(machine, withEntry(state, { ...other, env: [] }));
  }
  return { state, data: reported(made.entry) };
}

/** What was set long after the entry is not the password in it: somebody else was here. */
function isOf({ made }: Entry, set: Date): boolean {
  const late = set.getTime() - made.getTime();
  return late >= -1500 && late <= 60_000;
}

function reported({ rid, id, a, set, env }: Entry): Outcome['data'] {
  return { rid, id, attempt: a, set: textOf(set), envelopes: env };
}

function withNewPassword(
  machine: Machine,
  parameters: CommandParameters,
  user: SamUser,
  before: Entry | null,
  newest: Entry | null,
): { readonly state: MachineState; readonly entry: Entry } {
  const demands: Demands = given(parameters);
  demandOurs(machine.state, user);
  demandIdle(machine, user, demands.Dependents);
  const key = readPublicKey(String(parameters.PublicKey));
  if (key === null) {
    throw new ActionFailed('bad-argument', '-PublicKey is not a modulus of 2048 bits and an exponent');
  }
  demandSeam(machine.state, 'New-RsaKey');
  const now = laterThan(passwordTime(user), machine.now);
  const id = String(parameters.RotationId);
  let { state } = machine;
  let entry = before;
  for (let attempt = 1; ; attempt += 1) {
    const a = (entry?.a ?? 0) + 1;
    const seed = `${machine.machineSid}-${user.rid} ${id} ${a} ${now.toISOString()}`;
    const password = passwordOf(demands, [user.name, user.fullName], seed);
    const env = [...(entry?.env ?? []), { a, alg: 'RSA-OAEP-256', box: sealBox(password, key) }];
    const was = entry === null ? passwordTime(user) : entry.was;
    entry = { rid: user.rid, id, a, st: 'made', was, made: madeAt(now, newest), set: null, env, ack: false };
    state = durable(machine, withEntry(state, entry));
    try {
      state = setPasswordOf({ ...machine, state, now }, user, password);
      break;
    } catch (error) {
      // Chance may refuse one password; a second refusal is the policy's.
      if (!(error instanceof ActionFailed)) throw error;
      const left = error.state ?? state;
      if (attempt === 2 || error.code !== 'password-policy') {
        throw new ActionFailed(error.code, error.message, error.native, left);
      }
      state = left;
    }
  }
  entry = { ...entry, st: 'set', set: new Date(textOf(now) ?? '') };
  return { state: durable(machine, withEntry(state, entry)), entry };
}

/** Later than all others, whatever the clock says: it may have been wrong. */
function madeAt(now: Date, newest: Entry | null): Date {
  const made = new Date(textOf(now) ?? '');
  return newest !== null && newest.made >= made ? new Date(newest.made.getTime() + 1000) : made;
}

/**
 * SAM tells whole seconds: the new time must be later than the old one beyond doubt, so the device waits. No time may be
 * one of this very second.
 */
function laterThan(set: Date | null, now: Date): Date {
  const past = set === null ? 0 : (now.getTime() - set.getTime()) / 1000;
  return past >= 0 && past <= 3 ? new Date(now.getTime() + Math.round(4 - past) * 1000) : now;
}

function without(machine: Machine, state: MachineState, entries: readonly Entry[]): MachineState {
  let left = state;
  for (const { rid, id } of entries) {
    demandSeam(state, 'Remove-State');
    const { [entryName(rid, id)]: _, ...files } = left.files;
    left = durable(machine, { ...left, files });
  }
  return left;
}

/**
 * The password is kept elsewhere now: its envelopes go with the next rotation. Not at once: a machine that was put back to
 * before the entry, and was asked again, has another password under the same id, and this cannot tell which of the two is
 * kept.
 */
export function acknowledge(machine: Machine, parameters: CommandParameters): Outcome {
  const { state } = machine;
  const id = String(parameters.RotationId);
  demandSeam(state, 'Get-StateName');
  const entries = Object.keys(state.files)
    .filter((name) => /^rotation-\d+-/.test(name) && name.replace(/^rotation-\d+-/, '') === id)
    .flatMap((name) => readEntry(state, name) ?? []);
  // A machine that was put back may have one account before it and another behind it.
  const set = entries.filter(({ st }) => st === 'set');
  if (entries.length > 0 && set.length === 0) throw new ActionFailed('journal', `rotation ${id} is not set yet`);
  const open = set.filter(({ ack }) => !ack);
  const data = { id, rids: set.map(({ rid }) => rid).toSorted((a, b) => a - b) };
  if (open.length === 0) return unchanged(data);
  const told = (sum: MachineState, entry: Entry): MachineState =>
    durable(machine, withEntry(sum, { ...entry, ack: true }));
  return { state: open.reduce(told, state), data };
}
