import { TrueupError } from '../../errors.ts';
import type { ProviderFields } from '../../model/provider-fields.ts';
import type { AppliedFacets, ComputerNote, RecordedComputer } from '../../model/recorded.ts';
import type { ComputerChange, ComputerStore } from '../../ports.ts';
import { blocks } from '../blocks.ts';
import type { LateWrites } from '../late.ts';
import { lastSeen } from '../sightings.ts';
import { pack, packOrNull, parseRecord, unpack, unpackOrNull } from '../text.ts';
import { decodedSettings, type NpsdComputer, projectionOf } from './computer-record.ts';
import type { Connection } from './connection.ts';
import type { Document } from './fields.ts';
import { documentId, idOf } from './identity.ts';
import { sessionsIn } from './sessions.ts';
import { type DeviceDocument, sightings } from './sightings.ts';

/** What Trueup knows of a computer, beside NPS-D's record of it and never in it. */
export interface NoteDocument {
  _id: string;
  /** As {@link idOf} writes it. */
  id: string;
  computerId?: string;
  machineSid?: string;
  identityConflict?: string | null;
  appliedSignature?: string;
  failedSubjects?: readonly string[];
  pendingUntil?: string | null;
  /** As JSON: its keys are named after accounts, and a name may have dots and dollars. */
  inUse?: string;
}

interface AppliedDocument {
  _id: string;
  signature: string;
  facets: string;
}

/** NPS-D's computers, and Trueup's notes on them. Computers are never inserted. */
export function computers(
  connection: Connection,
  late: LateWrites,
): Omit<ComputerStore, 'noteScans' | 'administrators'> {
  const applied = connection.own<AppliedDocument>('applied');
  const notes = connection.own<NoteDocument>('computers');

  return {
    computers: () => list(connection, late),
    async enroll(newcomers) {
      if (newcomers.length === 0) return;
      throw new TrueupError(
        'TRUEUP_INTERNAL',
        `Computers of ${connection.address} are NPS-D's; Trueup does not enroll any there.`,
      );
    },
    async change(changes) {
      connection.writing();
      // All of them are looked at before the first is written: one of a strange shape, and none is.
      for await (const block of blocks(changes)) await assertKnown(connection, block);
      for await (const block of blocks(changes)) await write(connection, block);
    },
    async note(given) {
      connection.writing();
      for await (const block of blocks(given)) {
        const updates = block.map((note) => ({
          updateOne: { filter: { _id: connection.key(note.id) }, update: { $set: noted(note) }, upsert: true },
        }));
        await connection.call(() => notes.bulkWrite(updates, { ordered: false }));
      }
    },
    async applied() {
      const documents = await connection.call(() => applied.find(connection.mine, { sort: { _id: 1 } }).toArray());
      return new Map(
        documents.map(({ signature, facets }) => [
          unpack(signature),
          parseRecord<AppliedFacets>(facets, `applied ${signature}`),
        ]),
      );
    },
    async saveApplied(signature, facets) {
      connection.writing();
      // As JSON: facets are named after accounts, and a name may have dots and dollars.
      const document = { signature: pack(signature), facets: JSON.stringify(facets) };
      await connection.call(() => applied.replaceOne({ _id: connection.key(signature) }, document, { upsert: true }));
    },
  };
}

function noted({ id, inUse, ...note }: ComputerNote): Omit<NoteDocument, '_id'> {
  return {
    ...note,
    ...(inUse === undefined ? {} : { inUse: JSON.stringify(inUse) }),
    id: pack(id),
    ...(note.computerId === undefined ? {} : { computerId: pack(note.computerId) }),
    ...(note.identityConflict === undefined ? {} : { identityConflict: packOrNull(note.identityConflict) }),
    ...(note.failedSubjects === undefined ? {} : { failedSubjects: note.failedSubjects.map(pack) }),
  };
}

/** The records of the computers that are the provider's, or may be; ordered by `_id`. */
export function recordsOfProvider(
  connection: Connection,
  projection: Readonly<Record<string, 1>>,
): AsyncIterable<Document & { readonly _id: unknown }> {
  const path = connection.fields.computer.edrIntegration;
  return connection.npsd('computers').find<Document & { readonly _id: unknown }>(
    {
      // Users and groups may lie in the same collection (npsd-domain.md C2).
      obj_type: { $in: ['computer', null] },
      // The provider's name, or its kind as the seed's own query has it (C4), or nothing yet. What is not text at all
      // comes along, to be refused by name instead of being overlooked.
      $or: [{ [path]: { $in: [connection.provider, 'tanium_cloud', ''] } }, { [path]: { $not: { $type: 'string' } } }],
    },
    { projection, sort: { _id: 1 } },
  );
}

async function* list(connection: Connection, late: LateWrites): AsyncGenerator<RecordedComputer> {
  await late.finish();
  const cursor = recordsOfProvider(connection, projectionOf(connection.fields));
  const seen = lastSeen(await sightings(connection, 'inventory'));
  const collection = connection.fields.collections.computers;
  for await (const block of blocks(connection.each(cursor))) {
    const records = block.map((document) => ({
      id: idOf(document._id, collection),
      settings: decodedSettings(document, connection.fields),
      document,
    }));
    const notes = await notesOf(connection, records);
    const devices = await devicesOf(connection, [...notes.values()]);
    for (const { id, settings, document } of records) {
      const note = notes.get(connection.key(id));
      const device = note?.computerId === undefined ? undefined : devices.get(unpack(note.computerId));
      const machineSid = note?.machineSid ?? null;
      yield {
        ...recorded(id, settings, note, device === undefined ? null : seen(device.number, device.seenAt ?? null)),
        sessions: sessionsIn(
          document,
          connection.fields.computer.administrators,
          { name: settings.name, machineSid },
          `${collection} ${id}`,
        ),
      };
    }
  }
}

function recorded(
  id: string,
  settings: NpsdComputer,
  note: NoteDocument | undefined,
  lastSeenAt: string | null,
): Omit<RecordedComputer, 'sessions'> {
  const inUse = note?.inUse;
  return {
    id,
    ...settings,
    computerId: unpackOrNull(note?.computerId ?? null),
    machineSid: note?.machineSid ?? null,
    identityConflict: unpackOrNull(note?.identityConflict ?? null),
    lastSeenAt,
    appliedSignature: note?.appliedSignature ?? null,
    failedSubjects: (note?.failedSubjects ?? []).map(unpack),
    pendingUntil: note?.pendingUntil ?? null,
    ...(inUse === undefined || inUse === '{}' ? {} : { inUse: parseRecord(inUse, `refusals of computer ${id}`) }),
  };
}

/** By {@link Connection.key}. */
export async function notesOf(
  connection: Connection,
  records: readonly { readonly id: string }[],
): Promise<Map<string, NoteDocument>> {
  const keys = records.map(({ id }) => connection.key(id));
  const found = await connection.call(() =>
    connection
      .own<NoteDocument>('computers')
      .find({ _id: { $in: keys } })
      .toArray(),
  );
  return new Map(found.map((note) => [note._id, note]));
}

async function devicesOf(
  connection: Connection,
  notes: readonly NoteDocument[],
): Promise<Map<string, Pick<DeviceDocument, 'number' | 'seenAt'>>> {
  const ids = notes.flatMap(({ computerId }) => (computerId === undefined ? [] : [unpack(computerId)]));
  if (ids.length === 0) return new Map();
  const found = await connection.call(() =>
    connection
      .own<DeviceDocument>('devices')
      .find({ _id: { $in: ids.map(connection.key) } }, { projection: { computerId: 1, number: 1, seenAt: 1 } })
      .toArray(),
  );
  return new Map(found.map((device) => [unpack(device.computerId), device]));
}

/** Raises TRUEUP_STORE_INVALID for a record that is gone or of a strange shape. */
async function assertKnown(connection: Connection, changes: readonly ComputerChange[]): Promise<void> {
  const ids = changes.map(({ id }) => documentId(id) as never);
  const found = await connection.call(() =>
    connection
      .npsd('computers')
      .find<Document & { _id: unknown }>({ _id: { $in: ids } }, { projection: projectionOf(connection.fields) })
      .toArray(),
  );
  const collection = connection.fields.collections.computers;
  const known = new Set(found.map((document) => idOf(document._id, collection)));
  for (const document of found) decodedSettings(document, connection.fields);
  const missing = changes.find(({ id }) => !known.has(id));
  if (missing)
    throw new TrueupError(
      'TRUEUP_STORE_INVALID',
      `${collection} has no record ${missing.id} any more. Nothing was written.`,
      {
        cause: 'NPS-D has removed the computer since it was read.',
        remedy: 'Run again: it is planned without it.',
      },
    );
}

async function write(connection: Connection, changes: readonly ComputerChange[]): Promise<void> {
  const updates = changes.flatMap((change) => {
    const $set = settingsOf(change, connection.fields.computer);
    if (Object.keys($set).length === 0) return [];
    return [{ updateOne: { filter: { _id: documentId(change.id) as never }, update: { $set } } }];
  });
  if (updates.length === 0) return;
  await connection.call(() => connection.npsd('computers').bulkWrite(updates, { ordered: false }));
}

/** Dotted paths of exactly what changes. */
function settingsOf(
  change: ComputerChange,
  paths: ProviderFields['computer'],
): Readonly<Record<string, boolean | string>> {
  return {
    ...(change.scan === undefined ? {} : { [paths.scan]: change.scan }),
    ...(change.protect === undefined
      ? {}
      : { [paths.secure]: change.protect !== 'Disabled', [paths.strictSecure]: change.protect === 'Deny' }),
    // The strategy's own options stay as they are: NPS-D keeps them for the day it is switched on again.
    ...(change.offlineAccess === undefined ? {} : { [`${paths.offlineAccess}.enabled`]: false }),
    ...(change.edrIntegration === undefined ? {} : { [paths.edrIntegration]: change.edrIntegration }),
  };
}
