import type { SQLInputValue } from 'node:sqlite';
import { TrueupError } from '../../errors.ts';
import type { Protect } from '../../model/desired.ts';
import type { AppliedFacets, ComputerNote, RecordedComputer } from '../../model/recorded.ts';
import type { Sid } from '../../model/sid.ts';
import type { ComputerChange, ComputerStore } from '../../ports.ts';
import { blocks, nextTurn } from '../blocks.ts';
import type { LateWrites } from '../late.ts';
import { lastSeen } from '../sightings.ts';
import { pack, packOrNull, parseRecord, unpack, unpackOrNull } from '../text.ts';
import { type Database, justAfter } from './database.ts';
import { ofProvider } from './layout.ts';
import { lastScans, outcomes } from './outcomes.ts';
import { seriesOf, sightings } from './sightings.ts';

/** Sessions are NPS-D's, and here is none. */
const noSessions: readonly Sid[] = [];

interface ComputerRow {
  id: string;
  name: string;
  domain: string | null;
  os: string | null;
  scan: number;
  protect: Protect;
  offline_access: string;
  edr_integration: string | null;
  inserted_at: string;
  computer_id: string | null;
  machine_sid: string | null;
  identity_conflict: string | null;
  applied_signature: string | null;
  failed_subjects: string;
  pending_until: string | null;
  in_use: string | null;
  number: number;
  last_scan: string | null;
  device: number | null;
  seen_at: string | null;
}

/**
 * Computers of the embedded store: a device's id is its Tanium Computer ID, and a new one has the settings of a system
 * that NPS-D has just found, with nothing switched on.
 */
export function computers(db: Database, scope: number, provider: string, late: LateWrites): ComputerStore {
  return {
    computers: () => list(db, scope, provider, late),
    ...outcomes(db, scope, provider, late),
    async enroll(newcomers) {
      for await (const block of blocks(newcomers)) {
        db.transaction(() => {
          // One that is there already is left from a run that was cut off.
          for (const one of block)
            db.run(
              `INSERT OR IGNORE INTO computer (scope, id, name, domain, os, scan, protect, offline_access, inserted_at,
               computer_id, failed_subjects) VALUES (?, ?, ?, ?, ?, 0, 'Disabled', 'Unmanaged', ?, ?, '[]')`,
              scope,
              pack(one.computerId),
              pack(one.name),
              packOrNull(one.domain),
              pack(one.os),
              one.insertedAt,
              pack(one.computerId),
            );
        });
      }
    },
    async change(changes) {
      // All of them are looked for before the first is written.
      for await (const block of blocks(changes)) {
        for (const { id } of block) assertKnown(db, scope, id);
      }
      for await (const block of blocks(changes)) {
        db.transaction(() => {
          for (const one of block) update(db, scope, one.id, changedColumns(one));
        });
      }
    },
    async note(notes) {
      for await (const block of blocks(notes)) {
        db.transaction(() => {
          for (const one of block) update(db, scope, one.id, notedColumns(one));
        });
      }
    },
    async applied() {
      const rows = db.all<{ signature: string; facets: string }>(
        'SELECT signature, facets FROM applied WHERE scope = ? ORDER BY signature',
        scope,
      );
      return new Map(
        rows.map((row) => [row.signature, parseRecord<AppliedFacets>(row.facets, `applied ${row.signature}`)]),
      );
    },
    async saveApplied(signature, facets) {
      db.run(
        `INSERT INTO applied (scope, signature, facets) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET facets = excluded.facets WHERE facets <> excluded.facets`,
        scope,
        signature,
        JSON.stringify(facets),
      );
    },
  };
}

type Column = readonly [name: string, value: SQLInputValue];

function changedColumns(change: ComputerChange): Column[] {
  const columns: Column[] = [];
  if (change.scan !== undefined) columns.push(['scan', change.scan ? 1 : 0]);
  if (change.protect !== undefined) columns.push(['protect', change.protect]);
  if (change.offlineAccess !== undefined) columns.push(['offline_access', change.offlineAccess]);
  if (change.edrIntegration !== undefined) columns.push(['edr_integration', pack(change.edrIntegration)]);
  return columns;
}

function notedColumns(note: ComputerNote): Column[] {
  const columns: Column[] = [];
  if (note.computerId !== undefined) columns.push(['computer_id', pack(note.computerId)]);
  if (note.machineSid !== undefined) columns.push(['machine_sid', pack(note.machineSid)]);
  if (note.identityConflict !== undefined) columns.push(['identity_conflict', packOrNull(note.identityConflict)]);
  if (note.appliedSignature !== undefined) columns.push(['applied_signature', note.appliedSignature]);
  if (note.failedSubjects !== undefined) columns.push(['failed_subjects', JSON.stringify(note.failedSubjects)]);
  if (note.pendingUntil !== undefined) columns.push(['pending_until', note.pendingUntil]);
  if (note.inUse !== undefined) columns.push(['in_use', jsonOf(note.inUse)]);
  return columns;
}

function jsonOf(record: object): string | null {
  return Object.keys(record).length === 0 ? null : JSON.stringify(record);
}

/** Column names are the literals above; values are bound. */
function update(db: Database, scope: number, id: string, columns: readonly Column[]): void {
  if (columns.length === 0) return;
  const assignments = columns.map(([name]) => `${name} = ?`).join(', ');
  const values = columns.map(([, value]) => value);
  const { changes } = db.run(
    `UPDATE computer SET ${assignments} WHERE scope = ? AND id = ?`,
    ...values,
    scope,
    pack(id),
  );
  if (changes === 0) throw missing(id);
}

function assertKnown(db: Database, scope: number, id: string): void {
  if (!db.tuple('SELECT 1 FROM computer WHERE scope = ? AND id = ?', scope, pack(id))) throw missing(id);
}

function missing(id: string): TrueupError {
  return new TrueupError('TRUEUP_STORE_INVALID', `The store has no computer ${JSON.stringify(id)}.`);
}

/** Computers read at a time: what is made of so few is gone before the collector takes it for something that stays. */
const PAGE = 100;

/** Page by page instead of by one long statement, so that writes in between neither wait nor disturb it. */
async function* list(
  db: Database,
  scope: number,
  provider: string,
  late: LateWrites,
): AsyncGenerator<RecordedComputer> {
  await late.finish();
  const series = seriesOf(db, scope, 'inventory');
  const seen = lastSeen(sightings(db, series));
  const lastScan = lastScans(db, scope);
  let from = '';
  for (;;) {
    const page = db.all<ComputerRow>(
      `SELECT computer.*, device.number AS device, device.seen_at FROM computer
       LEFT JOIN device ON device.series = ? AND device.computer_id = computer.computer_id
       WHERE computer.scope = ? AND id >= ? AND ${ofProvider} ORDER BY id LIMIT ${PAGE}`,
      series,
      scope,
      from,
      pack(provider),
    );
    for (const row of page)
      yield decoded(row, {
        lastSeenAt: row.device === null ? null : seen(row.device, row.seen_at),
        lastScan: lastScan(row.number, row.last_scan),
      });
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    await nextTurn();
    from = justAfter(last.id);
  }
}

function decoded(row: ComputerRow, last: Pick<RecordedComputer, 'lastSeenAt' | 'lastScan'>): RecordedComputer {
  return {
    id: unpack(row.id),
    name: unpack(row.name),
    computerId: unpackOrNull(row.computer_id),
    machineSid: unpackOrNull(row.machine_sid),
    identityConflict: unpackOrNull(row.identity_conflict),
    domain: unpackOrNull(row.domain),
    ou: null,
    os: unpackOrNull(row.os),
    scan: row.scan === 1,
    protect: row.protect,
    offlineAccess: row.offline_access,
    edrIntegration: unpackOrNull(row.edr_integration),
    insertedAt: row.inserted_at,
    ...last,
    appliedSignature: row.applied_signature,
    failedSubjects: parseRecord(row.failed_subjects, `failures of computer ${row.id}`),
    pendingUntil: row.pending_until,
    ...(row.in_use === null ? {} : { inUse: parseRecord(row.in_use, `refusals of computer ${row.id}`) }),
    sessions: noSessions,
  };
}
