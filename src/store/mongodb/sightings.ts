import type { Collection } from 'mongodb';
import type { Series } from '../../ports.ts';
import { type Answered, decode, encode, members, unite } from '../answered.ts';
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

/** Adds who answered to those that this run has already. */
export async function putPart(connection: Connection, series: Series, part: NewSighting): Promise<void> {
  const { run, at } = part;
  const _id = connection.key(`part:${series}:${at}:${run}`);
  const fields = { series, run: pack(run), at, expected: null };
  const scans = connection.own<ScanDocument>('scans');
  const mine = await connection.call(() => scans.findOne({ _id }, { promoteBuffers: true }));
  if (mine !== null) {
    const answered = decode(mine.answered);
    const { count } = answered;
    unite(answered, part.answered);
    if (answered.count > count) await replace(connection, _id, fields, answered);
    return;
  }
  const { going, staying } = surplus(await sightings(connection, series));
  await writeDown(connection, series, going, [{ key: 'new', expected: null, ...part }, ...staying]);
  await replace(connection, _id, fields, part.answered);
  await joinWhole(connection, staying, going);
  await remove(connection, going);
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
