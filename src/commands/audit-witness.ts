/** The newest hash of the audit chain, signed and kept in a file of its own: what has been seen cannot be cut off. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunContext } from '../apply/context.ts';
import { TrueupError } from '../errors.ts';
import type { AuditHead } from '../model/audit.ts';
import { canonicalJson } from '../model/canonical.ts';
import type { Io } from './io.ts';
import { stateFolder } from './state-folder.ts';

interface SignedHead extends AuditHead {
  /** Ed25519 over the canonical JSON of the rest, in Base64. */
  readonly signature: string;
}

/** The files of one store: each chain has a head of its own, and the key may serve several. */
export interface WitnessFiles {
  readonly head: string;
  readonly key: string;
}

export function witnessFiles(store: string, io: Pick<Io, 'cwd'>): WitnessFiles {
  const { folder, name } = stateFolder(store, io);
  return { head: join(folder, `${name}.audit-head.json`), key: join(folder, 'audit-key.pem') };
}

/** Whatever another process keeps meanwhile, the files are whole. A head that no longer fits its chain stays: it tells. */
export function witnessIn(files: WitnessFiles): RunContext['witness'] {
  return async (head, hashAt) => {
    const known = await keptHead(files);
    if (known === 'changed') return false;
    if (known !== null) {
      if ((await hashAt(known.number)) !== known.hash) return false;
      if (known.number >= head.number) return true;
    }
    const key = await signingKey(files);
    const signature = sign(null, bytesOf(head), key).toString('base64');
    await viaDraft(files.head, `${JSON.stringify({ ...head, signature })}\n`, rename);
    return true;
  };
}

/** Null: none was ever kept here. Throws TRUEUP_AUDIT_BROKEN for one that its key did not sign. */
export async function witnessedHead(files: WitnessFiles): Promise<AuditHead | null> {
  const head = await keptHead(files);
  if (head !== 'changed') return head;
  throw new TrueupError(
    'TRUEUP_AUDIT_BROKEN',
    `${files.head} is not signed by the key beside it: one of them was changed.`,
  );
}

async function keptHead(files: WitnessFiles): Promise<AuditHead | 'changed' | null> {
  const text = await textOf(files.head);
  if (text === null) return null;
  const pem = await textOf(files.key);
  const { signature, ...head } = parsed(text);
  if (pem === null) return 'changed';
  return verify(null, bytesOf(head), createPublicKey(pem), Buffer.from(signature, 'base64')) ? head : 'changed';
}

/** The first of those who come without one makes it, for all. */
async function signingKey(files: WitnessFiles): Promise<KeyObject> {
  const known = await textOf(files.key);
  if (known !== null) return createPrivateKey(known);
  await mkdir(dirname(files.key), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await viaDraft(files.key, pem, async (draft, path) => {
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  });
  return createPrivateKey(await readFile(files.key, 'utf8'));
}

/** Nobody ever reads a half of it. */
async function viaDraft(
  path: string,
  text: string | Buffer,
  place: (draft: string, path: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flush: true });
    await place(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

function bytesOf({ number, hash, at }: AuditHead): Buffer {
  return Buffer.from(canonicalJson({ number, hash, at }), 'utf8');
}

function parsed(text: string): SignedHead {
  try {
    const { number, hash, at, signature } = JSON.parse(text) as AuditHead & { readonly signature: unknown };
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
