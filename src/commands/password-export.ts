/**
 * `trueup password export`: every password, each sealed to somebody's RSA key, one JSON line each. With --recovery it is what
 * the policies' recovery keys were given, for which no key of ours is needed.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { appendAudit } from '../apply/audit.ts';
import type { Recipient } from '../credential-ports.ts';
import { messageOf, TrueupError } from '../errors.ts';
import { type AccountCredentials, type Credential, credentialBinding } from '../model/credential.ts';
import type { ExportedPassword } from '../model/exported.ts';
import { jsonLine } from '../render/json.ts';
import { counted } from '../render/words.ts';
import { recipientOf } from '../secrets/recipient.ts';
import type { Io } from './io.ts';
import { deviceCalled, notHeld } from './kept-passwords.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';

export interface ExportOptions extends SessionOptions {
  /** File of the RSA public key; null: the boxes of the recovery keys are exported. */
  readonly to: string | null;
  /** Null: of every device. */
  readonly device: string | null;
  readonly reason: string | null;
}

/**
 * Exits 0. Throws TRUEUP_RECIPIENT_INVALID, TRUEUP_PASSWORD_NOT_HELD, and TRUEUP_KEY_MISSING and TRUEUP_SEAL_BROKEN where
 * something does not open, once everything else is exported.
 */
export async function passwordExport(options: ExportOptions, io: Io): Promise<number> {
  const recipient = options.to === null ? null : await recipientIn(options.to, io);
  const session = await openSession(options, io, 'write');
  try {
    const { store } = session;
    const device = options.device === null ? null : await deviceCalled(store, options.device);
    const ids = device === null ? undefined : [device.computerId];
    let passwords = 0;
    for await (const { credentials } of store.credentials(ids)) {
      for (const one of credentials) passwords += recipient === null ? one.recovery.length : 1;
    }
    if (passwords === 0) throw notHeld(nothingTo(device?.name ?? null, recipient));
    const context = session.context(statusOf(io).tell);
    const detail = {
      passwords,
      recipient: recipient?.fingerprint ?? 'the recovery keys',
      device: device?.name ?? null,
      reason: options.reason,
    };
    await appendAudit(context, [{ kind: 'export', run: context.ids.next(), detail }]);
    const names = await namesOf(session, device?.computerId ?? null);
    const faults: TrueupError[] = [];
    for await (const record of store.credentials(ids)) {
      const name = names.get(record.computerId) ?? record.computerId;
      for (const one of record.credentials) {
        try {
          for (const sealed of boxesOf(session, record, one, recipient)) {
            io.out(`${jsonLine(lineOf(session, record, one, name, sealed))}\n`);
          }
        } catch (error) {
          if (!isUnopened(error)) throw error;
          faults.push(error);
        }
      }
    }
    const [fault] = faults;
    if (fault !== undefined) throw unfinished(fault, faults.length, passwords);
    return 0;
  } finally {
    await session.close();
  }
}

/** Of a file of the operator's. Throws TRUEUP_RECIPIENT_INVALID. */
export async function recipientIn(path: string, { cwd }: Pick<Io, 'cwd'>): Promise<Recipient> {
  return recipientOf(await keyText(path, { cwd }), path);
}

/** Throws TRUEUP_RECIPIENT_INVALID. */
export async function keyText(path: string, { cwd }: Pick<Io, 'cwd'>): Promise<Buffer> {
  try {
    return await readFile(resolve(cwd, path));
  } catch (origin) {
    throw new TrueupError('TRUEUP_RECIPIENT_INVALID', `The key ${path} cannot be read: ${messageOf(origin)}.`, {
      origin,
    });
  }
}

/** One that is damaged must not keep back those that are not. */
function isUnopened(error: unknown): error is TrueupError {
  return error instanceof TrueupError && (error.code === 'TRUEUP_KEY_MISSING' || error.code === 'TRUEUP_SEAL_BROKEN');
}

function unfinished(fault: TrueupError, count: number, passwords: number): TrueupError {
  const others = count === 1 ? '' : ` ${counted(count - 1, 'other')} ${count === 2 ? 'does' : 'do'} not open either.`;
  const rest = count < passwords ? 'The rest is exported.' : 'Nothing is exported.';
  return new TrueupError(fault.code, `${fault.message}${others} ${rest}`, { remedy: fault.remedy });
}

function nothingTo(device: string | null, recipient: Recipient | null): string {
  const whose = device === null ? '' : ` of ${device}`;
  return recipient === null ? `No password${whose} is sealed to a recovery key.` : `No password${whose} is kept.`;
}

async function namesOf({ store }: Session, computerId: string | null): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for await (const computer of store.computers()) {
    if (computer.computerId === null || (computerId !== null && computer.computerId !== computerId)) continue;
    names.set(computer.computerId, computer.name);
  }
  return names;
}

type Box = Credential['recovery'][number];

function boxesOf(
  { vault, configuration }: Session,
  record: AccountCredentials,
  one: Credential,
  recipient: Recipient | null,
): readonly Box[] {
  if (recipient === null) return one.recovery;
  const binding = credentialBinding(configuration.provider.name, record, one);
  const plain = vault.open(one.sealed, binding);
  try {
    return [{ key: recipient.fingerprint, box: recipient.seal(plain, binding) }];
  } finally {
    plain.fill(0);
  }
}

function lineOf(
  { configuration }: Session,
  { computerId, account, rid }: AccountCredentials,
  { rotation, attempt, state, setAt }: Credential,
  device: string,
  { key, box }: Box,
): ExportedPassword {
  const provider = configuration.provider.name;
  return { version: 1, provider, computerId, device, account, rid, rotation, attempt, state, setAt, key, box };
}
