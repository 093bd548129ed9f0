/**
 * Seals what must never be read beside the program: AES-256-GCM, and beside the text it proves whose it is.
 *
 * A seal is Base64url of: the version of this form (1 byte, 1), the id of the key (8 bytes), the nonce (12 bytes, random),
 * the ciphertext, the tag (16 bytes). What it is bound to is not in it: version, key id and binding are the associated data,
 * so that a seal that was copied to another record, or whose head was altered, does not open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Vault } from '../credential-ports.ts';
import { TrueupError } from '../errors.ts';
import { canonicalJson } from '../model/canonical.ts';
import type { SealingKey } from './key-file.ts';
import type { KeyRing } from './key-ring.ts';

const algorithm = 'aes-256-gcm';
const version = 1;
const idBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + idBytes + nonceBytes;

/** No key is read or made before one is needed. */
export function vaultOf(ring: Pick<KeyRing, 'keys' | 'newest' | 'place'>): Vault {
  return {
    seal: (plain, binding) => sealed(plain, binding, ring.newest()),
    open(text, binding) {
      const bytes = bytesOf(text, binding);
      const id = keyIdIn(bytes);
      const key = ring.keys().find((one) => one.id === id);
      if (key === undefined) throw lost(id, binding, ring.place);
      return opened(bytes, binding, key);
    },
    isNewest: (text) => sealedUnder(text) === ring.keys().at(-1)?.id,
  };
}

/** The id of its key; null: it is no seal. */
export function sealedUnder(text: string): string | null {
  const bytes = Buffer.from(text.slice(0, 12), 'base64url');
  return bytes.length === 1 + idBytes && bytes[0] === version ? keyIdIn(bytes) : null;
}

function sealed(plain: Buffer, binding: readonly string[], { id, secret }: SealingKey): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, secret, nonce).setAAD(associated(id, binding));
  const body = [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat([Buffer.of(version), Buffer.from(id, 'hex'), nonce, ...body]).toString('base64url');
}

function opened(bytes: Buffer, binding: readonly string[], { id, secret }: SealingKey): Buffer {
  const nonce = bytes.subarray(1 + idBytes, headBytes);
  const decipher = createDecipheriv(algorithm, secret, nonce, { authTagLength: tagBytes })
    .setAAD(associated(id, binding))
    .setAuthTag(bytes.subarray(-tagBytes));
  const plain = decipher.update(bytes.subarray(headBytes, -tagBytes));
  try {
    decipher.final();
  } catch {
    plain.fill(0);
    throw broken(binding);
  }
  return plain;
}

function bytesOf(text: string, binding: readonly string[]): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < headBytes + tagBytes || bytes[0] !== version) throw broken(binding);
  return bytes;
}

function keyIdIn(bytes: Buffer): string {
  return bytes.toString('hex', 1, 1 + idBytes);
}

function associated(keyId: string, binding: readonly string[]): Buffer {
  return Buffer.from(canonicalJson(['trueup seal', version, keyId, ...binding]), 'utf8');
}

function lost(id: string, binding: readonly string[], place: string): TrueupError {
  return new TrueupError(
    'TRUEUP_KEY_MISSING',
    `${named(binding)} is sealed under the key ${id}, which is not in ${place}.`,
  );
}

function broken(binding: readonly string[]): TrueupError {
  return new TrueupError('TRUEUP_SEAL_BROKEN', `What is kept as ${named(binding)} is not what was sealed there.`);
}

function named(binding: readonly string[]): string {
  return binding.join(' · ');
}
