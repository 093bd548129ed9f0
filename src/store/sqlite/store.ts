/**
 * The embedded store: one SQLite file, in which Trueup plays NPS-D's part (1-product.md, "Whose records"). One process
 * at a time enforces from it; others may read beside it (write-ahead log).
 */
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TrueupError } from '../../errors.ts';
import type { Store, StoreOptions } from '../../ports.ts';
import { lateWrites } from '../late.ts';
import { pack } from '../text.ts';
import { audit } from './audit.ts';
import { budgets } from './budgets.ts';
import { computers } from './computers.ts';
import { credentials } from './credentials.ts';
import { type Database, openDatabase } from './database.ts';
import { drift } from './drift.ts';
import { health } from './health.ts';
import { leases } from './leases.ts';
import { observations } from './observations.ts';
import { records } from './records.ts';
import { retention } from './retention.ts';
import { runs } from './runs.ts';
import { scanHistory } from './scan-history.ts';
import { scanQueue } from './scan-queue.ts';
import { bringUpToDate, refuseNewer, SCHEMA_VERSION, versionOf } from './schema.ts';

/** `path` is absolute or `:memory:`; `now` answers ISO times. */
export function openSqlite(path: string, address: string, options: StoreOptions, now: () => string): Store {
  const db = options.mode === 'read' ? openForReading(path, address) : openForWriting(path, address);
  try {
    const scope = scopeOf(db, options);
    if (options.mode === 'read') db.refuseWrites();
    const late = lateWrites();
    return {
      owner: 'embedded',
      address,
      ...records(db),
      ...computers(db, scope, options.provider, late),
      ...observations(db, scope, late),
      ...drift(db, scope),
      ...runs(db, scope),
      ...scanQueue(db, scope),
      ...scanHistory(db, scope, late),
      ...retention(db, scope),
      ...budgets(db, scope),
      ...audit(db),
      ...credentials(db, scope),
      ...leases(db, scope, now),
      ...health(path),
      close: async () => {
        try {
          await late.finish();
        } finally {
          db.close();
        }
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

function openForWriting(path: string, address: string): Database {
  if (path !== ':memory:') createPrivately(path, address);
  return opened(path, address, (db) => {
    const version = versionOf(db, address);
    if (version !== 'empty') refuseNewer(version, address);
    db.exec('PRAGMA journal_mode = WAL');
    bringUpToDate(db, address);
    return db;
  });
}

/**
 * Creates and migrates nothing on the disk: a store that is not there yet is an empty one in memory, and an older one
 * is copied into memory and migrated there, so that a plan can be looked at before anything is upgraded.
 */
function openForReading(path: string, address: string): Database {
  if (path === ':memory:' || !existsSync(path) || statSync(path).size === 0) return inMemory(address);
  return opened(path, address, (db) => {
    const version = versionOf(db, address);
    if (version === 'empty') {
      db.close();
      return inMemory(address);
    }
    refuseNewer(version, address);
    if (version === SCHEMA_VERSION) return db;
    db.close();
    return inMemory(address, path);
  });
}

function opened(path: string, address: string, check: (db: Database) => Database): Database {
  const db = openDatabase(path, address);
  try {
    return check(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** `original`: a file of an older layout to copy first. */
function inMemory(address: string, original?: string): Database {
  return opened(':memory:', address, (db) => {
    if (original !== undefined) copyInto(db, original);
    bringUpToDate(db, address);
    return db;
  });
}

function copyInto(db: Database, original: string): void {
  db.run('ATTACH ? AS original', original);
  const objects = db.all<{ name: string; type: string; sql: string }>(
    "SELECT name, type, sql FROM original.sqlite_schema WHERE sql IS NOT NULL ORDER BY type = 'table' DESC",
  );
  for (const { sql } of objects) db.exec(sql);
  for (const { name } of objects.filter((object) => object.type === 'table'))
    db.exec(`INSERT INTO main."${name}" SELECT * FROM original."${name}"`);
  for (const header of ['application_id', 'user_version']) {
    const value = db.get<Record<string, number>>(`PRAGMA original.${header}`)?.[header] ?? 0;
    db.exec(`PRAGMA main.${header} = ${value}`);
  }
  db.exec('DETACH original');
}

/** The store says who administers what: folder and file are for their owner alone. SQLite's side files follow suit. */
function createPrivately(path: string, address: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw new TrueupError('TRUEUP_STORE_UNREACHABLE', `${address}: ${(error as Error).message}.`, {
      cause: 'The file or its folder cannot be created or written.',
      remedy: 'Check the path of --store and the rights on its folder.',
      origin: error,
    });
  }
}

/** The number under which the tables keep this provider; 0 where the store knows nothing of it and may not be told. */
function scopeOf(db: Database, options: StoreOptions): number {
  const provider = pack(options.provider);
  if (options.mode === 'write') db.run('INSERT OR IGNORE INTO scope (provider) VALUES (?)', provider);
  return db.get<{ id: number }>('SELECT id FROM scope WHERE provider = ?', provider)?.id ?? 0;
}
