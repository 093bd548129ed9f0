import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Vault } from '../../src/credential-ports.ts';
import { freshKey, type SealingKey } from '../../src/secrets/key-file.ts';
import { sealedUnder, vaultOf } from '../../src/secrets/vault.ts';
import { hostileNames } from '../hygiene/names.ts';

const binding = ['Production Tanium', '17', 'corp_breakglass', 'a1b2c3d4e5f6', '1'];
const password = 'correct-horse-Battery-9';

function vaultWith(...keys: readonly SealingKey[]): Vault {
  const newest = keys.at(-1);
  if (newest === undefined) throw new Error('a vault needs a key here');
  return vaultOf({ keys: () => keys, newest: () => newest, place: 'here' });
}

const key = freshKey('2026-03-02T09:00:00.000Z');
const vault = vaultWith(key);

function sealed(plain: string, to: readonly string[] = binding): string {
  return vault.seal(Buffer.from(plain), to);
}

describe('#179 a seal', () => {
  it.each(['', 'x', password, 'ü\u{1F511}\0 ', 'p'.repeat(5000)])('opens to what was sealed: %j', (plain) => {
    expect(vault.open(sealed(plain), binding).toString()).toBe(plain);
  });

  it('shows nothing of it, and never looks twice the same', () => {
    const [one, other] = [sealed(password), sealed(password)];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[\w-]+$/);
    expect(Buffer.from(one, 'base64url').includes('horse')).toBe(false);
    expect(Buffer.from(one, 'base64url')).toHaveLength(1 + 8 + 12 + password.length + 16);
  });

  it.each(binding.map((_, index) => index))('does not open where part %i of its binding is another', (index) => {
    const elsewhere = binding.with(index, 'another');
    expect(() => vault.open(sealed(password), elsewhere)).toThrow(
      expect.objectContaining({ code: 'TRUEUP_SEAL_BROKEN' }),
    );
  });

  it('tells parts that only look alike when they are joined', () => {
    const moved = ['Production Tanium', '1', '7corp_breakglass', 'a1b2c3d4e5f6', '1'];
    expect(() => vault.open(sealed(password), moved)).toThrow(expect.objectContaining({ code: 'TRUEUP_SEAL_BROKEN' }));
    expect(() => vault.open(sealed(password), binding.slice(0, -1))).toThrow(/not what was sealed/);
  });

  it.each(hostileNames)('may be bound to an account called %j', (name) => {
    const to = binding.with(2, name);
    expect(vault.open(sealed(password, to), to).toString()).toBe(password);
    expect(() => vault.open(sealed(password, to), binding.with(2, `${name} `))).toThrow(/not what was sealed/);
  });

  it('does not open once any bit of it is another', () => {
    const bytes = Buffer.from(sealed('four'), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => vault.open(altered.toString('base64url'), binding), `bit ${bit}`).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^TRUEUP_(?:SEAL_BROKEN|KEY_MISSING)$/) }),
      );
    }
  });

  it.each(['', 'AQ', 'not a seal', password])('is not %j', (text) => {
    expect(() => vault.open(text, binding)).toThrow(expect.objectContaining({ code: 'TRUEUP_SEAL_BROKEN' }));
    expect(sealedUnder(text)).toBeNull();
    expect(vault.isNewest(text)).toBe(false);
  });

  it('of a key that is not here says so, once and clearly', () => {
    const text = vaultWith(freshKey('2026-03-02T09:00:00.000Z')).seal(Buffer.from(password), binding);
    expect(() => vault.open(text, binding)).toThrow(
      expect.objectContaining({
        code: 'TRUEUP_KEY_MISSING',
        message: `Production Tanium · 17 · corp_breakglass · a1b2c3d4e5f6 · 1 is sealed under the key ${sealedUnder(text)}, which is not in here.`,
      }),
    );
  });

  it('opens under an older key, and is made under the newest', () => {
    const newer = freshKey('2026-04-02T09:00:00.000Z');
    const both = vaultWith(key, newer);
    const old = sealed(password);
    expect(both.open(old, binding).toString()).toBe(password);
    expect(both.isNewest(old)).toBe(false);
    const fresh = both.seal(Buffer.from(password), binding);
    expect(sealedUnder(fresh)).toBe(newer.id);
    expect(both.isNewest(fresh)).toBe(true);
    expect(() => vault.open(fresh, binding)).toThrow(/is sealed under the key/);
  });

  it('leaves the plain bytes to their owner, and its errors hold neither them nor the key', () => {
    const plain = Buffer.from(password);
    const text = vault.seal(plain, binding);
    expect(plain.toString()).toBe(password);
    const shown = [];
    for (const open of [() => vault.open(text, []), () => vaultWith(freshKey('')).open(text, binding)]) {
      try {
        open();
      } catch (error) {
        shown.push(inspect(error, { depth: null, showHidden: true }));
      }
    }
    expect(shown).toHaveLength(2);
    for (const one of shown) expect(one).not.toContain(password);
    expect(inspect(key, { depth: null, showHidden: true })).not.toContain(key.secret.export().toString('base64'));
  });
});
