/**
 * How a password travels: sealed to a public key, in one of two forms that its length decides, the same on the device
 * (`powershell/source/expand_params.ps1`) and here.
 *
 * A box is Base64. Of at most 190 bytes of UTF-8 it is one block of RSA-2048 with OAEP, SHA-256 for the hash and for the
 * mask (JOSE's RSA-OAEP-256); both are stated, since Node's default is SHA-1 for both (windows-accounts.md C24, C25). Of
 * more it is such a block of 64 random bytes, then 16 bytes of IV, the text in AES-256-CBC under the first 32, and the
 * HMAC-SHA256 of IV and ciphertext under the other 32: .NET Framework has no AES-GCM.
 */
import { isUtf8 } from 'node:buffer';
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** A box that this key does not open, or that was altered. */
export class NotOpened extends Error {
  constructor() {
    super('the box is not sealed to this key, or was altered');
    this.name = 'NotOpened';
  }
}

const blockBytes = 256;
/** 256 less two hashes and two bytes. */
const mostInBlock = 190;
const keyBytes = 64;
const ivBytes = 16;
const macBytes = 32;

export function sealBox(text: string, publicKey: KeyObject): string {
  return sealBytes(Buffer.from(text, 'utf8'), publicKey);
}

/** The bytes, of UTF-8, are the caller's to overwrite. */
export function sealBytes(plain: Buffer, publicKey: KeyObject): string {
  if (plain.length <= mostInBlock) return publicEncrypt(oaep(publicKey), plain).toString('base64');
  const keys = randomBytes(keyBytes);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-cbc', keys.subarray(0, 32), iv);
  const body = Buffer.concat([iv, cipher.update(plain), cipher.final()]);
  return Buffer.concat([publicEncrypt(oaep(publicKey), keys), body, macOf(body, keys)]).toString('base64');
}

/** Throws {@link NotOpened}, which says nothing of what is in the box. */
export function openBox(box: string, privateKey: KeyObject): string {
  return decoded(openBytes(box, privateKey));
}

/** The same as bytes, which the caller can overwrite; they are UTF-8. */
export function openBytes(box: string, privateKey: KeyObject): Buffer {
  const bytes = Buffer.from(box, 'base64');
  try {
    const block = privateDecrypt(oaep(privateKey), bytes.subarray(0, blockBytes));
    const plain = bytes.length === blockBytes ? block : openBody(bytes.subarray(blockBytes), block);
    if (!isUtf8(plain)) throw new NotOpened();
    return plain;
  } catch {
    throw new NotOpened();
  }
}

function decoded(plain: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(plain);
}

function openBody(bytes: Buffer, keys: Buffer): Buffer {
  if (keys.length !== keyBytes || bytes.length < ivBytes * 2 + macBytes) throw new NotOpened();
  const body = bytes.subarray(0, -macBytes);
  if (!timingSafeEqual(macOf(body, keys), bytes.subarray(-macBytes))) throw new NotOpened();
  const decipher = createDecipheriv('aes-256-cbc', keys.subarray(0, 32), body.subarray(0, ivBytes));
  return Buffer.concat([decipher.update(body.subarray(ivBytes)), decipher.final()]);
}

function macOf(body: Buffer, keys: Buffer): Buffer {
  return createHmac('sha256', keys.subarray(32)).update(body).digest();
}

function oaep(key: KeyObject): { key: KeyObject; padding: number; oaepHash: string } {
  return { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
}

/** Modulus and exponent, each in Base64: what .NET Framework can import (windows-accounts.md C26). */
export function publicKeyText(key: KeyObject): string {
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  return [n, e].map((part) => Buffer.from(part, 'base64url').toString('base64')).join(',');
}

/** Null: not a modulus of 2048 bits and an exponent. */
export function readPublicKey(text: string): KeyObject | null {
  const [n, e, ...more] = text.split(',').map((part) => Buffer.from(part, 'base64').toString('base64url'));
  if (n === undefined || e === undefined || more.length > 0) return null;
  try {
    const key = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
    return key.asymmetricKeyDetails?.modulusLength === 2048 ? key : null;
  } catch {
    return null;
  }
}
