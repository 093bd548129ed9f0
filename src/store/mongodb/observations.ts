import type { DeviceRow, ObservationStore, StoredScan } from '../../ports.ts';
import { type Answered, add, decode, encode, gone, has, nobody } from '../answered.ts';
import { blocks } from '../blocks.ts';
import { hashOf, pack, packOrNull, unpack, unpackOrNull } from '../text.ts';
import type { Connection } from './connection.ts';
import { saveTexts, sweepTexts, textIn, textsOf } from './texts.ts';

/** Earlier texts kept beside the present one: the last ten in all. */
const PAST = 9;
/** Distinct texts that are kept in memory at once; a fleet of any size has a few thousand. */
const CACHED_TEXTS = 4096;

export interface DeviceDocument {
  _id: string;
  /** The bit of this device in the answers of a scan; given once. */
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
  /** When it last answered, unless that was the latest scan. */
  seenAt?: string;
}

interface ScanDocument {
  _id: string;
  run: string;
  at: string;
  expected: number;
  answered: Uint8Array;
}

interface CounterDocument {
  _id: string;
  next: number;
}

/** What devices answered, each distinct text once. */
export function observations(connection: Connection): ObservationStore {
  const devices = connection.own<DeviceDocument>('devices');
  const scans = connection.own<ScanDocument>('scans');

  return {
    /**
     * Texts go first, then the devices that refer to them, then the record of the scan: cut off anywhere, what is
     * there is true, and the scan counts as the latest one only when it is whole.
     */
    async saveScan(run, at, expected, rows) {
      connection.writing();
      const scan: ScanInHand = { at, answered: nobody(), stored: new Set(), newTexts: 0, changed: 0 };
      for await (const block of blocks(rows)) await saveBlock(connection, scan, block);
      await keepLastSight(connection, scan.answered);
      const latest = { run, at, expected, answered: encode(scan.answered) };
      await connection.call(() => scans.replaceOne({ _id: connection.key('latest') }, latest, { upsert: true }));
      await sweepTexts(connection, scan.newTexts);
      return scan.changed;
    },
    async latestScan(): Promise<StoredScan | null> {
      const latest = await latestAnswered(connection);
      if (latest === null) return null;
      return { at: latest.at, expected: latest.expected, rows: answers(connection, latest.answered) };
    },
    async history(computerId) {
      const device = await connection.call(() => devices.findOne({ _id: connection.key(computerId) }));
      if (device === null) return [];
      const all = [{ since: device.since, text: device.text }, ...device.past];
      const texts = await textsOf(connection, new Set(all.map(({ text }) => text)));
      return all.map(({ since, text }) => ({ since, text: textIn(texts, text) }));
    },
  };
}

/** The newest whole scan and who answered it. */
export async function latestAnswered(
  connection: Connection,
): Promise<{ readonly at: string; readonly expected: number; readonly answered: Answered } | null> {
  const scan = await connection.call(() =>
    connection.own<ScanDocument>('scans').findOne({ _id: connection.key('latest') }, { promoteBuffers: true }),
  );
  return scan && { at: scan.at, expected: scan.expected, answered: decode(scan.answered) };
}

interface ScanInHand {
  readonly at: string;
  readonly answered: Answered;
  /** Hashes of the texts that this scan has stored already. */
  readonly stored: Set<string>;
  newTexts: number;
  /** Devices that are new or say something new. */
  changed: number;
}

async function saveBlock(connection: Connection, scan: ScanInHand, block: readonly DeviceRow[]): Promise<void> {
  const devices = connection.own<DeviceDocument>('devices');
  const rows = new Map(block.map((row) => [connection.key(row.computerId), row]));
  const filter = { _id: { $in: [...rows.keys()] } };
  const known = new Map<string, DeviceDocument>();
  for (const device of await connection.call(() => devices.find(filter).toArray())) known.set(device._id, device);

  const texts = new Map<string, string>();
  const changed: Omit<DeviceDocument, 'number'>[] = [];
  for (const [key, row] of rows) {
    const next = changeOf(key, row, scan.at, known.get(key), texts);
    if (next !== null) changed.push(next);
  }
  scan.newTexts += await saveTexts(connection, texts, scan.stored);
  const strangers = changed.filter(({ _id }) => !known.has(_id));
  let number = await reserveNumbers(connection, strangers.length);
  const updates = changed.map(({ _id, ...device }) => {
    const $setOnInsert = known.has(_id) ? {} : { $setOnInsert: { number: number++ } };
    return { updateOne: { filter: { _id }, update: { $set: device, ...$setOnInsert }, upsert: true } };
  });
  if (updates.length > 0) await connection.call(() => devices.bulkWrite(updates, { ordered: false }));

  for (const device of known.values()) add(scan.answered, device.number);
  if (strangers.length > 0) {
    // Read back: where another process met the same device at the same moment, its number holds.
    const made = { _id: { $in: strangers.map(({ _id }) => _id) } };
    const numbers = await connection.call(() => devices.find(made, { projection: { number: 1 } }).toArray());
    for (const device of numbers) add(scan.answered, device.number);
  }
  scan.changed += changed.length;
}

/** Null: the device says what it said before. Its text's hash and form are added to `texts` else. */
function changeOf(
  key: string,
  row: DeviceRow,
  at: string,
  known: DeviceDocument | undefined,
  texts: Map<string, string>,
): Omit<DeviceDocument, 'number'> | null {
  const packed = pack(row.text);
  const text = hashOf(packed).toString('base64');
  const fields = { name: pack(row.name), os: pack(row.os), domain: packOrNull(row.domain) };
  const sameFields = known?.name === fields.name && known.os === fields.os && known.domain === fields.domain;
  if (known?.text === text && sameFields) return null;
  texts.set(text, packed);
  const computerId = pack(row.computerId);
  if (known === undefined) return { _id: key, computerId, ...fields, text, since: at, past: [] };
  if (known.text === text) return { _id: key, computerId, ...fields, text, since: known.since, past: known.past };
  // A second answer of one device in one scan takes the place of the first.
  const past = known.since === at ? known.past : [{ since: known.since, text: known.text }, ...known.past];
  return { _id: key, computerId, ...fields, text, since: at, past: past.slice(0, PAST) };
}

/** Answers the first of `count` device numbers that nobody else gets; gaps do no harm. */
async function reserveNumbers(connection: Connection, count: number): Promise<number> {
  if (count === 0) return 0;
  const counter = await connection.call(() =>
    connection
      .own<CounterDocument>('meta')
      .findOneAndUpdate(
        { _id: connection.key('device-numbers') },
        { $inc: { next: count } },
        { upsert: true, returnDocument: 'after' },
      ),
  );
  return (counter?.next ?? count) - count;
}

/** Writes down when those were last seen who answered the scan before and not this one; harmless when done twice. */
async function keepLastSight(connection: Connection, answered: Answered): Promise<void> {
  const before = await latestAnswered(connection);
  if (before === null) return;
  const devices = connection.own<DeviceDocument>('devices');
  for await (const numbers of blocks(gone(before.answered, answered))) {
    await connection.call(() =>
      devices.updateMany({ ...connection.mine, number: { $in: numbers } }, { $set: { seenAt: before.at } }),
    );
  }
}

async function* answers(connection: Connection, answered: Answered): AsyncGenerator<DeviceRow> {
  const cursor = connection
    .own<DeviceDocument>('devices')
    .find(connection.mine, { projection: { past: 0, since: 0, seenAt: 0 }, sort: { _id: 1 } });
  let texts = new Map<string, string>();
  for await (const block of blocks(connection.each(cursor))) {
    const devices = block.filter((device) => has(answered, device.number));
    if (texts.size >= CACHED_TEXTS) texts = new Map();
    const unread = new Set(devices.map(({ text }) => text).filter((hash) => !texts.has(hash)));
    for (const [hash, text] of await textsOf(connection, unread)) texts.set(hash, text);
    for (const device of devices) {
      yield {
        computerId: unpack(device.computerId),
        name: unpack(device.name),
        os: unpack(device.os),
        domain: unpackOrNull(device.domain),
        text: textIn(texts, device.text),
      };
    }
  }
}
