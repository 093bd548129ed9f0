/**
 * What is sealed to somebody else, who opens it without us: an RSA key of which we have the public half alone.
 *
 * A box is Base64url of: the version of this form (1 byte, 1), the length of what follows (2 bytes, big-endian), a key of
 * 32 bytes in RSA-OAEP with SHA-256 for the hash and for the mask, a nonce (12 bytes), the text in AES-256-GCM under that
 * key, the tag (16 bytes). Version, fingerprint and binding are the associated data: it opens only as what it was.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import type { Recipient } from '../credential-ports.ts';
import { TrueupError } from '../errors.ts';
import { canonicalJson } from '../model/canonical.ts';

const algorithm = 'aes-256-gcm';
const version = 1;
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const lengthAt = 1;
const wrappedAt = 3;
const leastBits = 2048;

/** `where` names it in an error. Throws TRUEUP_RECIPIENT_INVALID. */
export function recipientOf(pem: string | Buffer, where: string): Recipient {
  // A private key has its public one in it, but does not belong on the machine that only seals.
  if (pem.includes('PRIVATE KEY')) {
    throw new TrueupError('TRUEUP_RECIPIENT_INVALID', `${where} is a private key.`, {
      cause: 'Who has the private key can open everything; this side needs the public one alone.',
      remedy: 'Take it out with `openssl pkey -in FILE -pubout`, and keep the private one elsewhere.',
    });
  }
  const key = rsaKey(() => createPublicKey(pem), where);
  const fingerprint = fingerprintOf(key);
  return { fingerprint, seal: (plain, binding) => sealedFor(key, fingerprint, plain, binding) };
}

export interface Opener {
  readonly fingerprint: string;
  /**
   * The bytes are the caller's to overwrite.
   * @throws TRUEUP_BOX_CLOSED for a box that is not sealed to this key, or that was altered or renamed
   */
  open(box: string, binding: readonly string[]): Buffer;
}

/** With the private key. Throws TRUEUP_RECIPIENT_INVALID. */
export function openerOf(pem: string | Buffer, where: string, passphrase: string | null): Opener {
  const key = rsaKey(() => createPrivateKey(passphrase === null ? pem : { key: pem, passphrase }), where);
  const fingerprint = fingerprintOf(createPublicKey(key));
  return { fingerprint, open: (box, binding) => openedWith(key, fingerprint, box, binding) };
}

function rsaKey(read: () => KeyObject, where: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    // A parser's own message could repeat what it read.
    throw new TrueupError('TRUEUP_RECIPIENT_INVALID', `${where} is no key in PEM, or its passphrase is another.`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'rsa' && bits >= leastBits) return key;
  const found = key.asymmetricKeyType === 'rsa' ? `one of RSA with ${bits} bits` : `one of ${key.asymmetricKeyType}`;
  throw new TrueupError('TRUEUP_RECIPIENT_INVALID', `${where} is ${found}, and not of RSA with ${leastBits} or more.`);
}

/** As OpenSSH writes them, of the key's own form (SubjectPublicKeyInfo). */
function fingerprintOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`;
}

function sealedFor(recipient: KeyObject, fingerprint: string, plain: Buffer, binding: readonly string[]): string {
  const key = randomBytes(keyBytes);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(associated(fingerprint, binding));
  const body = [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  const wrapped = publicEncrypt(oaep(recipient), key);
  key.fill(0);
  const head = Buffer.alloc(wrappedAt);
  head.writeUInt8(version);
  head.writeUInt16BE(wrapped.length, lengthAt);
  return Buffer.concat([head, wrapped, nonce, ...body]).toString('base64url');
}

function openedWith(recipient: KeyObject, fingerprint: string, box: string, binding: readonly string[]): Buffer {
  const bytes = Buffer.from(box, 'base64url');
  if (bytes.length < wrappedAt || bytes[0] !== version) throw closed(binding);
  const nonceAt = wrappedAt + bytes.readUInt16BE(lengthAt);
  const bodyAt = nonceAt + nonceBytes;
  if (bytes.length < bodyAt + tagBytes) throw closed(binding);
  let key: Buffer | null = null;
  let plain: Buffer | null = null;
  try {
    key = privateDecrypt(oaep(recipient), bytes.subarray(wrappedAt, nonceAt));
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(nonceAt, bodyAt), { authTagLength: tagBytes })
      .setAAD(associated(fingerprint, binding))
      .setAuthTag(bytes.subarray(-tagBytes));
    plain = decipher.update(bytes.subarray(bodyAt, -tagBytes));
    decipher.final();
    return plain;
  } catch {
    plain?.fill(0);
    throw closed(binding);
  } finally {
    key?.fill(0);
  }
}

function oaep(key: KeyObject): { key: KeyObject; padding: number; oaepHash: string } {
  return { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
}

function associated(fingerprint: string, binding: readonly string[]): Buffer {
  return Buffer.from(canonicalJson(['trueup box', version, fingerprint, ...binding]), 'utf8');
}

function closed(binding: readonly string[]): TrueupError {
  return new TrueupError('TRUEUP_BOX_CLOSED', `What is sealed as ${binding.join(' · ')} does not open with this key.`);
}
