import type { DeviceRow, ObservationStore, Series, StoredScan } from '../../ports.ts';
import { type Answered, add, has, nobody } from '../answered.ts';
import { blocks } from '../blocks.ts';
import { isEnough, type LateWrites } from '../late.ts';
import { wholeScan } from '../sightings.ts';
import { hashOf, pack, packOrNull, unpack, unpackOrNull } from '../text.ts';
import type { Connection } from './connection.ts';
import { type DeviceDocument, devicesOf, type Part, partOf, putWhole, sightings, writePart } from './sightings.ts';
import { saveTexts, sweepTexts, textIn, textsOf } from './texts.ts';

/** Earlier texts kept beside the present one: the last ten in all. */
const PAST = 9;
/** Distinct texts that are kept in memory at once; a fleet of any size has a few thousand. */
const CACHED_TEXTS = 4096;

interface CounterDocument {
  _id: string;
  next: number;
}

/** What devices answered, each distinct text once. */
export function observations(connection: Connection, late: LateWrites): ObservationStore {
  /** Of the run whose answers came last, that may come in many calls. */
  let texts = { run: '', stored: new Set<string>() };
  let part: Part | null = null;
  late.add(async () => {
    if (part !== null) await writePart(connection, part);
  });

  /** Texts go first, then the devices that refer to them: cut off anywhere, what is there is true. */
  async function save({ series, run, at, answered }: SightingInHand, rows: Rows): Promise<ScanInHand> {
    connection.writing();
    if (texts.run !== run) texts = { run, stored: new Set() };
    const scan: ScanInHand = { series, at, answered, stored: texts.stored, newTexts: 0, changed: 0 };
    for await (const block of blocks(rows)) await saveBlock(connection, scan, block);
    return scan;
  }

  return {
    async saveScan(series, run, at, expected, rows) {
      const answered = nobody();
      const { changed, newTexts } = await save({ series, run, at, answered }, rows);
      await late.finish();
      part = null;
      await putWhole(connection, series, { run, at, expected, answered });
      await sweepTexts(connection, newTexts);
      return changed;
    },
    async saveAnswers(series, run, at, rows) {
      if (part === null || part.series !== series || part.run !== run || part.at !== at) {
        await late.finish();
        part = await partOf(connection, series, run, at);
      }
      const mine = part;
      const { changed, newTexts } = await save(mine, rows);
      if (isEnough(mine.answered.count - mine.written, mine.written)) await writePart(connection, mine);
      await sweepTexts(connection, newTexts);
      return changed;
    },
    async latestScan(series): Promise<StoredScan | null> {
      await late.finish();
      const scan = wholeScan(await sightings(connection, series));
      return scan && { at: scan.at, expected: scan.expected, rows: answers(connection, series, scan.answered) };
    },
    async history(computerId) {
      const devices = devicesOf(connection, 'inventory');
      const device = await connection.call(() => devices.findOne({ _id: connection.key(computerId) }));
      if (device === null) return [];
      const all = [{ since: device.since, text: device.text }, ...device.past];
      const texts = await textsOf(connection, new Set(all.map(({ text }) => text)));
      return all.map(({ since, text }) => ({ since, text: textIn(texts, text) }));
    },
  };
}

type SightingInHand = Pick<Part, 'series' | 'run' | 'at' | 'answered'>;
type Rows = Iterable<DeviceRow> | AsyncIterable<DeviceRow>;

interface ScanInHand {
  readonly series: Series;
  readonly at: string;
  readonly answered: Answered;
  /** Hashes of the texts that this scan has stored already. */
  readonly stored: Set<string>;
  newTexts: number;
  /** Devices that are new or say something new. */
  changed: number;
}

async function saveBlock(connection: Connection, scan: ScanInHand, block: readonly DeviceRow[]): Promise<void> {
  const devices = devicesOf(connection, scan.series);
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
  let number = await reserveNumbers(connection, scan.series, strangers.length);
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
async function reserveNumbers(connection: Connection, series: Series, count: number): Promise<number> {
  if (count === 0) return 0;
  const counter = await connection.call(() =>
    connection
      .own<CounterDocument>('meta')
      .findOneAndUpdate(
        { _id: connection.key(series === 'inventory' ? 'device-numbers' : 'posture-numbers') },
        { $inc: { next: count } },
        { upsert: true, returnDocument: 'after' },
      ),
  );
  return (counter?.next ?? count) - count;
}

async function* answers(connection: Connection, series: Series, answered: Answered): AsyncGenerator<DeviceRow> {
  const cursor = devicesOf(connection, series).find(connection.mine, {
    projection: { past: 0, since: 0, seenAt: 0 },
    sort: { _id: 1 },
  });
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
