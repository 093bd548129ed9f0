/** The tables and indexes of an embedded store, and how those of an older version become the present ones. */

/** Tables hold one provider each by its `scope`; toggles and provider rows are common to all, as in NPS-D. */
const unchangedSinceOne = `
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
CREATE TABLE lease (
  scope INTEGER NOT NULL,
  name TEXT NOT NULL,
  token INTEGER NOT NULL,
  holder TEXT,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;`;

const texts = `
CREATE TABLE text (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  text TEXT NOT NULL,
  -- How many devices give it now or gave it within their history; at 0 it goes.
  uses INTEGER NOT NULL
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
CREATE TABLE audit (number INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;`;

const fleet = `
CREATE TABLE computer (
  -- The bit of this computer in outcome.computers.
  number INTEGER PRIMARY KEY,
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
  -- As JSON; null: nothing.
  in_use TEXT,
  -- An administrators.id.
  administrators INTEGER,
  -- What the last scan came to, unless an outcome has this computer.
  last_scan TEXT,
  UNIQUE (scope, id)
) STRICT;
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (scope, name)
) STRICT;
CREATE TABLE device (
  -- The bit of this device in sighting.answered.
  number INTEGER PRIMARY KEY,
  series INTEGER NOT NULL,
  computer_id TEXT NOT NULL,
  name TEXT NOT NULL,
  os TEXT NOT NULL,
  domain TEXT,
  text INTEGER NOT NULL,
  since TEXT NOT NULL,
  -- Earlier texts, newest first: [[since, text id], …]
  past TEXT NOT NULL,
  -- When it last answered, unless a sighting later than that has this device.
  seen_at TEXT,
  UNIQUE (series, computer_id)
) STRICT;
CREATE TABLE sighting (
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL,
  run TEXT NOT NULL,
  at TEXT NOT NULL,
  -- Devices that a scan of the whole fleet expected; null: it was of a part.
  expected INTEGER,
  answered BLOB NOT NULL,
  UNIQUE (series, run, at)
) STRICT;
CREATE TABLE outcome (
  scope INTEGER NOT NULL,
  -- A LastScan as JSON; each computer is in at most one.
  last_scan TEXT NOT NULL,
  computers BLOB NOT NULL,
  PRIMARY KEY (scope, last_scan)
) STRICT;
CREATE TABLE administrators (
  id INTEGER PRIMARY KEY,
  -- [[SID, on host], …] by SID; a fleet has a few thousand.
  entries TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE scan_queue (
  number INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  requested_at TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- When and by whom it was taken; null: it waits.
  since TEXT,
  holder TEXT,
  attempts INTEGER NOT NULL,
  UNIQUE (scope, id)
) STRICT;
CREATE TABLE scan_run (
  number INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  id TEXT NOT NULL,
  started_at TEXT NOT NULL,
  status TEXT NOT NULL,
  record TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;`;

/** No column holds anything that opens without the key. */
const credentials = `
CREATE TABLE credential (
  scope INTEGER NOT NULL,
  computer_id TEXT NOT NULL,
  account TEXT NOT NULL,
  revision INTEGER NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (scope, computer_id, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE rotation_key (
  scope INTEGER NOT NULL,
  id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  public_key TEXT NOT NULL,
  sealed TEXT NOT NULL,
  PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;`;

export const layout: string = `
${unchangedSinceOne}
${texts}
${ledgers}
${fleet}
${credentials}
INSERT INTO toggle (name, enabled) VALUES ('tanium_cloud', 0);`;

/** Of a drift record: a check of a baseline, or what a plan would change. */
export const isCheck: string = "json_extract(record, '$.kind') = 'compliance.check'";
export const isChange: string = "json_extract(record, '$.kind') <> 'compliance.check'";

/** Every index but those that keep a key unique; made at each start where it is missing. */
export const indexes: string = `
CREATE INDEX IF NOT EXISTS drift_by_device ON drift (scope, device, id);
CREATE INDEX IF NOT EXISTS drift_changes ON drift (scope, device, id) WHERE ${isChange};
CREATE INDEX IF NOT EXISTS drift_checks ON drift (scope, device, id) WHERE ${isCheck};
CREATE INDEX IF NOT EXISTS drift_over ON drift (scope, last_seen) WHERE state = 'resolved';
CREATE INDEX IF NOT EXISTS journal_by_run ON journal (scope, json_extract(record, '$.run'), intended_at, number);
CREATE INDEX IF NOT EXISTS journal_by_time ON journal (scope, intended_at);
CREATE INDEX IF NOT EXISTS journal_open ON journal (scope, intended_at, number) WHERE state IN ('intended', 'issued');
CREATE INDEX IF NOT EXISTS run_by_end ON run (scope, json_extract(record, '$.endedAt'));
CREATE INDEX IF NOT EXISTS run_by_start ON run (scope, json_extract(record, '$.startedAt'));
CREATE INDEX IF NOT EXISTS run_in_waves ON run (scope, json_extract(record, '$.startedAt'))
  WHERE json_extract(record, '$.summary.waves') IS NOT NULL;
CREATE INDEX IF NOT EXISTS scan_queue_by_time ON scan_queue (scope, requested_at, number);
CREATE INDEX IF NOT EXISTS scan_run_by_time ON scan_run (scope, started_at, number);
CREATE INDEX IF NOT EXISTS spending_by_time ON spending (at);`;

const computerColumns = `scope, id, name, domain, os, scan, protect, offline_access, edr_integration, inserted_at,
  computer_id, machine_sid, identity_conflict, applied_signature, failed_subjects, pending_until`;

/**
 * By the version that each starts from. Version 1 kept a device's text with the device, and no history; version 2 had
 * no spending and no audit; version 3 knew one scan of one sensor, and neither queue nor outcomes; version 4 no passwords.
 */
export const migrations: Readonly<Record<number, string>> = {
  1: `
ALTER TABLE device RENAME TO device_1;
DROP TABLE scan;
ALTER TABLE computer ADD COLUMN pending_until TEXT;
CREATE TABLE device (
  number INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  computer_id TEXT NOT NULL,
  name TEXT NOT NULL,
  os TEXT NOT NULL,
  domain TEXT,
  text INTEGER NOT NULL,
  since TEXT NOT NULL,
  past TEXT NOT NULL,
  seen_at TEXT
) STRICT;
CREATE TABLE scan (
  scope INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  at TEXT NOT NULL,
  expected INTEGER NOT NULL,
  answered BLOB NOT NULL
) STRICT;
${texts}
INSERT INTO text (hash, text, uses) SELECT sha256(text), text, count(*) FROM device_1 GROUP BY text;
INSERT INTO device (scope, computer_id, name, os, domain, text, since, past, seen_at)
  SELECT scope, computer_id, name, os, domain, (SELECT id FROM text WHERE hash = sha256(device_1.text)), at, '[]', at
  FROM device_1 ORDER BY scope, computer_id;
DROP TABLE device_1;`,
  2: ledgers,
  3: `
ALTER TABLE computer RENAME TO computer_3;
ALTER TABLE device RENAME TO device_3;
${fleet}
INSERT INTO computer (${computerColumns}) SELECT ${computerColumns} FROM computer_3 ORDER BY scope, id;
INSERT INTO series (id, scope, name) SELECT id, id, 'inventory' FROM scope;
INSERT INTO device (number, series, computer_id, name, os, domain, text, since, past, seen_at)
  SELECT number, scope, computer_id, name, os, domain, text, since, past, seen_at FROM device_3 ORDER BY number;
INSERT INTO sighting (series, run, at, expected, answered) SELECT scope, run, at, expected, answered FROM scan;
DROP TABLE scan;
DROP TABLE device_3;
DROP TABLE computer_3;`,
  4: credentials,
};

/** Computers of a provider, by its name, or by its kind as the seed's own query has it (npsd-domain.md C4), or of none yet. */
export const ofProvider = "(edr_integration IS NULL OR edr_integration IN ('', 'tanium_cloud', ?))";
