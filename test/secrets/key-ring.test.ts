import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshKey, readKeys, replaceKeyFile, writeKeys } from '../../src/secrets/key-file.ts';
import { vaultOf } from '../../src/secrets/vault.ts';
import { eachInItsOwnFolder, madeAt, own, ringHere } from './folder.ts';

eachInItsOwnFolder();

const bytes = randomBytes(32);
const base64 = bytes.toString('base64');
const [{ id } = { id: '' }] = readKeys(Buffer.from(bytes)) ?? [];

function given(content: string | Buffer, mode = 0o600): void {
  mkdirSync(dirname(own.keyFile), { recursive: true });
  writeFileSync(own.keyFile, content, { mode });
}

function permissions(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe('the key file', () => {
  it('is made when something is sealed first, and for its owner alone', () => {
    const ring = ringHere();
    expect(ring.keys()).toEqual([]);
    expect(readdirSync(own.folder)).toEqual([]);
    const text = vaultOf(ring).seal(Buffer.from('password'), ['a']);
    expect(readdirSync(dirname(own.keyFile))).toEqual(['key']);
    expect([permissions(own.keyFile), permissions(dirname(own.keyFile))]).toEqual(['600', '700']);
    expect(
      vaultOf(ringHere({ mayMake: false }))
        .open(text, ['a'])
        .toString(),
    ).toBe('password');
    expect(ringHere().keys()).toMatchObject([{ id: ring.newest().id, madeAt }]);
  });

  it('is made by the first of several who come at once', () => {
    const [one, other] = [ringHere(), ringHere()];
    expect([one.keys(), other.keys()]).toEqual([[], []]);
    const text = vaultOf(one).seal(Buffer.from('password'), ['a']);
    expect(other.newest().id).toBe(one.newest().id);
    expect(vaultOf(other).open(text, ['a']).toString()).toBe('password');
  });

  it('is not made where the store holds what another key has sealed', () => {
    const ring = ringHere({ mayMake: false });
    expect(() => ring.newest()).toThrow(
      expect.objectContaining({ code: 'TRUEUP_KEY_MISSING', message: expect.stringContaining(own.keyFile) }),
    );
    expect(readdirSync(own.folder)).toEqual([]);
  });

  it('is the one that TRUEUP_KEY_FILE names, from the working directory on', () => {
    const ring = ringHere({ env: { TRUEUP_KEY_FILE: 'keys/ours' } });
    expect(ring.newest().madeAt).toBe(madeAt);
    expect(permissions(join(own.folder, 'keys/ours'))).toBe('600');
    expect(ring.file).toBe(join(own.folder, 'keys/ours'));
  });

  it('is read anew when another process has changed it, and missed by nobody who has read it', () => {
    given(`${base64}\n`);
    const ring = ringHere();
    const old = vaultOf(ring).seal(Buffer.from('password'), ['a']);
    const newer = freshKey(madeAt);
    replaceKeyFile(own.keyFile, [...ring.keys(), newer]);
    expect(ring.newest().id).toBe(newer.id);
    expect(vaultOf(ring).isNewest(old)).toBe(false);
    rmSync(own.keyFile);
    expect(vaultOf(ring).open(old, ['a']).toString()).toBe('password');
    expect(permissions(dirname(own.keyFile))).toMatch(/^7/);
  });

  it.each<[string, string | Buffer]>([
    ['32 bytes as they are', bytes],
    ['Base64', `${base64}\n`],
    ['Base64 without its last sign', base64.slice(0, -1)],
    ['Base64 of URLs', bytes.toString('base64url')],
    ['hexadecimal', `${bytes.toString('hex').toUpperCase()}\r\n`],
    ['lines with comments', `# ours\n\n  ${base64}  2026-03-02T09:00:00.000Z # the first\n`],
    ['one key twice', `${base64}\n${bytes.toString('hex')}\n`],
  ])('may hold %s', (_, content) => {
    given(content);
    expect(
      ringHere()
        .keys()
        .map((key) => key.id),
    ).toEqual([id]);
  });

  it('holds several keys, the newest last, and is written as it is read', () => {
    const keys = [freshKey(madeAt), freshKey('2026-04-02T09:00:00.000Z'), ...(readKeys(Buffer.from(bytes)) ?? [])];
    const read = readKeys(writeKeys(keys));
    expect(read?.map(({ id, madeAt }) => [id, madeAt])).toEqual(keys.map(({ id, madeAt }) => [id, madeAt]));
    expect(keys.every((key, index) => read?.[index]?.secret.equals(key.secret))).toBe(true);
  });

  it.each(['', '# nothing yet\n', 'secret-that-is-no-key', `${base64}\n${base64.slice(4)}\n`])(
    'is refused where it holds %j, without a word of what it holds',
    (content) => {
      given(content);
      const read = (): unknown => ringHere().keys();
      expect(read).toThrow(
        expect.objectContaining({ code: 'TRUEUP_KEY_INVALID', message: expect.not.stringContaining('secret') }),
      );
    },
  );

  it.skipIf(process.platform === 'win32').each([0o604, 0o640, 0o660, 0o602])(
    'is refused where others may read or write it: %i',
    (mode) => {
      given(`${base64}\n`);
      chmodSync(own.keyFile, mode);
      expect(() => ringHere().keys()).toThrow(
        expect.objectContaining({ code: 'TRUEUP_KEY_INVALID', remedy: expect.stringContaining('chmod 600') }),
      );
    },
  );

  it('that is a folder is refused', () => {
    mkdirSync(own.keyFile, { recursive: true });
    expect(() => ringHere().keys()).toThrow(expect.objectContaining({ code: 'TRUEUP_KEY_INVALID' }));
  });
});

describe('the variable TRUEUP_KEY', () => {
  it('holds a key, or several with the newest last, and makes no file', () => {
    const newer = randomBytes(32).toString('hex');
    const ring = ringHere({ env: { TRUEUP_KEY: `${base64}, ${newer}` }, mayMake: false });
    expect(ring.keys()).toHaveLength(2);
    expect(ring.keys()[0]?.id).toBe(id);
    expect(ring.newest()).toBe(ring.keys()[1]);
    expect(ring.file).toBeNull();
    expect(readdirSync(own.folder)).toEqual([]);
  });

  it('is refused where it is no key, without being repeated', () => {
    const ring = ringHere({ env: { TRUEUP_KEY: 'hunter2' } });
    expect(() => ring.newest()).toThrow(
      expect.objectContaining({ code: 'TRUEUP_KEY_INVALID', message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('does not go with TRUEUP_KEY_FILE', () => {
    const both = { TRUEUP_KEY: base64, TRUEUP_KEY_FILE: 'key' };
    expect(() => ringHere({ env: both })).toThrow(expect.objectContaining({ code: 'TRUEUP_USAGE' }));
  });

  it('opens what a file with the same key has sealed', () => {
    given(bytes);
    const text = vaultOf(ringHere()).seal(Buffer.from('password'), ['a']);
    expect(readFileSync(own.keyFile)).toEqual(bytes);
    const vault = vaultOf(ringHere({ env: { TRUEUP_KEY: base64 } }));
    expect(vault.open(text, ['a']).toString()).toBe('password');
  });
});
