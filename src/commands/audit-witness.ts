/** The newest hash of the audit chain, signed and kept in a file of its own: what has been seen cannot be cut off. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TrueupError } from '../errors.ts';
import type { AuditHead } from '../model/audit.ts';
import { canonicalJson } from '../model/canonical.ts';
import type { Io } from './io.ts';

interface SignedHead extends AuditHead {
  /** Ed25519 over the canonical JSON of the rest, in Base64. */
  readonly signature: string;
}

/** Beside the embedded store, else in `.trueup/` of the working directory. */
export function witnessFolder(store: string, { cwd }: Pick<Io, 'cwd'>): string {
  const path = store.startsWith('sqlite:') ? store.slice('sqlite:'.length) : '';
  return path === '' || path === ':memory:' ? resolve(cwd, '.trueup') : dirname(resolve(cwd, path));
}

export function witnessIn(folder: string): (head: AuditHead) => Promise<void> {
  return async (head) => {
    const key = await signingKey(folder);
    const signature = sign(null, bytesOf(head), key).toString('base64');
    const file = headFile(folder);
    await writeFile(`${file}.new`, `${JSON.stringify({ ...head, signature })}\n`, { mode: 0o600, flush: true });
    await rename(`${file}.new`, file);
  };
}

/** Null: none was ever kept here. Throws TRUEUP_AUDIT_BROKEN for one that its key did not sign. */
export async function witnessedHead(folder: string): Promise<AuditHead | null> {
  const text = await textOf(headFile(folder));
  if (text === null) return null;
  const pem = await textOf(keyFile(folder));
  const { signature, ...head } = parsed(text);
  if (pem !== null && verify(null, bytesOf(head), createPublicKey(pem), Buffer.from(signature, 'base64'))) return head;
  throw new TrueupError(
    'TRUEUP_AUDIT_BROKEN',
    `${headFile(folder)} is not signed by the key beside it: one of them was changed.`,
  );
}

async function signingKey(folder: string): Promise<KeyObject> {
  const known = await textOf(keyFile(folder));
  if (known !== null) return createPrivateKey(known);
  const { privateKey } = generateKeyPairSync('ed25519');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(keyFile(folder), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  return privateKey;
}

function keyFile(folder: string): string {
  return join(folder, 'audit-key.pem');
}

function headFile(folder: string): string {
  return join(folder, 'audit-head.json');
}

function bytesOf({ number, hash, at }: AuditHead): Buffer {
  return Buffer.from(canonicalJson({ number, hash, at }), 'utf8');
}

function parsed(text: string): SignedHead {
  try {
    const { number, hash, at, signature } = JSON.parse(text) as SignedHead;
    return { number, hash, at, signature: String(signature) };
  } catch {
    return { number: 0, hash: '', at: '', signature: '' };
  }
}

/** Null: there is no such file. */
async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
