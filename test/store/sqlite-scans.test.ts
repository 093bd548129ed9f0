/** What the SQLite store keeps of scans beyond what every store does: how little it writes, and older files. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ScanNote } from '../../src/model/scan.ts';
import type { NewComputer, StoreOptions } from '../../src/ports.ts';
import { decode } from '../../src/store/answered.ts';
import { aScanRun } from './conformance/scan-history.ts';
import { aLastScan } from './conformance/scan-notes.ts';
import { production } from './conformance.ts';
import { collect, row } from './samples.ts';
import { beside, eachInItsOwnFile, own, using } from './sqlite-file.ts';

eachInItsOwnFile();

const versionThree = readFileSync(new URL('fixtures/sqlite-version-3.sql', import.meta.url), 'utf8');
const test: StoreOptions = { ...production, provider: 'Test Tanium' };

function newcomers(count: number): readonly NewComputer[] {
  return Array.from({ length: count }, (_, index) => ({
    computerId: String(index),
    name: `PC-${index}`,
    domain: null,
    os: 'Windows 11',
    insertedAt: '2026-03-01T00:00:00.000Z',
  }));
}

describe('a bulk scan in SQLite', () => {
  it('#119 that is like the one before writes who answered, how it ended, its run, and no device', async () => {
    await using(production, async (store) => {
      await store.enroll(newcomers(50));
      const keep = async (hour: number): Promise<void> => {
        const at = `2026-03-02T${hour}:00:00.000Z`;
        const rows = newcomers(50).map(({ computerId }) => row(computerId, `text ${Number(computerId) % 3}`));
        const notes = rows.map(({ computerId }): ScanNote => {
          return { id: computerId, lastScan: aLastScan({ scanTs: at }), administrators: ['~-500'] };
        });
        for (let from = 0; from < 50; from += 10) {
          await store.saveAnswers('inventory', `r${hour}`, at, rows.slice(from, from + 10));
          await store.noteScans(notes.slice(from, from + 10));
        }
        await store.putScanRun(aScanRun(`r${hour}`, { startedAt: at }));
      };
      await keep(10);
      beside((db) => {
        for (const table of ['device', 'text', 'computer', 'administrators'])
          for (const event of ['INSERT', 'UPDATE', 'DELETE'])
            db.exec(
              `CREATE TRIGGER no_${event}_${table} BEFORE ${event} ON ${table} BEGIN SELECT raise(ABORT, '${table}'); END`,
            );
      });
      for (let hour = 11; hour < 23; hour++) await keep(hour);
      const computers = await collect(store.computers());
      expect(new Set(computers.map(({ lastScan }) => lastScan?.scanTs))).toEqual(new Set(['2026-03-02T22:00:00.000Z']));
      expect(new Set(computers.map(({ lastSeenAt }) => lastSeenAt))).toEqual(new Set(['2026-03-02T22:00:00.000Z']));
    });
    expect(beside((db) => db.prepare('SELECT count(*) AS n FROM outcome').get())).toEqual({ n: 1 });
  });

  it('by small batches writes who answered, and what came of it, a few times, and all of it with the record of its run', async () => {
    const [count, size] = [2000, 10];
    const at = '2026-03-02T10:00:00.000Z';
    const writes = (): number => Number(beside((db) => db.prepare('SELECT count(*) AS n FROM writes').get())?.['n']);
    const known = (): { readonly seen: number; readonly noted: number } =>
      beside((db) => {
        const size = (sql: string): number =>
          db
            .prepare(sql)
            .all()
            .reduce((sum, row) => sum + decode(row['bits'] as Uint8Array).count, 0);
        return {
          seen: size('SELECT answered AS bits FROM sighting'),
          noted: size('SELECT computers AS bits FROM outcome'),
        };
      });
    await using(production, async (store) => {
      await store.enroll(newcomers(count));
      beside((db) => {
        db.exec('CREATE TABLE writes (one)');
        for (const table of ['sighting', 'outcome'])
          for (const event of ['INSERT', 'UPDATE'])
            db.exec(
              `CREATE TRIGGER count_${event}_${table} AFTER ${event} ON ${table} BEGIN INSERT INTO writes VALUES (1); END`,
            );
      });
      for (let from = 0; from < count; from += size) {
        const rows = newcomers(count)
          .slice(from, from + size)
          .map(({ computerId }) => row(computerId, 'text'));
        await store.saveAnswers('inventory', 'r1', at, rows);
        await store.noteScans(
          rows.map(({ computerId }) => ({ id: computerId, lastScan: aLastScan({ scanTs: at }), administrators: null })),
        );
      }
      expect(writes()).toBeLessThan((2 * count) / size / 3);
      const before = known();
      expect(before.seen).toBeGreaterThan(count * 0.85);
      expect(before.noted).toBeGreaterThan(count * 0.85);
      await store.putScanRun(aScanRun('r1', { startedAt: at }));
      expect(known()).toEqual({ seen: count, noted: count });
    });
  });

  it('keeps who is and who was an administrator, each list once', async () => {
    await using(production, async (store) => {
      await store.enroll(newcomers(3));
      const note = (id: string, administrators: readonly string[] | null): ScanNote => ({
        id,
        lastScan: aLastScan(),
        administrators,
      });
      await store.noteScans([note('0', ['~-500', 'S-1-5-21-1-2-3-512']), note('1', ['~-500']), note('2', null)]);
      await store.noteScans([note('0', ['~-500', '~-1001']), note('1', null)]);
      expect(await collect(store.administrators())).toEqual([
        {
          id: '0',
          current: [
            { sid: 'S-1-5-21-1-2-3-512', onHost: false },
            { sid: '~-1001', onHost: true },
            { sid: '~-500', onHost: true },
          ],
        },
        { id: '1', current: [{ sid: '~-500', onHost: true }] },
      ]);
      await store.noteScans([note('1', ['half \ud83d'])]);
      expect((await collect(store.administrators()))[1]?.current).toContainEqual({ sid: 'half \ud83d', onHost: true });
    });
  });
});

describe('a SQLite store of version 3', () => {
  beforeEach(() => beside((db) => db.exec(versionThree)));

  it('becomes one of today and loses nothing', async () => {
    await using(production, async (store) => {
      expect(await collect(store.computers())).toMatchObject([
        { id: '1', protect: 'JITA', appliedSignature: 's1', lastSeenAt: '2026-03-02T09:10:00Z', lastScan: null },
        { id: '2', failedSubjects: ['account.enable {}'], lastSeenAt: '2026-03-02T09:00:00Z' },
        { id: '3', lastSeenAt: '2026-03-02T09:10:00Z' },
      ]);
      const scan = await store.latestScan('inventory');
      expect(scan).toMatchObject({ at: '2026-03-02T09:10:00Z', expected: 3 });
      expect(await collect(scan?.rows ?? [])).toEqual([row('1', 'same text'), row('3', 'second text')]);
      expect(await store.history('3')).toEqual([
        { since: '2026-03-02T09:10:00Z', text: 'second text' },
        { since: '2026-03-02T09:00:00Z', text: 'first text' },
      ]);
      expect(await store.unsettled()).toMatchObject([{ name: 'Trueup r1 a' }]);
      expect((await collect(store.drift({}))).map(({ id }) => id)).toEqual(['d1']);
      expect((await store.spent('2026-03-01T00:00:00.000Z')).own.removals).toBe(1);
      const again = [row('1', 'same text'), row('3', 'second text')];
      expect(await store.saveAnswers('inventory', 'r3', '2026-03-02T09:20:00.000Z', again)).toBe(0);
      expect(await store.latestScan('posture')).toBeNull();
      await store.noteScans([{ id: '1', lastScan: aLastScan(), administrators: null }]);
      expect((await collect(store.computers()))[0]?.lastScan).toEqual(aLastScan());
    });
    await using(test, async (store) => {
      expect((await store.latestScan('inventory'))?.at).toBe('2026-03-02T08:00:00Z');
      // Its number must not be one that the older file gave to a series of another provider.
      await store.saveScan('posture', 'p', '2026-03-02T09:00:00Z', 1, [row('9', 'a posture')]);
      expect(await store.history('9')).toEqual([]);
      expect((await store.latestScan('inventory'))?.at).toBe('2026-03-02T08:00:00Z');
    });
    expect(beside((db) => db.prepare('SELECT text, uses FROM text ORDER BY id').all())).toEqual([
      { text: 'same text', uses: 3 },
      { text: 'first text', uses: 1 },
      { text: 'second text', uses: 1 },
      { text: 'a posture', uses: 1 },
    ]);
  });

  it('has then the very tables and indexes of a new one', async () => {
    await using(production, async () => {});
    const migrated = beside(layoutOf);
    rmSync(own.file);
    await using(production, async () => {});
    expect(migrated).toEqual(beside(layoutOf));
  });

  it('is read without being migrated', async () => {
    const before = readFileSync(own.file);
    await using({ ...production, mode: 'read' }, async (store) => {
      expect((await store.latestScan('inventory'))?.at).toBe('2026-03-02T09:10:00Z');
      expect(await store.scanRuns(5)).toEqual([]);
      await expect(store.enqueue([])).resolves.toBe(0);
      await expect(store.putScanRun(aScanRun('a'))).rejects.toMatchObject({ code: 'TRUEUP_INTERNAL' });
    });
    expect(readFileSync(own.file).equals(before)).toBe(true);
    expect(readdirSync(own.folder)).toEqual(['state.db']);
  });
});

describe('an index of the SQLite store', () => {
  it('that somebody took away is there again at the next start', async () => {
    await using(production, async () => {});
    const before = beside(layoutOf);
    beside((db) => db.exec('DROP INDEX journal_by_time; DROP INDEX scan_run_by_time'));
    await using(production, async () => {});
    expect(beside(layoutOf)).toEqual(before);
  });
});

function layoutOf(db: DatabaseSync): unknown {
  const objects = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name";
  const words = (sql: unknown): string =>
    String(sql)
      .replaceAll(/\s*--.*/g, '')
      .replaceAll(/\s+/g, ' ');
  return db
    .prepare(objects)
    .all()
    .map(({ type, name, sql }) => ({ type, name, sql: words(sql) }));
}
