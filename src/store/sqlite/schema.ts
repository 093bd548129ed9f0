/**
 * The layout of an embedded store and how an older one becomes the present one. A store says in its header whose it is
 * (`application_id`) and which layout it has (`user_version`).
 */
import { TrueupError } from '../../errors.ts';
import { hashOf } from '../text.ts';
import type { Database } from './database.ts';

/** `true` in ASCII. */
export const APPLICATION_ID = 0x74727565;
export const SCHEMA_VERSION = 3;

const texts = `
CREATE TABLE text (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  text TEXT NOT NULL,
  -- How many devices give it now or gave it within their history; at 0 it goes.
  uses INTEGER NOT NULL
) STRICT;
CREATE TABLE device (
  -- The bit of this device in scan.answered.
  number INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  computer_id TEXT NOT NULL,
  name TEXT NOT NULL,
  os TEXT NOT NULL,
  domain TEXT,
  text INTEGER NOT NULL,
  since TEXT NOT NULL,
  -- Earlier texts, newest first: [[since, text id], …]
  past TEXT NOT NULL,
  -- When it last answered, unless that was the latest scan.
  seen_at TEXT,
  UNIQUE (scope, computer_id)
) STRICT;
CREATE TABLE scan (
  scope INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  at TEXT NOT NULL,
  expected INTEGER NOT NULL,
  answered BLOB NOT NULL
) STRICT;`;

const ledgers = `
CREATE TABLE spending (
  scope INTEGER NOT NULL,
  name TEXT NOT NULL,
  at TEXT NOT NULL,
  removals INTEGER NOT NULL,
  disables INTEGER NOT NULL,
  rotations INTEGER NOT NULL,
  devices INTEGER NOT NULL,
  PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (number INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE INDEX spending_by_time ON spending (at);
CREATE INDEX journal_by_time ON journal (scope, intended_at);`;

/** Tables hold one provider each by its `scope`; toggles and provider rows are common to all, as in NPS-D. */
const layout = `
CREATE TABLE scope (id INTEGER PRIMARY KEY, provider TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE toggle (name TEXT PRIMARY KEY, enabled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE provider (
  id INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,
  name TEXT NOT NULL,
  enable INTEGER,
  api_base_url TEXT,
  proxy_url TEXT,
  proxy_username TEXT,
  options TEXT NOT NULL
) STRICT;
CREATE TABLE computer (
  scope INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  domain TEXT,
  os TEXT,
  scan INTEGER NOT NULL,
  protect TEXT NOT NULL,
  offline_access TEXT NOT NULL,
  edr_integration TEXT,
  inserted_at TEXT NOT NULL,
  computer_id TEXT,
  machine_sid TEXT,
  identity_conflict TEXT,
  applied_signature TEXT,
  failed_subjects TEXT NOT NULL,
  pending_until TEXT,
  PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE applied (
  scope INTEGER NOT NULL,
  signature TEXT NOT NULL,
  facets TEXT NOT NULL,
  PRIMARY KEY (scope, signature)
) STRICT, WITHOUT ROWID;
CREATE TABLE drift (
  scope INTEGER NOT NULL,
  id TEXT NOT NULL,
  device TEXT NOT NULL,
  computer_id TEXT NOT NULL,
  state TEXT NOT NULL,
  last_seen INTEGER,
  record TEXT NOT NULL,
  PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX drift_by_device ON drift (scope, device, id);
CREATE TABLE run (scope INTEGER NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, plan TEXT, PRIMARY KEY (scope, id)) STRICT;
CREATE TABLE journal (
  number INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  intended_at TEXT NOT NULL,
  record TEXT NOT NULL,
  UNIQUE (scope, name)
) STRICT;
CREATE INDEX journal_open ON journal (scope, intended_at, number) WHERE state IN ('intended', 'issued');
CREATE TABLE lease (
  scope INTEGER NOT NULL,
  name TEXT NOT NULL,
  token INTEGER NOT NULL,
  holder TEXT,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;
${texts}
${ledgers}
INSERT INTO toggle (name, enabled) VALUES ('tanium_cloud', 0);`;

/** By the version that each starts from. Version 1 kept a device's text with the device, and no
 * history; version 2 had no spending and no audit. */
const migrations: Readonly<Record<number, string>> = {
  1: `
ALTER TABLE device RENAME TO device_1;
DROP TABLE scan;
ALTER TABLE computer ADD COLUMN pending_until TEXT;
${texts}
INSERT INTO text (hash, text, uses) SELECT sha256(text), text, count(*) FROM device_1 GROUP BY text;
INSERT INTO device (scope, computer_id, name, os, domain, text, since, past, seen_at)
  SELECT scope, computer_id, name, os, domain, (SELECT id FROM text WHERE hash = sha256(device_1.text)), at, '[]', at
  FROM device_1 ORDER BY scope, computer_id;
DROP TABLE device_1;`,
  2: ledgers,
};

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
    if (version === SCHEMA_VERSION) return;
    if (version === 'empty') db.exec(layout);
    else {
      refuseNewer(version, address);
      for (let from = version; from < SCHEMA_VERSION; from++) db.exec(migrationFrom(from, address));
    }
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
