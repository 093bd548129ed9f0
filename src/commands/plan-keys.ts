/** The Ed25519 keys that sign a plan file, and that say whose plans may be applied. PEM, as openssl makes them. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, TrueupError } from '../errors.ts';
import type { Io } from './io.ts';

/** Null: none is given, by option or environment. Throws TRUEUP_USAGE. */
export function signKeyOf(path: string | null, io: Io): Promise<KeyObject | null> {
  return keyOf(path ?? io.env['TRUEUP_SIGN_KEY'] ?? '', '--sign-key', io, createPrivateKey);
}

/** Null: none is given, by option or environment. Throws TRUEUP_USAGE. */
export function verifyKeyOf(path: string | null, io: Io): Promise<KeyObject | null> {
  return keyOf(path ?? io.env['TRUEUP_VERIFY_KEY'] ?? '', '--verify-key', io, createPublicKey);
}

async function keyOf(
  path: string,
  option: '--sign-key' | '--verify-key',
  { cwd }: Io,
  read: (pem: Buffer) => KeyObject,
): Promise<KeyObject | null> {
  if (path === '') return null;
  const kind = option === '--sign-key' ? 'private' : 'public';
  const remedy =
    kind === 'private'
      ? 'Make one with `openssl genpkey -algorithm ed25519 -out FILE`.'
      : 'Take it out of the private one with `openssl pkey -in FILE -pubout`.';
  let pem: Buffer;
  try {
    pem = await readFile(resolve(cwd, path));
  } catch (origin) {
    throw new TrueupError('TRUEUP_USAGE', `The key of ${option} cannot be read: ${messageOf(origin)}.`, {
      remedy,
      origin,
    });
  }
  // A parser's own message could repeat what it read.
  const wrong = new TrueupError('TRUEUP_USAGE', `${path} is not an Ed25519 ${kind} key in PEM.`, { remedy });
  // A private key has its public one in it, but does not belong on the machine that only verifies.
  if (kind === 'public' && pem.includes('PRIVATE KEY')) throw wrong;
  try {
    const key = read(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    throw wrong;
  }
  throw wrong;
}
