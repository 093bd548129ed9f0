/**
 * Passwords that are made here, for single accounts: each device makes a key pair for this session, and gets its password
 * sealed to that key, by an action of its own (#194). The password is kept before it is sent, beside the one that the
 * account has; where nobody says what became of it, the next run sends the same one again.
 */
import { createHash, randomInt } from 'node:crypto';
import { encodeStep } from '../../endpoint/encode.ts';
import { TrueupError } from '../../errors.ts';
import type { ResolvedRoute } from '../../fleet-ports.ts';
import { type AccountCredentials, credentialBinding } from '../../model/credential.ts';
import type { Inventory, LocalUser } from '../../model/inventory.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { AccountRef, RotationStep } from '../../model/operation.ts';
import type { IntegrationOptions } from '../../model/options.ts';
import type { RotationSettings } from '../../model/rotation.ts';
import { nextAttempt, pendingOf, refused, sent, sentAgain } from '../../rotation/ask.ts';
import { composed } from '../../rotation/password.ts';
import { settled } from '../../rotation/report.ts';
import { collect, type Target } from '../collect.ts';
import type { RunContext } from '../context.ts';
import { type IntendedAction, intend, issue, type RunExpense } from '../journal.ts';
import type { DeviceOutcome } from '../outcome.ts';
import { assertEnabled } from '../survey.ts';
import { findingOf, isRotation, type RotateOperation, type RotationsFound } from './begin.ts';
import { type Amendment, amend, nameIn, recordsOf } from './records.ts';

/** What opens the way for the passwords of an action; the rest of it goes out once the devices have answered. */
export const sessionStep: RotationStep = { kind: 'password.session' };

/** A plan puts nothing else into an action with such a rotation. */
export function isMadeHere({ operations }: Pick<JournalEntry, 'operations'>): boolean {
  return operations.some((one) => isRotation(one) && one.generator === 'controller');
}

export interface Delivery {
  readonly run: string;
  readonly route: ResolvedRoute;
  readonly options: IntegrationOptions;
  readonly found: RotationsFound;
  /** What was seen of each device, by Computer ID. */
  readonly states: ReadonlyMap<string, Inventory>;
  readonly rollout: RunExpense['rollout'];
  /** Called with the outcome of each action, once what it says is kept. */
  readonly settled: (entry: JournalEntry, outcomes: readonly DeviceOutcome[]) => Promise<void>;
}

interface Waiting {
  readonly target: Target;
  readonly publicKey: string;
  readonly outcome: DeviceOutcome;
}

/**
 * `sessions`: what devices answered that were asked for a key. Answers the outcome of each of them. What is out is brought
 * to its end before an error goes on.
 */
export async function deliver(
  context: RunContext,
  action: Pick<IntendedAction, 'key' | 'operations'>,
  sessions: readonly { readonly target: Target; readonly outcome: DeviceOutcome }[],
  delivery: Delivery,
): Promise<readonly DeviceOutcome[]> {
  const waiting: Waiting[] = [];
  const ended = new Map<string, DeviceOutcome>();
  const used = await fingerprintsIn(context);
  for (const { target, outcome } of sessions) {
    ended.set(target.computerId, outcome);
    const session = outcome.passwords.find(({ kind }) => kind === 'session');
    if (outcome.status !== 'ok' || session?.kind !== 'session') continue;
    const { publicKey } = session;
    const why = complaintAbout(context, publicKey, used);
    if (why === null) waiting.push({ target, publicKey, outcome });
    else ended.set(target.computerId, failed(outcome, 'crypto', why));
  }
  const out: { readonly entry: JournalEntry; readonly targets: readonly Target[] }[] = [];
  let failure: { readonly origin: unknown } | null = null;
  const rotating = action.operations.filter(isRotation);
  try {
    for (const one of waiting) {
      for (const operation of rotating) {
        const box = await sealedFor(context, operation, one, delivery);
        if (typeof box !== 'string') {
          ended.set(one.target.computerId, failed(one.outcome, box.code, box.message));
          continue;
        }
        const rid = findingOf(delivery.found, one.target.computerId, operation.account)?.rid ?? null;
        // By number, which finds the record of an account too that was kept under another name.
        const step: RotationStep = { kind: 'password.set', account: rid === null ? operation.account : { rid }, box };
        const part = `${one.target.computerId}-${rotating.indexOf(operation)}`;
        const intended = { key: action.key, operations: [operation], step, part };
        out.push({ entry: await send(context, delivery, intended, one.target), targets: [one.target] });
      }
    }
  } catch (origin) {
    context.signal.throwIfAborted();
    failure = { origin };
  }
  await collect(context, out, delivery.options, {
    seen: () => {},
    ended: async ({ entry }, outcomes) => {
      await takeSet(context, entry, outcomes);
      await delivery.settled(entry, outcomes);
      for (const outcome of outcomes) {
        const before = ended.get(outcome.computerId);
        if (before === undefined || before.status === 'ok') ended.set(outcome.computerId, outcome);
      }
    },
  });
  if (failure !== null) throw failure.origin;
  return sessions.flatMap(({ target }) => ended.get(target.computerId) ?? []);
}

function failed(outcome: DeviceOutcome, code: string, message: string): DeviceOutcome {
  return { ...outcome, status: 'failed', failure: { device: outcome.label, code, message } };
}

const unfitKey = 'the key of its session is not one of RSA with 2048 bits: no password is sent';

/** A key that any session had before is no key of this session, and a smaller one is none at all (#180). */
function complaintAbout({ boxes }: RunContext, publicKey: string, used: Set<string>): string | null {
  const probe = boxes.seal(Buffer.from('0'), publicKey);
  if (probe === null) return unfitKey;
  const fingerprint = fingerprintOf(publicKey);
  if (used.has(fingerprint)) return 'the key of its session was used before: no password is sent';
  used.add(fingerprint);
  return null;
}

function fingerprintOf(publicKey: string): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 32);
}

async function fingerprintsIn({ store }: Pick<RunContext, 'store'>): Promise<Set<string>> {
  const used = new Set<string>();
  for await (const { credentials } of store.credentials()) {
    for (const { session } of credentials) if (session !== null) used.add(session);
  }
  return used;
}

/** Why there is no password to send. */
interface NoPassword {
  readonly code: string;
  readonly message: string;
}

/** Kept first, then sealed to the device. */
async function sealedFor(
  context: RunContext,
  operation: RotateOperation,
  { target, publicKey }: Waiting,
  delivery: Delivery,
): Promise<string | NoPassword> {
  const { computerId } = target;
  const finding = findingOf(delivery.found, computerId, operation.account);
  const known = (await recordsOf(context.store, [computerId])).get(computerId) ?? [];
  const name = finding?.account ?? nameIn(known, operation.account, null);
  const record = known.find(({ account }) => account === name);
  if (record === undefined || record.open?.id !== operation.rotation?.id) {
    return { code: 'unexpected', message: 'the rotation was settled by somebody else meanwhile' };
  }
  let plain: Buffer | null;
  try {
    plain = await passwordFor(context, operation, record, target, finding?.settings ?? null, delivery.states);
  } catch (error) {
    // The other devices get theirs.
    if (!(error instanceof TrueupError && error.code === 'TRUEUP_SECRET_UNREADABLE')) throw error;
    return { code: 'unexpected', message: error.message };
  }
  if (plain === null) return { code: 'password-policy', message: 'no password meets the demands of its policy' };
  try {
    await keepSent(context, record, plain, fingerprintOf(publicKey));
    return context.boxes.seal(plain, publicKey) ?? { code: 'crypto', message: unfitKey };
  } finally {
    plain.fill(0);
  }
}

/** The one that was sent before and of which nobody has said anything, else a new one. */
async function passwordFor(
  context: RunContext,
  { account, complexity }: RotateOperation,
  record: AccountCredentials,
  { computerId, label }: Target,
  settings: RotationSettings | null,
  states: ReadonlyMap<string, Inventory>,
): Promise<Buffer | null> {
  const { provider, vault, passwordCommands } = context;
  const pending = pendingOf(record);
  if (pending !== null) return vault.open(pending.sealed, credentialBinding(provider.name, record, pending));
  if (settings !== null && settings.value !== null) {
    return passwordCommands.value(settings.value.command, {
      provider: provider.name,
      computerId,
      device: label,
      account: record.account,
      rotation: record.open?.id ?? '',
    });
  }
  const user = userOf(states.get(computerId), account);
  const names = user === null ? [] : [user.name, user.fullName];
  const made = composed(complexity, names, (limit) => randomInt(limit));
  return made === null ? null : Buffer.from(made.buffer, made.byteOffset, made.length);
}

function userOf(inventory: Inventory | undefined, ref: AccountRef): LocalUser | null {
  const isIt = ({ rid, name }: LocalUser): boolean =>
    'rid' in ref ? rid === ref.rid : name.toLowerCase() === ref.name.toLowerCase();
  return inventory?.users.find(isIt) ?? null;
}

async function keepSent(
  { store, provider, vault, clock }: RunContext,
  { computerId, account }: AccountCredentials,
  plain: Buffer,
  session: string,
): Promise<void> {
  const change = (record: AccountCredentials): AccountCredentials => {
    if (record.open === null || pendingOf(record) !== null) return sentAgain(record, session);
    const place = { rotation: record.open.id, attempt: nextAttempt(record) };
    const sealed = vault.seal(plain, credentialBinding(provider.name, record, place));
    return sent(record, { sealed, recovery: [], session }, clock.now());
  };
  await amend(store, [{ computerId, account: () => account, change }]);
}

/** Counted when the device was asked for its key. */
const spent: RunExpense['spending'] = { removals: 0, disables: 0, rotations: 0, devices: 0 };
const unlimited: RunExpense['limits'] = {
  own: { removals: null, disables: null, rotations: null, devices: null },
  all: { removals: null, disables: null, rotations: null, devices: null },
};

async function send(
  context: RunContext,
  { run, route, options, rollout }: Delivery,
  action: IntendedAction & { readonly step: RotationStep },
  { computerId, label }: Target,
): Promise<JournalEntry> {
  context.signal.throwIfAborted();
  await context.assertHeld();
  await assertEnabled(context);
  const expireSeconds = options.action_timeout_seconds;
  const expense = { spending: spent, limits: unlimited, rollout };
  const entry = await intend(context, run, action, [computerId], expireSeconds, expense);
  return issue(context, route, entry, [label], encodeStep(action.step), expireSeconds);
}

/** What devices say of passwords that they were sent: durable when it resolves. Of such an action alone. */
export async function takeSet(
  { store, clock }: Pick<RunContext, 'store' | 'clock'>,
  { step, operations }: JournalEntry,
  outcomes: readonly DeviceOutcome[],
): Promise<void> {
  if (step?.kind !== 'password.set') return;
  const id = operations.find(isRotation)?.rotation?.id;
  const at = clock.now();
  const amendments = outcomes.flatMap(({ computerId, passwords, failure }): Amendment[] => {
    const said = passwords.find(({ kind }) => kind === 'set');
    const account = (known: readonly AccountCredentials[]): string => nameIn(known, step.account, ridIn(step.account));
    if (said?.kind === 'set') {
      const change = (record: AccountCredentials): AccountCredentials => {
        const pending = record.open?.id === id ? pendingOf(record) : null;
        return pending === null ? record : settled(record, said, pending, at);
      };
      return [{ computerId, account: (known) => nameIn(known, step.account, said.rid), change }];
    }
    if (failure?.code !== 'password-policy') return [];
    return [{ computerId, account, change: (record) => (record.open?.id === id ? refused(record, at) : record) }];
  });
  await amend(store, amendments);
}

function ridIn(ref: AccountRef): number | null {
  return 'rid' in ref ? ref.rid : null;
}
