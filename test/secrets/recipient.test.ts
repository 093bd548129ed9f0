import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openerOf, recipientOf } from '../../src/secrets/recipient.ts';

function pair(modulusLength: number): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength });
}

const spki = { type: 'spki', format: 'pem' } as const;
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const { publicKey, privateKey } = pair(2048);
const recipient = recipientOf(publicKey.export(spki), 'public.pem');
const opener = openerOf(privateKey.export(pkcs8), 'private.pem', null);
const binding = ['Production Tanium', '17', 'builtin', 'a1b2c3d4e5f6', '1'];
const password = 'correct-horse-Battery-9';

describe('a box for a recipient', () => {
  it.each(['', password, 'p'.repeat(5000), 'ü\u{1F511}\0'])('opens with the private key to %j', (plain) => {
    const box = recipient.seal(Buffer.from(plain), binding);
    expect(box).toMatch(/^[\w-]+$/);
    expect(opener.open(box, binding).toString()).toBe(plain);
    expect(opener.fingerprint).toBe(recipient.fingerprint);
    expect(recipient.fingerprint).toMatch(/^SHA256:[\w+/]{43}$/);
  });

  it('may be for a longer key, with a passphrase', () => {
    const long = pair(3072);
    const to = recipientOf(long.publicKey.export(spki), 'public.pem');
    const pem = long.privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'open sesame' });
    const box = to.seal(Buffer.from(password), binding);
    expect(openerOf(pem, 'private.pem', 'open sesame').open(box, binding).toString()).toBe(password);
    const wrong = (): unknown => openerOf(pem, 'private.pem', 'hunter2');
    expect(wrong).toThrow(
      expect.objectContaining({ code: 'TRUEUP_RECIPIENT_INVALID', message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('opens for nobody else, and as nothing else', () => {
    const box = recipient.seal(Buffer.from(password), binding);
    const other = openerOf(pair(2048).privateKey.export(pkcs8), 'other.pem', null);
    const closed = expect.objectContaining({ code: 'TRUEUP_BOX_CLOSED' });
    expect(() => other.open(box, binding)).toThrow(closed);
    expect(() => opener.open(box, binding.with(1, '18'))).toThrow(closed);
    for (const text of ['', 'AQ', 'AQEA', password, box.slice(0, -4)]) {
      expect(() => opener.open(text, binding), text).toThrow(closed);
    }
  });

  it('does not open once any byte of it is another, and says nothing of what is in it', () => {
    const bytes = Buffer.from(recipient.seal(Buffer.from(password), binding), 'base64url');
    for (let at = 0; at < bytes.length; at += 7) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 0x40;
      let said: unknown = null;
      try {
        opener.open(altered.toString('base64url'), binding);
      } catch (error) {
        said = error;
      }
      expect(said, `byte ${at}`).toMatchObject({ code: 'TRUEUP_BOX_CLOSED' });
      expect(inspect(said, { depth: null })).not.toContain(password);
    }
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['a private key', privateKey.export(pkcs8), /is a private key/],
    ['a key that is too short', pair(1024).publicKey.export(spki), /1024 bits, and not of RSA with 2048/],
    ['a key of another kind', generateKeyPairSync('ed25519').publicKey.export(spki), /ed25519/],
    ['no key', 'secret text', /^public\.pem is no key in PEM/],
  ])('is not made for %s', (_, pem, message) => {
    const read = (): unknown => recipientOf(pem, 'public.pem');
    expect(read).toThrow(expect.objectContaining({ code: 'TRUEUP_RECIPIENT_INVALID' }));
    expect(read).toThrow(message);
  });
});
