/** `trueup restore FILE --key KEY.pem`: store and keys of a backup, where there are none. All of it is checked before. */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { appendAudit } from '../apply/audit.ts';
import { messageOf, TrueupError } from '../errors.ts';
import type { AccountCredentials, RotationKey } from '../model/credential.ts';
import { plain } from '../render/escape.ts';
import { jsonLine } from '../render/json.ts';
import { counted } from '../render/words.ts';
import { createKeyFile, readKeys, type SealingKey } from '../secrets/key-file.ts';
import { keyRing } from '../secrets/key-ring.ts';
import { openerOf } from '../secrets/recipient.ts';
import { openStream } from '../secrets/sealed-stream.ts';
import { witnessFiles } from './audit-witness.ts';
import { type About, type BackupEntry, entriesIn, wholeBytes } from './backup-entries.ts';
import type { Format, Io } from './io.ts';
import { keyText } from './password-export.ts';
import { openProviderStore, openSession, readConfiguration, type Session, type SessionOptions } from './session.ts';
import { embeddedPath } from './state-folder.ts';
import { statusOf } from './status.ts';
import { keyFileOf } from './store-keys.ts';
import { systemClock } from './system.ts';

export interface RestoreOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
  readonly file: string;
  /** File of the RSA private key. */
  readonly key: string;
}

/**
 * Exits 0. Throws TRUEUP_BACKUP_INVALID, TRUEUP_BOX_CLOSED, and TRUEUP_RESTORE_REFUSED where there is a store, or another
 * key, already.
 */
export async function restore(options: RestoreOptions, io: Io): Promise<number> {
  const passphrase = io.env['TRUEUP_PASSPHRASE'] ?? null;
  const opener = openerOf(await keyText(options.key, io), options.key, passphrase);
  await readConfiguration(options.config, io);
  const path = embeddedPath(options.store, io);
  if (path !== null) refuseStore(path);
  const draft = path === null ? null : `${path}.${randomUUID()}`;
  try {
    const read = await readAll(openStream(createReadStream(resolve(io.cwd, options.file)), opener), draft);
    const { about } = read;
    refuseOther(about, path);
    placeKeys(read.keys, options, io);
    if (path !== null && draft !== null) await placeStore(read, draft, path, options, io);
    const session = await openSession(options, io, 'write');
    try {
      const counts = path === null ? await putRecords(session, read, options, io) : null;
      const context = session.context(statusOf(io).tell);
      await appendAudit(context, [{ kind: 'restore', run: context.ids.next(), detail: { madeAt: about.madeAt } }]);
      if (options.format === 'json')
        io.out(`${jsonLine({ store: session.store.address, madeAt: about.madeAt, ...counts })}\n`);
      else io.out(`${plain(session.store.address)} is as it was at ${plain(about.madeAt)}.\n`);
    } finally {
      await session.close();
    }
    return 0;
  } catch (error) {
    if (error instanceof TrueupError || (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new TrueupError('TRUEUP_BACKUP_INVALID', `The backup cannot be restored: ${messageOf(error)}.`, {
      origin: error,
    });
  } finally {
    if (draft !== null) await rm(draft, { force: true });
  }
}

interface Read {
  readonly about: About;
  readonly keys: readonly SealingKey[];
  /** By file name of the witness. */
  readonly audit: ReadonlyMap<'audit-head' | 'audit-key', Buffer>;
  readonly credentials: readonly Owned<AccountCredentials>[];
  readonly rotationKeys: readonly Owned<RotationKey>[];
  readonly hasDatabase: boolean;
}

interface Owned<T> {
  readonly provider: string;
  readonly record: T;
}

/** To its end, since only the end proves the whole. The database goes into `draft`. */
async function readAll(stream: AsyncIterable<Buffer>, draft: string | null): Promise<Read> {
  let about: About | null = null;
  let keys: readonly SealingKey[] = [];
  let hasDatabase = false;
  const audit = new Map<'audit-head' | 'audit-key', Buffer>();
  const credentials: Owned<AccountCredentials>[] = [];
  const rotationKeys: Owned<RotationKey>[] = [];
  for await (const entry of entriesIn(stream)) {
    switch (entry.name) {
      case 'about':
        about = await jsonIn<About>(entry);
        break;
      case 'keys':
        keys = await keysIn(entry);
        break;
      case 'audit-head':
      case 'audit-key':
        audit.set(entry.name, await wholeBytes(entry));
        break;
      case 'database':
        hasDatabase = true;
        if (draft === null) throw otherStore();
        mkdirSync(dirname(draft), { recursive: true, mode: 0o700 });
        await pipeline(Readable.from(entry.bytes), createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }));
        break;
      case 'credential':
        credentials.push(await jsonIn(entry));
        break;
      case 'rotation-key':
        rotationKeys.push(await jsonIn(entry));
        break;
    }
  }
  if (about === null) throw new TrueupError('TRUEUP_BACKUP_INVALID', 'The backup does not say whose it is.');
  return { about, keys, audit, credentials, rotationKeys, hasDatabase };
}

async function jsonIn<T>(entry: BackupEntry): Promise<T> {
  return JSON.parse((await wholeBytes(entry)).toString('utf8')) as T;
}

async function keysIn(entry: BackupEntry): Promise<readonly SealingKey[]> {
  const bytes = await wholeBytes(entry);
  const keys = readKeys(bytes) ?? [];
  bytes.fill(0);
  return keys;
}

/** A log that an earlier store of this name has left would be played into the one that is restored. */
function refuseStore(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-journal`]) {
    if (existsSync(file)) throw refused(`${file} is there already`);
  }
}

function refuseOther({ store, version }: About, path: string | null): void {
  if (version !== 1) throw new TrueupError('TRUEUP_BACKUP_INVALID', 'A newer Trueup has made the backup.');
  if ((store === 'embedded') !== (path !== null)) throw otherStore();
}

function otherStore(): TrueupError {
  return refused('the backup is of another kind of store than --store names');
}

/** Throws TRUEUP_RESTORE_REFUSED where other keys are there. */
function placeKeys(keys: readonly SealingKey[], options: RestoreOptions, { env, cwd }: Io): void {
  if (keys.length === 0) return;
  const ring = keyRing({
    env,
    cwd,
    file: keyFileOf(options.store, { cwd }),
    mayMake: false,
    now: () => systemClock.now(),
  });
  const known = new Set(ring.keys().map(({ id }) => id));
  if (keys.every(({ id }) => known.has(id))) return;
  if (known.size > 0 || ring.file === null) throw refused(`${ring.place} holds other keys than the backup`);
  createKeyFile(ring.file, keys);
}

/** The database last: until it has its name, nothing has been restored, and the same command does it all again. */
async function placeStore(read: Read, draft: string, path: string, options: RestoreOptions, io: Io): Promise<void> {
  if (!read.hasDatabase) throw new TrueupError('TRUEUP_BACKUP_INVALID', 'The backup holds no database.');
  const { checkCopy } = await import('../store/sqlite/snapshot.ts');
  checkCopy(draft, 'The database in the backup');
  const files = witnessFiles(options.store, io);
  for (const [name, file] of [
    ['audit-key', files.key],
    ['audit-head', files.head],
  ] as const) {
    const bytes = read.audit.get(name);
    if (bytes !== undefined) await placeFile(file, bytes);
  }
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? refused(`${path} is there already`) : error;
  });
}

async function placeFile(path: string, bytes: Buffer): Promise<void> {
  const before = await readFile(path).catch(() => null);
  if (before?.equals(bytes)) return;
  if (before !== null) throw refused(`${path} is there already, and another`);
  await writeFile(path, bytes, { mode: 0o600, flag: 'wx', flush: true });
}

async function putRecords(
  session: Session,
  { credentials, rotationKeys }: Read,
  options: RestoreOptions,
  io: Io,
): Promise<{ readonly accounts: number; readonly rotationKeys: number }> {
  const present = await session.store.sealedProviders();
  if (present.length > 0) throw refused(`${session.store.address} holds passwords already`);
  const { fields } = session.configuration.provider;
  for (const name of new Set([...credentials, ...rotationKeys].map(({ provider }) => provider))) {
    const store = await openProviderStore({ name, fields }, options, io, 'write');
    try {
      for (const { provider, record } of rotationKeys) if (provider === name) await store.putRotationKey(record);
      const own = credentials.flatMap(({ provider, record }) =>
        provider === name ? [{ ...record, revision: 0 }] : [],
      );
      const others = await store.putCredentials(own);
      if (others.length > 0) throw meanwhile(session.store.address, others.length);
    } finally {
      await store.close();
    }
  }
  return { accounts: credentials.length, rotationKeys: rotationKeys.length };
}

/** Whoever runs at the same time begins anew what is not restored yet. */
function meanwhile(address: string, count: number): TrueupError {
  return new TrueupError(
    'TRUEUP_RESTORE_REFUSED',
    `Another process has kept passwords in ${address} meanwhile: those of ${counted(count, 'account')} are its own, and not of the backup.`,
    { remedy: 'End what runs for this store, move what it holds elsewhere, and restore once more.' },
  );
}

function refused(why: string): TrueupError {
  return new TrueupError('TRUEUP_RESTORE_REFUSED', `Nothing was restored: ${why}.`);
}
