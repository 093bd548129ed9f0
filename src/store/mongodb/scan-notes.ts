/**
 * What a scan changes in NPS-D's records: `lastScan` and `last_scanned`, and `onHost` of the entries that the
 * administrators inventory has already. Entries are neither made nor removed, and other keys of theirs never touched.
 */
import type { AnyBulkWriteOperation } from 'mongodb';
import type { RecordedAdministrator, RecordedAdministrators, ScanNote } from '../../model/scan.ts';
import { isSid, localSid, ridOf, type Sid } from '../../model/sid.ts';
import type { ComputerStore } from '../../ports.ts';
import { blocks } from '../blocks.ts';
import { nameOf, namePaths } from './computer-record.ts';
import { type NoteDocument, notesOf, recordsOfProvider } from './computers.ts';
import type { Connection } from './connection.ts';
import { type Document, isObject, valueAt } from './fields.ts';
import { documentId, idOf } from './identity.ts';
import { encodedLastScan } from './last-scan.ts';
import { isLocal, isOfUnknown, type Machine } from './sessions.ts';

type NpsdDocument = Document & { readonly _id: unknown };
type Update = AnyBulkWriteOperation<{ _id: never }>;

export function scanNotes(connection: Connection): Pick<ComputerStore, 'noteScans' | 'administrators'> {
  return {
    async noteScans(notes) {
      connection.writing();
      // Of two notes on one computer the later holds.
      const latest = new Map(notes.map((note) => [note.id, note]));
      for await (const block of blocks(latest.values())) await noteBlock(connection, block);
    },
    administrators: () => list(connection),
  };
}

/** One request reads, and one writes: an `updateMany` for each distinct result, an `updateOne` for each `onHost`. */
async function noteBlock(connection: Connection, notes: readonly ScanNote[]): Promise<void> {
  const computers = connection.npsd('computers');
  const ids = notes.map(({ id }) => documentId(id) as never);
  const found = await connection.call(() =>
    computers.find<NpsdDocument>({ _id: { $in: ids } }, { projection: projectionOf(connection) }).toArray(),
  );
  const collection = connection.fields.collections.computers;
  const documents = new Map(found.map((document) => [idOf(document._id, collection), document]));
  const own = await notesOf(
    connection,
    notes.filter(({ administrators }) => administrators !== null),
  );
  const updates = [
    ...lastScanUpdates(connection, notes, documents),
    ...notes.flatMap((note) => [
      ...onHostUpdates(connection, note, documents.get(note.id), own.get(connection.key(note.id))),
    ]),
  ];
  if (updates.length > 0) await connection.call(() => computers.bulkWrite(updates, { ordered: false }));
}

function projectionOf({ fields }: Connection): Record<string, 1> {
  const entry = ['sid', 'domain', 'onHost'].map((key) => `${fields.computer.administrators}.${key}`);
  return Object.fromEntries([...namePaths(fields), fields.computer.lastScan, ...entry].map((path) => [path, 1]));
}

/** Records in which `lastScan` is something else than an object are left alone; where it is null, it is made. */
function* lastScanUpdates(
  { fields }: Connection,
  notes: readonly ScanNote[],
  documents: ReadonlyMap<string, NpsdDocument>,
): Generator<Update> {
  const path = fields.computer.lastScan;
  const groups = new Map<string, { readonly note: ScanNote; readonly some: unknown[]; readonly none: unknown[] }>();
  for (const note of notes) {
    const document = documents.get(note.id);
    if (document === undefined) continue;
    const key = JSON.stringify(note.lastScan);
    const group = groups.get(key) ?? { note, some: [], none: [] };
    groups.set(key, group);
    const present = valueAt(document, path);
    if (present === null) group.none.push(document._id);
    else if (present === undefined || isObject(present)) group.some.push(document._id);
  }
  for (const { note, some, none } of groups.values()) {
    const lastScan = encodedLastScan(note.lastScan);
    const last = { [fields.computer.lastScanned]: lastScan['scanTs'] };
    const dotted = Object.fromEntries(Object.entries(lastScan).map(([key, value]) => [`${path}.${key}`, value]));
    if (some.length > 0)
      yield { updateMany: { filter: { _id: { $in: some as never[] } }, update: { $set: { ...dotted, ...last } } } };
    if (none.length > 0)
      yield {
        updateMany: { filter: { _id: { $in: none as never[] } }, update: { $set: { [path]: lastScan, ...last } } },
      };
  }
}

/** Only of entries that say otherwise, each guarded by its SID: NPS-D may have moved it since it was read. */
function* onHostUpdates(
  connection: Connection,
  { administrators }: ScanNote,
  document: NpsdDocument | undefined,
  note: NoteDocument | undefined,
): Generator<Update> {
  if (administrators === null || document === undefined) return;
  const now = new Set(administrators);
  const machine = { name: nameOf(document, connection.fields) ?? '', machineSid: note?.machineSid ?? null };
  for (const [index, entry] of entriesOf(document, connection).entries()) {
    if (!isObject(entry)) continue;
    const { sid } = entry;
    // Of another spelling nobody can tell who it is.
    if (typeof sid !== 'string' || !isSid(sid)) continue;
    const onHost = isMember(now, sid, entry, machine);
    if (onHost === null || onHost === entry['onHost']) continue;
    const path = `${connection.fields.computer.administrators}.${index}`;
    const filter = { _id: document._id as never, [`${path}.sid`]: sid };
    yield { updateOne: { filter, update: { $set: { [`${path}.onHost`]: onHost } } } };
  }
}

/**
 * Null: nobody can tell, for the inventory has a local account of this RID, and neither the machine's SID nor the
 * entry's domain says whether the entry is of this machine.
 */
function isMember(now: ReadonlySet<Sid>, sid: Sid, entry: Document, machine: Machine): boolean | null {
  if (now.has(sid)) return true;
  const relative = localSid(ridOf(sid));
  if (!now.has(relative)) return false;
  if (isOfUnknown(entry, machine)) return null;
  return isLocal(sid, entry, machine);
}

function entriesOf(document: Document, { fields }: Connection): readonly unknown[] {
  const entries = valueAt(document, fields.computer.administrators);
  return Array.isArray(entries) ? entries : [];
}

async function* list(connection: Connection): AsyncGenerator<RecordedAdministrators> {
  const cursor = recordsOfProvider(connection, projectionOf(connection));
  const collection = connection.fields.collections.computers;
  for await (const block of blocks(connection.each(cursor))) {
    const records = block.map((document) => ({ id: idOf(document._id, collection), document }));
    const notes = await notesOf(connection, records);
    for (const { id, document } of records) {
      const machineSid = notes.get(connection.key(id))?.machineSid ?? null;
      const machine = { name: nameOf(document, connection.fields) ?? '', machineSid };
      const current = entriesOf(document, connection).flatMap((entry) => administratorsIn(entry, machine));
      if (current.length > 0) yield { id, current };
    }
  }
}

/** None of an entry without a SID that we know (F27). */
function administratorsIn(entry: unknown, machine: Machine): readonly RecordedAdministrator[] {
  if (!isObject(entry)) return [];
  const { sid, onHost } = entry;
  if (typeof sid !== 'string' || !isSid(sid)) return [];
  const relative = isLocal(sid, entry, machine) ? localSid(ridOf(sid)) : sid;
  return [{ sid: relative, onHost: typeof onHost === 'boolean' ? onHost : null }];
}
