/**
 * `trueup password reveal`: one password, to one person, with a reason. What is audited and from when the password is due
 * to be changed is durable before anybody sees it.
 */
import { appendAudit } from '../apply/audit.ts';
import type { RunContext } from '../apply/context.ts';
import type { Vault } from '../credential-ports.ts';
import { TrueupError } from '../errors.ts';
import { type AccountCredentials, type Credential, credentialBinding } from '../model/credential.ts';
import { plain } from '../render/escape.ts';
import { minute } from '../render/words.ts';
import { currentOf, revealed } from '../rotation/keep.ts';
import type { Io } from './io.ts';
import { accountCalled, accountsOf, deviceCalled, type KeptDevice, notHeld } from './kept-passwords.ts';
import { openSession, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';

export interface RevealOptions extends SessionOptions {
  /** Computer Name, `NAME#COMPUTERID`, the name without its domain, or the Computer ID. */
  readonly device: string;
  /** Null: the only one of which a password is kept. */
  readonly account: string | null;
  readonly reason: string;
  /** The one before the current one. */
  readonly previous: boolean;
  /** The password and a line feed, and nothing else, on standard output. */
  readonly stdout: boolean;
}

/** How long it stays on the screen. */
const shownMilliseconds = 60_000;
/** Others write the same record now and then, and never for long. */
const mostTries = 20;

/** Exits 0. Throws TRUEUP_DEVICE_NOT_FOUND, TRUEUP_PASSWORD_NOT_HELD, TRUEUP_KEY_MISSING, TRUEUP_SEAL_BROKEN. */
export async function passwordReveal(options: RevealOptions, io: Io): Promise<number> {
  const screen = io.screen ?? null;
  if (!options.stdout && screen === null) {
    throw new TrueupError('TRUEUP_USAGE', 'A password is shown on a terminal, and there is none.', {
      cause: 'Standard input or standard output is a pipe or a file.',
      remedy: 'Run it on a terminal, or give --stdout, which prints the password and nothing else.',
    });
  }
  const session = await openSession(options, io, 'write');
  const status = statusOf(io);
  const opened: OpenedPassword[] = [];
  try {
    const context = session.context(status.tell);
    const device = await deviceCalled(session.store, options.device);
    const account = await readFor(context, session.vault, device, options, opened);
    await auditReveal(context, device, account, opened, options);
    if (options.stdout) {
      const [first, ...others] = opened;
      const unsure = others.length > 0 ? undecided : options.previous ? null : unreadNote(account);
      if (unsure !== null && io.verbosity !== 'quiet') io.err(`${unsure}\n`);
      io.out(`${first?.plain.toString('utf8') ?? ''}\n`);
    } else await screen?.(screenText(device, account, opened, options), shownMilliseconds);
    return 0;
  } finally {
    for (const one of opened) one.plain.fill(0);
    await session.close();
  }
}

interface OpenedPassword {
  readonly credential: Credential;
  readonly plain: Buffer;
}

/** Opens what is meant into `opened`, and keeps that it was read; anew where somebody else writes in between. */
async function readFor(
  { store, provider, clock }: RunContext,
  vault: Vault,
  device: KeptDevice,
  options: RevealOptions,
  opened: OpenedPassword[],
): Promise<AccountCredentials> {
  for (let tries = 1; ; tries += 1) {
    const record = accountCalled(await accountsOf(store, device), options.account, device);
    for (const one of opened.splice(0)) one.plain.fill(0);
    for (const credential of meantBy(record, options, device)) {
      opened.push({
        credential,
        plain: vault.open(credential.sealed, credentialBinding(provider.name, record, credential)),
      });
    }
    const at = clock.now();
    const read = opened.reduce((kept, { credential }) => revealed(kept, credential.sealed, at), record);
    const isNew = opened.some(({ credential }) => credential.revealedAt === null);
    if (!isNew || (await store.putCredentials([read])).length === 0) return record;
    if (tries === mostTries) {
      throw new TrueupError(
        'TRUEUP_STORE_BUSY',
        `What is kept of ${record.account} on ${device.name} changes all the time.`,
      );
    }
  }
}

/** The current one first; beside it those that the account may have instead, since nobody has said yet. */
function meantBy(record: AccountCredentials, { previous }: RevealOptions, device: KeptDevice): readonly Credential[] {
  const whose = `${record.account} on ${device.name}`;
  if (previous) {
    const before = record.credentials.find(({ state }) => state === 'previous');
    if (before === undefined) throw notHeld(`No previous password of ${whose} is kept.`);
    return [before];
  }
  const current = currentOf(record);
  const pending = record.credentials.filter(({ state }) => state === 'pending');
  if (current === null && pending.length === 0) throw notHeld(`Nobody knows which password ${whose} has now.`);
  return current === null ? pending : [current, ...pending];
}

async function auditReveal(
  context: RunContext,
  device: KeptDevice,
  { account }: AccountCredentials,
  opened: readonly OpenedPassword[],
  { reason, stdout }: RevealOptions,
): Promise<void> {
  const run = context.ids.next();
  const drafts = opened.map(({ credential: { rotation, attempt, state } }) => {
    const whose = { device: device.name, computerId: device.computerId, account };
    const detail = { ...whose, rotation, attempt, state, reason, shown: stdout ? 'standard output' : 'terminal' };
    return { kind: 'reveal', run, detail } as const;
  });
  await appendAudit(context, drafts);
}

const undecided =
  'The device has not said yet whether it has this password or a newer one; a terminal shows all of them.';

/** Of a password that only the device has sealed so far; null: there can be none. */
function unreadNote({ open }: AccountCredentials): string | null {
  if (open === null || open.generator !== 'endpoint') return null;
  return `A rotation that was asked for at ${minute(open.askedAt)} is not settled: the device may have a newer password, which the next apply of its PasswordRotationPolicy reads.`;
}

const stateWords = {
  current: 'current',
  pending: 'may be in force instead: the device has not reported',
  previous: 'previous',
} as const;

function screenText(
  device: KeptDevice,
  record: AccountCredentials,
  opened: readonly OpenedPassword[],
  { previous }: RevealOptions,
): string {
  const { account } = record;
  const unread = previous ? null : unreadNote(record);
  const passwords = opened.flatMap(({ credential, plain: bytes }) => [
    `  ${shown(bytes.toString('utf8'))}`,
    `  ${stateWords[credential.state]}${credential.setAt === null ? '' : `, set ${minute(credential.setAt)}`}`,
    '',
  ]);
  return [
    `${plain(account)} on ${plain(device.name)}, Computer ID ${plain(device.computerId)}`,
    '',
    ...passwords,
    ...(unread === null ? [] : [unread, '']),
    'Press any key to take it off the screen; it goes by itself after a minute.',
    '',
  ].join('\n');
}

/** What a terminal would not show as it is must not be taken for the password. */
function shown(password: string): string {
  return plain(password) === password ? password : '(it holds characters that a terminal does not show: use --stdout)';
}
