import type { Collection } from 'mongodb';
import type { Series } from '../../ports.ts';
import { type Answered, decode, encode, members, nobody, unite } from '../answered.ts';
import { blocks } from '../blocks.ts';
import { compareTimes, foldings, type Sighting, superseded, surplus } from '../sightings.ts';
import { pack } from '../text.ts';
import type { Connection } from './connection.ts';

export interface DeviceDocument {
  _id: string;
  /** The bit of this device in the record of who answered; given once. */
  number: number;
  computerId: string;
  name: string;
  os: string;
  domain: string | null;
  /** `_id` of its text. */
  text: string;
  since: string;
  /** Earlier texts, newest first. */
  past: readonly { readonly since: string; readonly text: string }[];
  /** When it last answered, unless a sighting later than that has it. */
  seenAt?: string;
}

/** Of one scan: who answered it. */
interface ScanDocument {
  _id: string;
  series: Series;
  run: string;
  at: string;
  /** Devices that a scan of the whole fleet expected; null: it was of a part. */
  expected: number | null;
  answered: Uint8Array;
}

export function devicesOf(connection: Connection, series: Series): Collection<DeviceDocument> {
  return connection.own<DeviceDocument>(series === 'inventory' ? 'devices' : 'postures');
}

export async function sightings(connection: Connection, series: Series): Promise<readonly Sighting[]> {
  const scans = connection.own<ScanDocument>('scans');
  const found = await connection.call(() =>
    scans.find({ ...connection.mine, series }, { promoteBuffers: true }).toArray(),
  );
  return found.map(({ _id, at, expected, answered }) => ({ key: _id, at, expected, answered: decode(answered) }));
}

interface NewSighting {
  readonly run: string;
  readonly at: string;
  readonly answered: Answered;
}

/**
 * Makes this the latest scan of the whole fleet. What it supersedes is written down first: twice does no harm, and cut
 * off anywhere, the scan before is the latest still.
 */
export async function putWhole(
  connection: Connection,
  series: Series,
  scan: NewSighting & { readonly expected: number },
): Promise<void> {
  const { going, staying } = superseded(await sightings(connection, series), scan.at);
  await writeDown(connection, series, going, [{ key: 'new', ...scan }, ...staying]);
  const _id = wholeKey(connection, series);
  await replace(connection, _id, { series, run: pack(scan.run), at: scan.at, expected: scan.expected }, scan.answered);
  await remove(
    connection,
    going.filter(({ key }) => key !== _id),
  );
}

/** Who answered one run so far. */
export interface Part extends NewSighting {
  readonly series: Series;
  /** Whether there is a record of it. */
  isKept: boolean;
  /** How many of those who answered are in the record. */
  written: number;
}

export async function partOf(connection: Connection, series: Series, run: string, at: string): Promise<Part> {
  const scans = connection.own<ScanDocument>('scans');
  const _id = partKey(connection, { series, run, at });
  const mine = await connection.call(() => scans.findOne({ _id }, { promoteBuffers: true }));
  const answered = mine === null ? nobody() : decode(mine.answered);
  return { series, run, at, answered, isKept: mine !== null, written: answered.count };
}

/** Keeps who has answered since it was written. */
export async function writePart(connection: Connection, part: Part): Promise<void> {
  const { series, run, at, answered } = part;
  const { count } = answered;
  if (count === part.written) return;
  const _id = partKey(connection, part);
  const fields = { series, run: pack(run), at, expected: null };
  if (part.isKept) await replace(connection, _id, fields, answered);
  else {
    const { going, staying } = surplus(await sightings(connection, series));
    await writeDown(connection, series, going, [{ key: 'new', expected: null, at, answered }, ...staying]);
    await replace(connection, _id, fields, answered);
    await joinWhole(connection, staying, going);
    await remove(connection, going);
    part.isKept = true;
  }
  part.written = count;
}

function partKey(connection: Connection, { series, run, at }: Pick<Part, 'series' | 'run' | 'at'>): string {
  return connection.key(`part:${series}:${at}:${run}`);
}

/** Who answered these since the latest scan of the whole fleet stays a part of it. */
async function joinWhole(
  connection: Connection,
  staying: readonly Sighting[],
  going: readonly Sighting[],
): Promise<void> {
  const whole = staying.find(({ expected }) => expected !== null);
  if (whole === undefined) return;
  const since = going.filter(({ at }) => compareTimes(at, whole.at) >= 0);
  if (since.length === 0) return;
  for (const { answered } of since) unite(whole.answered, answered);
  const scans = connection.own<ScanDocument>('scans');
  const filter = { _id: whole.key, at: whole.at };
  await connection.call(() => scans.updateOne(filter, { $set: { answered: encode(whole.answered) } }));
}

async function writeDown(
  connection: Connection,
  series: Series,
  going: readonly Sighting[],
  staying: readonly Sighting[],
): Promise<void> {
  const devices = devicesOf(connection, series);
  for (const { at, devices: seen } of foldings(going, staying)) {
    for await (const block of blocks(members(seen))) {
      const earlier = { $or: [{ seenAt: { $exists: false } }, { seenAt: { $lt: at } }] };
      const filter = { ...connection.mine, number: { $in: block }, ...earlier };
      await connection.call(() => devices.updateMany(filter, { $set: { seenAt: at } }));
    }
  }
}

function wholeKey(connection: Connection, series: Series): string {
  return connection.key(series === 'inventory' ? 'latest' : `latest:${series}`);
}

async function replace(
  connection: Connection,
  _id: string,
  fields: Omit<ScanDocument, '_id' | 'answered'>,
  answered: Answered,
): Promise<void> {
  const document = { ...fields, answered: encode(answered) };
  const scans = connection.own<ScanDocument>('scans');
  await connection.call(() => scans.replaceOne({ _id }, document, { upsert: true }));
}

async function remove(connection: Connection, going: readonly Sighting[]): Promise<void> {
  if (going.length === 0) return;
  const gone = { _id: { $in: going.map(({ key }) => key) } };
  await connection.call(() => connection.own<ScanDocument>('scans').deleteMany(gone));
}
