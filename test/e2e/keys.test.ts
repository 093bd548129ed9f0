import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { credentialBinding, rotationKeyBinding } from '../../src/model/credential.ts';
import type { KeyListing } from '../../src/render/keys.ts';
import { readKeys } from '../../src/secrets/key-file.ts';
import { keyRing } from '../../src/secrets/key-ring.ts';
import { sealedUnder, vaultOf } from '../../src/secrets/vault.ts';
import { currentHolder } from '../../src/store/holder.ts';
import { aCredential, anAccount, aRotationKey } from '../store/conformance/credentials.ts';
import { keep, provider, withStore } from './passwords.ts';
import { exampleFolder, type Finished, start, trueup } from './trueup.ts';

const env = { TRUEUP_TANIUM_URL: 'http://127.0.0.1:9', TRUEUP_TANIUM_TOKEN: 'token' };

function key(cwd: string, verb: 'list' | 'rotate', more: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return trueup(['key', verb, '--json'], { cwd, env: { ...env, ...more } });
}

async function listing(cwd: string, more?: Readonly<Record<string, string>>): Promise<KeyListing> {
  return JSON.parse((await key(cwd, 'list', more)).stdout) as KeyListing;
}

function vaultIn(cwd: string, variables: Readonly<Record<string, string>> = {}): ReturnType<typeof vaultOf> {
  const file = join(cwd, '.trueup', 'key');
  return vaultOf(keyRing({ env: variables, cwd, file, mayMake: true, now: () => '2026-03-02T09:00:00.000Z' }));
}

/** As many accounts, with two passwords each, and as many keys of rotations. */
async function fill(cwd: string, accounts: number, name: string = provider): Promise<void> {
  const vault = vaultIn(cwd);
  const records = Array.from({ length: accounts }, (_, index) => {
    const whose = { computerId: String(index), account: 'builtin' };
    const credentials = ['bbbbbbbbbbbb', 'aaaaaaaaaaaa'].map((rotation, at) => {
      const credential = aCredential(rotation, { state: at === 0 ? 'current' : 'previous' });
      const plain = Buffer.from(`password ${index} ${rotation}`);
      return { ...credential, sealed: vault.seal(plain, credentialBinding(name, whose, credential)) };
    });
    return anAccount(whose.computerId, { credentials });
  });
  await withStore({ cwd, provider: name }, async (store) => {
    await store.putCredentials(records);
    for (let index = 0; index < Math.min(accounts, 20); index += 1) {
      const id = `rotation ${index}`;
      const sealed = vault.seal(Buffer.from(`private ${index}`), rotationKeyBinding(name, id));
      await store.putRotationKey(aRotationKey(id, { sealed }));
    }
  });
}

/** Opens everything, with the keys that the folder has now; answers under which keys it is sealed. */
async function openAll(cwd: string, accounts: number, name: string = provider): Promise<ReadonlySet<string | null>> {
  const vault = vaultIn(cwd);
  const ids = new Set<string | null>();
  await withStore({ cwd, provider: name }, async (store) => {
    let count = 0;
    for await (const record of store.credentials()) {
      for (const credential of record.credentials) {
        const plain = vault.open(credential.sealed, credentialBinding(name, record, credential)).toString();
        expect(plain).toBe(`password ${record.computerId} ${credential.rotation}`);
        ids.add(sealedUnder(credential.sealed));
        count += 1;
      }
    }
    expect(count).toBe(accounts * 2);
    for await (const { id, sealed } of store.rotationKeys()) {
      expect(vault.open(sealed, rotationKeyBinding(name, id)).toString()).toBe(id.replace('rotation', 'private'));
      ids.add(sealedUnder(sealed));
    }
  });
  return ids;
}

function idsIn(cwd: string, file: string): readonly string[] {
  return readKeys(readFileSync(join(cwd, '.trueup', file)))?.map(({ id }) => id) ?? [];
}

describe('trueup key rotate', { timeout: 120_000 }, () => {
  it('#179 seals what every provider of the store has under a new key, and puts the old one aside', async () => {
    const cwd = exampleFolder();
    await fill(cwd, 30);
    await fill(cwd, 5, 'Test Tanium');
    const [old = ''] = idsIn(cwd, 'key');
    const { code, stdout } = await key(cwd, 'rotate');
    const [newest = ''] = idsIn(cwd, 'key');
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { key: newest, old: [old], retired: join(cwd, '.trueup', 'key.retired'), passwords: 70, rotationKeys: 25 },
    ]);
    expect(newest).not.toBe(old);
    expect(idsIn(cwd, 'key')).toHaveLength(1);
    expect(idsIn(cwd, 'key.retired')).toEqual([old]);
    expect(statSync(join(cwd, '.trueup', 'key.retired')).mode & 0o777).toBe(0o600);
    expect([...(await openAll(cwd, 30))]).toEqual([newest]);
    expect([...(await openAll(cwd, 5, 'Test Tanium'))]).toEqual([newest]);
    const audit = await trueup(['audit'], { cwd, env });
    expect(audit.stdout).toContain(`seals everything under the key ${newest}`);
    expect((await trueup(['audit', 'verify'], { cwd, env })).code).toBe(0);
  });

  it('loses nothing wherever it is killed, and the next run goes on from there', async () => {
    const cwd = exampleFolder();
    await fill(cwd, 1500);
    for (const milliseconds of [0, 60, 150, 300, 600]) {
      const { child, finished } = start(['key', 'rotate'], { cwd, env });
      // From when it has begun to do something.
      const newKey = idsIn(cwd, 'key').length;
      while (idsIn(cwd, 'key').length === newKey && child.exitCode === null) await delay(5);
      await delay(milliseconds);
      child.kill('SIGKILL');
      await finished;
      await openAll(cwd, 1500);
    }
    const { code } = await key(cwd, 'rotate');
    expect(code).toBe(0);
    expect([...(await openAll(cwd, 1500))]).toEqual(idsIn(cwd, 'key'));
    expect(readdirSync(join(cwd, '.trueup')).filter((name) => name.startsWith('key'))).toEqual(['key', 'key.retired']);
  });

  it('goes on with the new key where the last run was ended before its end', async () => {
    const cwd = exampleFolder();
    await fill(cwd, 3);
    const [old = ''] = idsIn(cwd, 'key');
    const file = join(cwd, '.trueup', 'key');
    writeFileSync(file, `${readFileSync(file, 'utf8')}${randomBytes(32).toString('base64')}\n`);
    const [, added = ''] = idsIn(cwd, 'key');
    await keep({ cwd }, 'later', 'builtin', [{ rotation: 'cccccccccccc', plain: 'sealed under the new one' }]);
    const { stdout } = await key(cwd, 'rotate');
    expect(JSON.parse(stdout)).toMatchObject({ key: added, old: [old], passwords: 6 });
    expect(idsIn(cwd, 'key')).toEqual([added]);
  });

  it('does nothing while somebody works for a provider of the store, and says who', async () => {
    const cwd = exampleFolder();
    await fill(cwd, 2);
    await fill(cwd, 2, 'Test Tanium');
    const before = idsIn(cwd, 'key');
    await withStore({ cwd, provider: 'Test Tanium' }, async (store) => {
      await store.acquire('Test Tanium', currentHolder('apply'), () => false);
    });
    const { code, stdout } = await key(cwd, 'rotate');
    expect(code).toBe(1);
    expect(stdout).toContain('TRUEUP_STORE_BUSY');
    expect(stdout).toContain('`trueup apply`');
    expect(idsIn(cwd, 'key')).toEqual(before);
    await openAll(cwd, 2);
  });

  it('reseals the rest where something does not open, says so, and keeps the old key', async () => {
    const cwd = exampleFolder();
    await fill(cwd, 3);
    await withStore({ cwd }, async (store) => {
      const strange = aCredential('dddddddddddd', { sealed: 'not a seal' });
      await store.putCredentials([anAccount('99', { credentials: [strange] })]);
    });
    const [old] = idsIn(cwd, 'key');
    const { code, stdout } = await key(cwd, 'rotate');
    expect(code).toBe(1);
    expect(stdout).toContain('TRUEUP_SEAL_BROKEN');
    expect(stdout).toContain('Production Tanium · 99 · builtin · dddddddddddd · 1');
    expect(idsIn(cwd, 'key')).toEqual([old, expect.any(String)]);
    expect(existsSync(join(cwd, '.trueup', 'key.retired'))).toBe(false);
    const { keys } = await listing(cwd);
    expect(keys.map(({ id, passwords }) => [id, passwords])).toEqual([
      [old, 0],
      [idsIn(cwd, 'key')[1], 6],
      ['unknown', 1],
    ]);
  });

  it('reseals under the last of the keys that a variable holds, and cannot add one', async () => {
    const cwd = exampleFolder();
    await fill(cwd, 3);
    const old =
      readFileSync(join(cwd, '.trueup', 'key'), 'utf8')
        .split('\n')[1]
        ?.split(' ')[0] ?? '';
    rmSync(join(cwd, '.trueup', 'key'));
    const refused = await key(cwd, 'rotate', { TRUEUP_KEY: old });
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('Set TRUEUP_KEY to both keys');
    const added = randomBytes(32).toString('hex');
    const { code, stdout } = await key(cwd, 'rotate', { TRUEUP_KEY: `${old} ${added}` });
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ passwords: 6, rotationKeys: 3, retired: null }),
    ]);
    expect((await listing(cwd, { TRUEUP_KEY: added })).keys).toMatchObject([
      { newest: true, here: true, passwords: 6 },
    ]);
    expect(existsSync(join(cwd, '.trueup', 'key'))).toBe(false);
  });
});

describe('trueup key list', { timeout: 120_000 }, () => {
  it('tells which key seals, and which is missing', async () => {
    const cwd = exampleFolder();
    expect(await listing(cwd)).toEqual({ place: join(cwd, '.trueup', 'key'), keys: [] });
    await fill(cwd, 2);
    const [id] = idsIn(cwd, 'key');
    const only = { id, madeAt: '2026-03-02T09:00:00.000Z', here: true, newest: true, passwords: 4, rotationKeys: 2 };
    expect((await listing(cwd)).keys).toEqual([only]);
    const text = await trueup(['key', 'list'], { cwd, env });
    expect(text.stdout).toBe(`  · ${id}   2026-03-02 09:00Z   4 passwords, 2 keys of rotations   seals\n`);
    const other = await trueup(['key', 'list'], {
      cwd,
      env: { ...env, TRUEUP_KEY: randomBytes(32).toString('base64') },
    });
    expect(other.code).toBe(1);
    expect(other.stdout).toMatch(new RegExp(`! ${id} .* not in TRUEUP_KEY\n`));
    expect(other.stderr).toContain('TRUEUP_KEY_MISSING');
  });
});
