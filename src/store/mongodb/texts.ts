/** The distinct answers of devices, each kept once under its hash, and only while a device refers to it. */
import { TrueupError } from '../../errors.ts';
import { blocks } from '../blocks.ts';
import { unpack } from '../text.ts';
import type { Connection } from './connection.ts';
import { serverTime } from './server-time.ts';
import { devicesOf } from './sightings.ts';

/** New texts after which a look at what is still in use is worth its while. */
const SWEEP_AFTER = 10_000;
/** Longer than any scan takes: a text is stored before the device that refers to it. */
const YOUNG_MILLISECONDS = 24 * 60 * 60 * 1000;

interface TextDocument {
  /** SHA-256 of the text, Base64. */
  _id: string;
  text: string;
  savedAt: Date;
}

interface CounterDocument {
  _id: string;
  next: number;
}

/** Stores those texts, by hash, that `stored` does not name yet, and answers how many were new. */
export async function saveTexts(
  connection: Connection,
  texts: ReadonlyMap<string, string>,
  stored: Set<string>,
): Promise<number> {
  const fresh = [...texts].filter(([hash]) => !stored.has(hash));
  if (fresh.length === 0) return 0;
  const updates = fresh.map(([_id, text]) => ({
    updateOne: {
      filter: { _id },
      // Also where it is there already: it is young again, and no sweep takes it before a device refers to it.
      update: { $setOnInsert: { text }, $currentDate: { savedAt: true as const } },
      upsert: true,
    },
  }));
  const documents = connection.own<TextDocument>('texts');
  const { upsertedCount } = await connection.call(() => documents.bulkWrite(updates, { ordered: false }));
  for (const [hash] of fresh) stored.add(hash);
  return upsertedCount;
}

/** By hash. */
export async function textsOf(connection: Connection, hashes: ReadonlySet<string>): Promise<Map<string, string>> {
  if (hashes.size === 0) return new Map();
  const documents = connection.own<TextDocument>('texts');
  const found = await connection.call(() => documents.find({ _id: { $in: [...hashes] } }).toArray());
  return new Map(found.map(({ _id, text }) => [_id, unpack(text)]));
}

/** Raises TRUEUP_STORE_INVALID. */
export function textIn(texts: ReadonlyMap<string, string>, hash: string): string {
  const text = texts.get(hash);
  if (text !== undefined) return text;
  throw new TrueupError('TRUEUP_STORE_INVALID', `A device in the store refers to text ${hash}, which is missing.`);
}

/** Takes away what no device refers to, once `added` new texts more make that worth reading every device. */
export async function sweepTexts(connection: Connection, added: number): Promise<void> {
  if (added === 0) return;
  const counters = connection.own<CounterDocument>('meta');
  const filter = { _id: 'texts-since-sweep' };
  const counter = await connection.call(() =>
    counters.findOneAndUpdate(filter, { $inc: { next: added } }, { upsert: true, returnDocument: 'after' }),
  );
  const texts = connection.own<TextDocument>('texts');
  const since = counter?.next ?? added;
  if (since < SWEEP_AFTER || since * 2 < (await connection.call(() => texts.estimatedDocumentCount()))) return;

  const inUse = await textsInUse(connection);
  const old = { $lt: new Date((await serverTime(connection)).getTime() - YOUNG_MILLISECONDS) };
  const candidates = texts.find({ savedAt: old }, { projection: { _id: 1 } });
  for await (const block of blocks(connection.each(candidates))) {
    const unused = block.map(({ _id }) => _id).filter((hash) => !inUse.has(hash));
    if (unused.length > 0) await connection.call(() => texts.deleteMany({ _id: { $in: unused }, savedAt: old }));
  }
  await connection.call(() => counters.updateOne(filter, { $set: { next: 0 } }));
}

/** Of every provider and series: texts are common to all. */
async function textsInUse(connection: Connection): Promise<ReadonlySet<string>> {
  const inUse = new Set<string>();
  for (const series of ['inventory', 'posture'] as const) {
    const devices = devicesOf(connection, series).find({}, { projection: { text: 1, 'past.text': 1 } });
    for await (const device of connection.each(devices)) {
      inUse.add(device.text);
      for (const { text } of device.past) inUse.add(text);
    }
  }
  return inUse;
}
