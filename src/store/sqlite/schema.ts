/**
 * The layout of an embedded store and how an older one becomes the present one. A store says in its header whose it is
 * (`application_id`) and which layout it has (`user_version`).
 */
import { TrueupError } from '../../errors.ts';
import { hashOf } from '../text.ts';
import type { Database } from './database.ts';
import { indexes, layout, migrations } from './layout.ts';

/** `true` in ASCII. */
export const APPLICATION_ID = 0x74727565;
export const SCHEMA_VERSION = 5;

/** `empty`: a file of no bytes, or a new one. Raises TRUEUP_STORE_INVALID for a database of somebody else. */
export function versionOf(db: Database, address: string): number | 'empty' {
  const id = pragma(db, 'application_id');
  const version = pragma(db, 'user_version');
  if (id === APPLICATION_ID) return version;
  const tables = db.get<{ tables: number }>('SELECT count(*) AS tables FROM sqlite_schema')?.tables ?? 0;
  if (id === 0 && version === 0 && tables === 0) return 'empty';
  throw new TrueupError('TRUEUP_STORE_INVALID', `${address} is a database, but not one of Trueup.`, {
    cause: 'The path names the database of another program.',
    remedy: 'Name another file with --store.',
  });
}

/** Raises TRUEUP_STORE_NEWER. */
export function refuseNewer(version: number, address: string): void {
  if (version <= SCHEMA_VERSION) return;
  throw new TrueupError(
    'TRUEUP_STORE_NEWER',
    `${address} has layout ${version}; this Trueup knows layouts up to ${SCHEMA_VERSION}.`,
  );
}

/** Brings any older layout to the present one, in one transaction: a crash in between leaves the old one whole. */
export function bringUpToDate(db: Database, address: string): void {
  db.define('sha256', hashOf);
  db.transaction(() => {
    // Read once more under the lock: another process may have done it meanwhile.
    const version = versionOf(db, address);
    if (version === 'empty') db.exec(layout);
    else {
      refuseNewer(version, address);
      for (let from = version; from < SCHEMA_VERSION; from++) db.exec(migrationFrom(from, address));
    }
    db.exec(indexes);
    if (version === SCHEMA_VERSION) return;
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`);
  });
}

function migrationFrom(version: number, address: string): string {
  const migration = migrations[version];
  if (migration === undefined)
    throw new TrueupError('TRUEUP_STORE_INVALID', `${address} says layout ${version}, which never existed.`);
  return migration;
}

function pragma(db: Database, name: 'application_id' | 'user_version'): number {
  return db.get<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0;
}
