/** The text of a key file, and the file itself: made once, changed as a whole, and for its owner alone. */
import { createHash, createSecretKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, TrueupError } from '../errors.ts';

/** 256 bits that seal, by AES-256-GCM. */
export interface SealingKey {
  /** 16 hexadecimal digits, made of the key itself, so that no two keys share one. */
  readonly id: string;
  readonly secret: KeyObject;
  /** ISO time; null: nobody wrote it down. */
  readonly madeAt: string | null;
}

const keyBytes = 32;

const heading =
  '# Keys of Trueup, the newest last. Who has this file and the store can read every password that is kept there.\n';

/** `madeAt`: ISO time. */
export function freshKey(madeAt: string): SealingKey {
  return keyOf(randomBytes(keyBytes), madeAt);
}

/**
 * Keys in the order in which they stand, the newest last: 32 bytes as they are, or one key a line, in Base64 or hexadecimal,
 * with the time it was made behind it, and comments behind `#`. Null: this is no such text.
 */
export function readKeys(bytes: Buffer): readonly SealingKey[] | null {
  if (bytes.length === keyBytes) return [keyOf(Buffer.from(bytes), null)];
  const keys = new Map<string, SealingKey>();
  for (const line of bytes.toString('utf8').split(/\r?\n/)) {
    const [text = '', madeAt = null] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (text === '') continue;
    const key = keyFrom(text, madeAt);
    if (key === null) return null;
    keys.set(key.id, key);
  }
  return keys.size === 0 ? null : [...keys.values()];
}

/** Null: not 32 bytes in Base64 or hexadecimal. */
export function keyFrom(text: string, madeAt: string | null): SealingKey | null {
  if (/^[\da-f]{64}$/i.test(text)) return keyOf(Buffer.from(text, 'hex'), madeAt);
  if (/^[\w+/-]{43}=?$/.test(text)) return keyOf(Buffer.from(text, 'base64'), madeAt);
  return null;
}

/** The bytes are overwritten. */
function keyOf(bytes: Buffer, madeAt: string | null): SealingKey {
  const id = createHash('sha256').update('trueup key id\0').update(bytes).digest('hex').slice(0, 16);
  const secret = createSecretKey(bytes);
  bytes.fill(0);
  return { id, secret, madeAt };
}

/** {@link readKeys} reads it. The bytes are the caller's to overwrite. */
export function writeKeys(keys: readonly SealingKey[]): Buffer {
  const lines = keys.map(({ secret, madeAt }) => {
    const bytes = secret.export();
    const text = bytes.toString('base64');
    bytes.fill(0);
    return madeAt === null ? `${text}\n` : `${text} ${madeAt}\n`;
  });
  return Buffer.from(`${heading}${lines.join('')}`, 'utf8');
}

export interface KeyFile {
  readonly keys: readonly SealingKey[];
  /** Changes with the file. */
  readonly version: string;
}

/** Null: there is none. Throws TRUEUP_KEY_INVALID. */
export function readKeyFile(path: string): KeyFile | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unusable(`${path} cannot be read: ${messageOf(error)}`, error);
  }
  try {
    const stat = fstatSync(descriptor);
    refuseExposed(stat, path);
    const bytes = readFileSync(descriptor);
    const keys = readKeys(bytes);
    bytes.fill(0);
    if (keys === null) throw unusable(`${path} holds no key, or something that is none`);
    return { keys, version: versionOf(stat) };
  } catch (error) {
    throw error instanceof TrueupError ? error : unusable(`${path} cannot be read: ${messageOf(error)}`, error);
  } finally {
    closeSync(descriptor);
  }
}

export function versionOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}

/** Windows has no such bits. A group may read what is root's, as a mounted secret of a container platform is. */
function refuseExposed({ mode, uid }: Stats, path: string): void {
  if (process.platform === 'win32') return;
  const exposed = uid === 0 && process.getuid?.() !== 0 ? 0o037 : 0o077;
  if ((mode & exposed) === 0) return;
  throw new TrueupError('TRUEUP_KEY_INVALID', `${path} may be read or written by others than its owner.`, {
    cause: 'Who can read the key and the store can read every password that is kept there.',
    remedy: `Run \`chmod 600 ${path}\`; if somebody may have read it, run \`trueup key rotate\` too.`,
  });
}

/** Writes the file where there is none; one that somebody else has made meanwhile stays. Throws TRUEUP_KEY_INVALID. */
export function createKeyFile(path: string, keys: readonly SealingKey[]): void {
  viaDraft(path, keys, (draft) => {
    try {
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  });
}

/** Puts these in place of what the file holds. Throws TRUEUP_KEY_INVALID. */
export function replaceKeyFile(path: string, keys: readonly SealingKey[]): void {
  viaDraft(path, keys, (draft) => renameSync(draft, path));
}

/** Nobody ever reads a half of it, and when this returns it is on the disk. */
function viaDraft(path: string, keys: readonly SealingKey[], place: (draft: string) => void): void {
  const draft = `${path}.${randomUUID()}`;
  const bytes = writeKeys(keys);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      fchmodSync(descriptor, 0o600);
      writeFileSync(descriptor, bytes);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    place(draft);
    syncFolder(dirname(path));
  } catch (error) {
    throw unusable(`${path} cannot be written: ${messageOf(error)}`, error);
  } finally {
    bytes.fill(0);
    rmSync(draft, { force: true });
  }
}

/** A file's name is on the disk with its folder, which Windows does not open. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unusable(why: string, origin?: unknown): TrueupError {
  return new TrueupError('TRUEUP_KEY_INVALID', `The key file ${why}.`, { origin });
}
