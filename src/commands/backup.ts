/** `trueup backup FILE --to KEY.pem`: store and keys in one file, sealed to somebody's RSA key. Others may go on writing. */
import { randomUUID } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { link, open, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { appendAudit } from '../apply/audit.ts';
import { messageOf, TrueupError } from '../errors.ts';
import { plain } from '../render/escape.ts';
import { jsonLine } from '../render/json.ts';
import { writeKeys } from '../secrets/key-file.ts';
import { sealStream } from '../secrets/sealed-stream.ts';
import { witnessFiles } from './audit-witness.ts';
import { type About, type BackupEntry, type EntryName, entryBytes, wholeEntry } from './backup-entries.ts';
import type { Format, Io } from './io.ts';
import { recipientIn } from './password-export.ts';
import { openProviderStore, openSession, type Session, type SessionOptions } from './session.ts';
import { embeddedPath } from './state-folder.ts';
import { statusOf } from './status.ts';
import { systemClock } from './system.ts';

export interface BackupOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
  readonly file: string;
  /** File of the RSA public key. */
  readonly to: string;
}

/** Exits 0. Throws TRUEUP_RECIPIENT_INVALID, TRUEUP_USAGE where the file is there already or cannot be written. */
export async function backup(options: BackupOptions, io: Io): Promise<number> {
  const recipient = await recipientIn(options.to, io);
  const path = resolve(io.cwd, options.file);
  const session = await openSession(options, io, 'write');
  try {
    const context = session.context(statusOf(io).tell);
    const detail = { recipient: recipient.fingerprint };
    await appendAudit(context, [{ kind: 'backup', run: context.ids.next(), detail }]);
    const madeAt = systemClock.now();
    const bytes = await writeNew(
      path,
      sealStream(entryBytes(entriesOf(session, options, io, madeAt)), recipient, madeAt),
    );
    const about = { file: path, bytes, madeAt, recipient: recipient.fingerprint, store: session.store.owner };
    if (options.format === 'json') io.out(`${jsonLine(about)}\n`);
    else io.out(`${whatIsIn(session)} in ${plain(path)}, sealed to ${recipient.fingerprint}.\n`);
    return 0;
  } finally {
    await session.close();
  }
}

function whatIsIn({ store }: Session): string {
  return store.owner === 'embedded' ? 'Store and keys are' : 'What is sealed in the database and its keys are';
}

/** The keys are read first and last: whoever changes them meanwhile leaves in the store what one of both opens. */
async function* entriesOf(
  session: Session,
  options: BackupOptions,
  io: Io,
  madeAt: string,
): AsyncGenerator<BackupEntry> {
  const { store, keys, configuration } = session;
  const about: About = { version: 1, store: store.owner, madeAt, provider: configuration.provider.name };
  yield wholeEntry('about', Buffer.from(JSON.stringify(about), 'utf8'));
  const before = keys.keys();
  // What tells where the chain ends must not be newer than the chain.
  const witness = witnessFiles(options.store, io);
  yield* fileEntry('audit-key', witness.key);
  yield* fileEntry('audit-head', witness.head);
  const path = embeddedPath(options.store, io);
  if (path === null) yield* recordEntries(session, options, io);
  else yield* databaseEntry(path);
  const known = new Set(before.map(({ id }) => id));
  const all = [...before, ...keys.keys().filter(({ id }) => !known.has(id))];
  if (all.length > 0) yield wholeEntry('keys', writeKeys(all));
}

/** None where there is no such file. */
async function* fileEntry(name: EntryName, path: string): AsyncGenerator<BackupEntry> {
  try {
    yield wholeEntry(name, await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function* databaseEntry(path: string): AsyncGenerator<BackupEntry> {
  const { copyStore } = await import('../store/sqlite/snapshot.ts');
  const copy = `${path}.${randomUUID()}`;
  try {
    await copyStore(path, copy);
    yield { name: 'database', size: statSync(copy).size, bytes: createReadStream(copy) };
  } finally {
    await rm(copy, { force: true });
  }
}

/**
 * Of NPS-D's database what Trueup alone has: everything that is sealed. The rest is in the backup of that database. Keys of
 * rotations come last: one that begins meanwhile has its key before it is open, and nobody could settle it without.
 */
async function* recordEntries(
  { store, configuration }: Session,
  options: BackupOptions,
  io: Io,
): AsyncGenerator<BackupEntry> {
  const { fields } = configuration.provider;
  for (const provider of await store.sealedProviders()) {
    const own = await openProviderStore({ name: provider, fields }, options, io, 'read');
    try {
      for await (const record of own.credentials()) yield recordEntry('credential', { provider, record });
      for await (const record of own.rotationKeys()) yield recordEntry('rotation-key', { provider, record });
    } finally {
      await own.close();
    }
  }
}

function recordEntry(name: EntryName, record: object): BackupEntry {
  return wholeEntry(name, Buffer.from(JSON.stringify(record), 'utf8'));
}

/** A file that is there stays, and one that is not whole never gets its name. Answers its bytes. */
async function writeNew(path: string, bytes: AsyncIterable<Buffer>): Promise<number> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await using file = await open(draft, 'wx', 0o600);
    let written = 0;
    for await (const piece of bytes) {
      await file.writeFile(piece);
      written += piece.length;
    }
    await file.sync();
    await link(draft, path);
    return written;
  } catch (error) {
    if (error instanceof TrueupError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const why = isThere ? 'is there already' : `cannot be written: ${messageOf(error)}`;
    throw new TrueupError('TRUEUP_USAGE', `${path} ${why}.`, { remedy: 'Name another file.', origin: error });
  } finally {
    await rm(draft, { force: true });
  }
}
