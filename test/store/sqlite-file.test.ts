import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LeaseHolder, StoreOptions } from '../../src/ports.ts';
import { openStore } from '../../src/store/open.ts';
import { production } from './conformance.ts';
import { collect, row } from './samples.ts';
import { beside, eachInItsOwnFile, own, using } from './sqlite-file.ts';

eachInItsOwnFile();

const reading: StoreOptions = { ...production, mode: 'read' };
const versionOne = readFileSync(new URL('fixtures/sqlite-version-1.sql', import.meta.url), 'utf8');

describe('the file of the SQLite store', () => {
  it('is made for its owner alone, and so is its folder', async () => {
    const deep = join(own.folder, 'a', '.trueup');
    const store = await openStore('sqlite:a/.trueup/state.db', production, { cwd: own.folder });
    await store.setToggle('tanium_cloud', true);
    const modes = readdirSync(deep).map((name) => [name, (statSync(join(deep, name)).mode & 0o777).toString(8)]);
    expect(modes).toEqual([
      ['state.db', '600'],
      ['state.db-shm', '600'],
      ['state.db-wal', '600'],
    ]);
    expect((statSync(deep).mode & 0o777).toString(8)).toBe('700');
    expect(store.address).toBe('sqlite:a/.trueup/state.db');
    await store.close();
    expect(readdirSync(deep)).toEqual(['state.db']);
  });

  it('is not made for reading: the store is empty, and its toggle is off', async () => {
    await using(reading, async (store) => {
      expect(store.owner).toBe('embedded');
      expect(await store.toggle('tanium_cloud')).toEqual({ name: 'tanium_cloud', enabled: false });
      expect(await store.providers('tanium_cloud')).toEqual([]);
      expect(await collect(store.computers())).toEqual([]);
      expect(await store.latestScan('inventory')).toBeNull();
      expect(await store.unsettled()).toEqual([]);
    });
    expect(readdirSync(own.folder)).toEqual([]);
  });

  it('is not touched by reading it', async () => {
    await using(production, (store) => store.setToggle('tanium_cloud', true));
    const before = readFileSync(own.file);
    await using(reading, async (store) => expect(await store.toggle('tanium_cloud')).toMatchObject({ enabled: true }));
    expect(readdirSync(own.folder)).toEqual(['state.db']);
    expect(readFileSync(own.file).equals(before)).toBe(true);
  });

  it('may be empty at first, as mktemp leaves it', async () => {
    writeFileSync(own.file, '');
    await using(reading, async (store) => expect(await store.toggle('tanium_cloud')).toMatchObject({ enabled: false }));
    expect(statSync(own.file).size).toBe(0);
    await using(production, async (store) => expect(await store.setToggle('tanium_cloud', true)).toBe(true));
  });

  it.each(['read', 'write'] as const)('is refused for %s where it is no database', async (mode) => {
    writeFileSync(own.file, 'apiVersion: trueup/v1\n'.repeat(200));
    const opened = using({ ...production, mode }, async () => {});
    await expect(opened).rejects.toMatchObject({ code: 'TRUEUP_STORE_INVALID', exitCode: 1 });
    expect(readFileSync(own.file, 'utf8')).toBe('apiVersion: trueup/v1\n'.repeat(200));
  });

  it.each(['read', 'write'] as const)('is refused for %s where it is the database of another program', async (mode) => {
    beside((db) => db.exec('CREATE TABLE bookmarks (url TEXT)'));
    const opened = using({ ...production, mode }, async () => {});
    await expect(opened).rejects.toMatchObject({ code: 'TRUEUP_STORE_INVALID' });
    expect(beside((db) => db.prepare('SELECT count(*) AS n FROM sqlite_schema').get())).toEqual({ n: 1 });
  });

  it.each(['read', 'write'] as const)('is refused for %s where a newer Trueup has written it', async (mode) => {
    await using(production, (store) => store.setToggle('tanium_cloud', true));
    beside((db) => db.exec('PRAGMA user_version = 99'));
    const opened = using({ ...production, mode }, async () => {});
    await expect(opened).rejects.toMatchObject({
      code: 'TRUEUP_STORE_NEWER',
      message: expect.stringContaining('layout 99'),
    });
    expect(beside((db) => db.prepare('PRAGMA user_version').get())).toEqual({ user_version: 99 });
  });

  it('says where it cannot be made', async () => {
    writeFileSync(own.file, '');
    const opened = openStore(`sqlite:${own.file}/below/state.db`, production);
    await expect(opened).rejects.toMatchObject({ code: 'TRUEUP_STORE_UNREACHABLE' });
  });
});

describe('a SQLite store of version 1', () => {
  beforeEach(() => beside((db) => db.exec(versionOne)));

  it('becomes one of today and loses nothing', async () => {
    await using(production, async (store) => {
      expect(await store.toggle('tanium_cloud')).toMatchObject({ enabled: true });
      expect(await store.providers('tanium_cloud')).toMatchObject([{ options: { sensor_max_age_seconds: 600 } }]);
      expect(await collect(store.computers())).toMatchObject([
        { id: '1', protect: 'JITA', appliedSignature: 's1', lastSeenAt: '2026-03-02T09:00:00Z', pendingUntil: null },
        { id: '2', failedSubjects: ['account.enable {}'], lastSeenAt: '2026-03-02T09:10:00Z' },
      ]);
      expect(await store.history('3')).toEqual([{ since: '2026-03-02T09:10:00Z', text: 'another text' }]);
      const rows = [row('1', 'same text'), row('2', 'new text')];
      expect(await store.saveScan('inventory', 'r2', '2026-03-02T09:20:00Z', 2, rows)).toBe(2);
      expect(await store.history('1')).toEqual([{ since: '2026-03-02T09:00:00Z', text: 'same text' }]);
    });
    const texts = beside((db) => db.prepare('SELECT text, uses FROM text ORDER BY text').all());
    expect(texts).toEqual([
      { text: 'another text', uses: 1 },
      { text: 'new text', uses: 1 },
      { text: 'same text', uses: 2 },
    ]);
  });

  it('has then the very layout of a new one', async () => {
    await using(production, async () => {});
    const migrated = beside(layoutOf);
    rmSync(own.file);
    await using(production, async () => {});
    expect(migrated).toEqual(beside(layoutOf));
  });

  it('is read without being migrated', async () => {
    const before = readFileSync(own.file);
    await using(reading, async (store) => {
      expect(await collect(store.computers())).toMatchObject([{ id: '1', pendingUntil: null }, { id: '2' }]);
      await expect(store.setToggle('tanium_cloud', false)).rejects.toMatchObject({ code: 'TRUEUP_INTERNAL' });
    });
    expect(readFileSync(own.file).equals(before)).toBe(true);
    expect(readdirSync(own.folder)).toEqual(['state.db']);
  });

  it('stays what it is when the migration cannot go through', async () => {
    beside((db) => db.exec('CREATE TABLE text (in_the_way TEXT)'));
    await expect(using(production, async () => {})).rejects.toMatchObject({ code: 'TRUEUP_INTERNAL' });
    expect(beside((db) => db.prepare('PRAGMA user_version').get())).toEqual({ user_version: 1 });
    expect(beside((db) => db.prepare('SELECT count(*) AS n FROM device').get())).toEqual({ n: 3 });
  });
});

describe('observations in SQLite', () => {
  it('keep each distinct text once, and none that nobody gives any more', async () => {
    await using(production, async (store) => {
      const first = Array.from({ length: 1500 }, (_, index) => row(String(index), `text ${index % 3}`));
      await store.saveScan('inventory', 'r0', '2026-03-02T08:00:00Z', 1500, first);
      expect(textsInFile()).toEqual(['text 0', 'text 1', 'text 2']);
      for (let n = 10; n < 21; n++) {
        const rows = first.map((device) => ({ ...device, text: `later ${n}` }));
        await store.saveScan('inventory', `r${n}`, `2026-03-02T09:${n}:00Z`, 1500, rows);
      }
      expect(textsInFile()).toEqual(Array.from({ length: 10 }, (_, index) => `later ${index + 11}`));
    });
  });

  it('that are the same as before write the record of the scan and nothing else', async () => {
    await using(production, async (store) => {
      const rows = Array.from({ length: 50 }, (_, index) => row(String(index), 'text'));
      await store.saveScan('inventory', 'r1', '2026-03-02T09:00:00Z', 50, rows);
      beside((db) => {
        for (const table of ['device', 'text', 'computer'])
          for (const event of ['INSERT', 'UPDATE', 'DELETE'])
            db.exec(
              `CREATE TRIGGER no_${event}_${table} BEFORE ${event} ON ${table} BEGIN SELECT raise(ABORT, '${table}'); END`,
            );
      });
      expect(await store.saveScan('inventory', 'r2', '2026-03-02T09:10:00Z', 50, rows)).toBe(0);
      expect((await store.latestScan('inventory'))?.at).toBe('2026-03-02T09:10:00Z');
    });
  });

  function textsInFile(): unknown[] {
    return beside((db) => db.prepare('SELECT text FROM text ORDER BY text').all()).map(({ text }) => text);
  }
});

describe('rows that the embedded store makes', () => {
  it('are not made twice when a run that was cut off is run again', async () => {
    await using(production, async (store) => {
      const first = await store.createProvider('tanium_cloud', 'Production Tanium');
      await store.setProvider(first.id, { enable: true });
      expect((await store.createProvider('tanium_cloud', 'Production Tanium')).id).toBe(first.id);
      expect(await store.providers('tanium_cloud')).toMatchObject([{ enable: true }]);

      const computer = {
        computerId: '1',
        name: 'PC-1',
        domain: null,
        os: 'Windows 11',
        insertedAt: '2026-03-02T09:00:00.000Z',
      };
      await store.enroll([computer]);
      await store.change([{ id: '1', scan: true }]);
      await store.enroll([computer]);
      expect(await collect(store.computers())).toMatchObject([{ id: '1', computerId: '1', scan: true }]);
    });
  });

  it('belong to the memory where the address says so', async () => {
    const store = await openStore('sqlite::memory:', production);
    expect(await store.setToggle('tanium_cloud', true)).toBe(true);
    expect(store.address).toBe('sqlite::memory:');
    await store.close();
    expect(existsSync(':memory:')).toBe(false);
  });
});

describe('leases in SQLite', () => {
  const here: LeaseHolder = { host: 'here', pid: 1, started: '1', command: 'reconcile' };
  const elsewhere: LeaseHolder = { host: 'elsewhere', pid: 1, started: '1', command: 'apply' };
  const alive = (): boolean => false;

  it('of a living process on this host never lapse; of one elsewhere they lapse after a minute', async () => {
    let now = '2026-03-02T09:00:00.000Z';
    const store = await openStore(`sqlite:${own.file}`, production, { now: () => now });
    expect(await store.acquire('apply', here, alive)).toMatchObject({
      lease: { expiresAt: '2026-03-02T09:01:00.000Z' },
    });
    now = '2026-03-02T12:00:00.000Z';
    expect(await store.acquire('apply', { ...here, pid: 2 }, alive)).toEqual({ heldBy: here });
    expect(await store.acquire('apply', elsewhere, alive)).toMatchObject({ lease: { token: 2 } });
    expect(await store.acquire('apply', here, alive)).toEqual({ heldBy: elsewhere });
    await store.close();
  });
});

function layoutOf(db: DatabaseSync): unknown {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  return tables.map(({ name }) => ({
    name,
    columns: db.prepare('SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid').all(String(name)),
    indexes: db.prepare('SELECT name, "unique", partial FROM pragma_index_list(?) ORDER BY name').all(String(name)),
  }));
}
