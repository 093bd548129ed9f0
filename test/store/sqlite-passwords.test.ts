import { readdirSync, readFileSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { credentialBinding } from '../../src/model/credential.ts';
import { freshKey } from '../../src/secrets/key-file.ts';
import { vaultOf } from '../../src/secrets/vault.ts';
import { canary, filesIn, leaks } from '../hygiene/canaries.ts';
import { aCredential, anAccount, aRotationKey } from './conformance/credentials.ts';
import { production } from './conformance.ts';
import { collect } from './samples.ts';
import { beside, eachInItsOwnFile, own, using } from './sqlite-file.ts';

eachInItsOwnFile();

const versionFour = readFileSync(new URL('fixtures/sqlite-version-4.sql', import.meta.url), 'utf8');

describe('passwords in SQLite', () => {
  it('of ten thousand devices are written and read within seconds, each commit on the disk', async () => {
    await using(production, async (store) => {
      const records = Array.from({ length: 10_000 }, (_, index) =>
        anAccount(String(index), { credentials: [aCredential('a1b2c3d4e5f6', { sealed: 'x'.repeat(100) })] }),
      );
      const begin = performance.now();
      expect(await store.putCredentials(records)).toEqual([]);
      expect(await store.putCredentials(records.map((record) => ({ ...record, revision: 1 })))).toEqual([]);
      expect(await collect(store.credentials())).toHaveLength(10_000);
      // Half a second on a machine at rest: what this finds is a commit each, which takes minutes.
      expect(performance.now() - begin).toBeLessThan(15_000);
    });
  });

  it('#179 are in none of its files, while it is open and once it is closed', async () => {
    const password = canary('password');
    const privateKey = canary('private-key');
    const key = freshKey('2026-03-02T09:00:00.000Z');
    const vault = vaultOf({ keys: () => [key], newest: () => key, place: 'here' });
    const secrets = { password, privateKey, key: key.secret.export().toString('base64') };
    const account = anAccount('17');
    const binding = credentialBinding('Production Tanium', account, aCredential('a1b2c3d4e5f6'));
    const sealed = vault.seal(Buffer.from(password), binding);
    await using(production, async (store) => {
      await store.putCredentials([{ ...account, credentials: [aCredential('a1b2c3d4e5f6', { sealed })] }]);
      await store.putRotationKey(aRotationKey('a1b2c3d4e5f6', { sealed: vault.seal(Buffer.from(privateKey), ['k']) }));
      const open = filesIn(own.folder, []);
      expect([...open.keys()]).toContain('state.db-wal');
      expect(leaks(secrets, open)).toEqual([]);
      const [kept] = await collect(store.credentials(['17']));
      expect(vault.open(kept?.credentials[0]?.sealed ?? '', binding).toString()).toBe(password);
    });
    expect(leaks(secrets, filesIn(own.folder, []))).toEqual([]);
    expect(leaks({ sealed }, filesIn(own.folder, []))).toEqual(['state.db: sealed']);
  });
});

describe('a SQLite store of version 4', () => {
  beforeEach(() => beside((db) => db.exec(versionFour)));

  it('becomes one of today, loses nothing, and keeps passwords', async () => {
    await using(production, async (store) => {
      expect(await collect(store.computers())).toMatchObject([
        { id: '1', machineSid: 'S-1-5-21-1-2-3', inUse: { corp_breakglass: '2026-03-03T09:00:00.000Z' } },
        { id: '2', lastSeenAt: '2026-03-02T09:00:00Z' },
      ]);
      expect(await store.unsettled()).toMatchObject([{ name: 'Trueup r1 a' }]);
      expect(await store.scanRuns(5)).toMatchObject([{ id: 's1' }]);
      expect(await collect(store.queued())).toMatchObject([{ id: '2' }]);
      expect((await collect(store.drift({}))).map(({ id }) => id)).toEqual(['d1']);
      expect(await store.sealedProviders()).toEqual([]);
      expect(await store.putCredentials([anAccount('1')])).toEqual([]);
      expect(await store.sealedProviders()).toEqual(['Production Tanium']);
    });
    expect(beside((db) => db.prepare('PRAGMA user_version').get())).toEqual({ user_version: 5 });
  });

  it('has then the very tables of a new one', async () => {
    await using(production, async () => {});
    const migrated = beside(tablesOf);
    rmSync(own.file);
    await using(production, async () => {});
    expect(migrated).toEqual(beside(tablesOf));
  });

  it('is read without being migrated, and no password can be put there', async () => {
    const before = readFileSync(own.file);
    await using({ ...production, mode: 'read' }, async (store) => {
      expect(await collect(store.credentials())).toEqual([]);
      expect(await collect(store.rotationKeys())).toEqual([]);
      expect(await store.sealedProviders()).toEqual([]);
      await expect(store.putCredentials([anAccount('1')])).rejects.toMatchObject({ code: 'TRUEUP_INTERNAL' });
    });
    expect(readFileSync(own.file).equals(before)).toBe(true);
    expect(readdirSync(own.folder)).toEqual(['state.db']);
  });
});

function tablesOf(db: DatabaseSync): unknown {
  const tables = db.prepare("SELECT name, strict, wr FROM pragma_table_list WHERE schema = 'main' ORDER BY name").all();
  return tables.map((table) => ({
    ...table,
    columns: db.prepare('SELECT * FROM pragma_table_info(?) ORDER BY cid').all(String(table['name'])),
    indexes: db
      .prepare('SELECT name, "unique", partial FROM pragma_index_list(?) ORDER BY name')
      .all(String(table['name'])),
  }));
}
