import { TrueupError } from '../../errors.ts';
import type { DeviceRow, ObservationStore, StoredScan } from '../../ports.ts';
import { type Answered, add, has, nobody } from '../answered.ts';
import { BLOCK, blocks, nextTurn } from '../blocks.ts';
import { isEnough, type LateWrites } from '../late.ts';
import { wholeScan } from '../sightings.ts';
import { hashOf, pack, packOrNull, parseRecord, unpack, unpackOrNull } from '../text.ts';
import { type Database, justAfter } from './database.ts';
import { newSeries, type Part, partOf, putWhole, seriesOf, sightings, writePart } from './sightings.ts';

/** Earlier texts kept beside the present one: the last ten in all. */
const PAST = 9;
/** Distinct texts that are kept in memory at once; a fleet of any size has a few thousand. */
const CACHED_TEXTS = 4096;

type Past = readonly (readonly [since: string, text: number])[];

/** What devices answered, each distinct text once. */
export function observations(db: Database, scope: number, late: LateWrites): ObservationStore {
  /** Of the run whose answers came last, that may come in many calls. */
  let texts = { run: '', hashes: new Map<string, Uint8Array>() };
  let part: Part | null = null;
  late.add(async () => {
    if (part !== null) await writePart(db, part);
  });

  /** Each device's answer is whole as soon as its block is, and counts only with the record of who answered. */
  async function save(series: number, run: string, at: string, answered: Answered, rows: Rows): Promise<number> {
    if (texts.run !== run) texts = { run, hashes: new Map() };
    const scan: ScanInHand = { series, at, hashes: texts.hashes };
    let changed = 0;
    for await (const block of blocks(rows)) {
      const saved = db.lazily(() => saveBlock(db, scan, block));
      for (const number of saved.numbers) add(answered, number);
      changed += saved.changed;
    }
    return changed;
  }

  return {
    async saveScan(name, run, at, expected, rows) {
      const series = newSeries(db, scope, name);
      const answered = nobody();
      const changed = await save(series, run, at, answered, rows);
      await late.finish();
      part = null;
      await putWhole(db, series, { run, at, expected, answered });
      return changed;
    },
    async saveAnswers(name, run, at, rows) {
      const series = newSeries(db, scope, name);
      if (part === null || part.series !== series || part.run !== run || part.at !== at) {
        await late.finish();
        part = partOf(db, series, run, at);
      }
      const mine = part;
      const changed = await save(series, run, at, mine.answered, rows);
      if (isEnough(mine.answered.count - mine.written, mine.written)) await writePart(db, mine);
      // A run of many small batches would else keep its turn from the first to the last.
      await nextTurn();
      return changed;
    },
    async latestScan(name): Promise<StoredScan | null> {
      await late.finish();
      const series = seriesOf(db, scope, name);
      const scan = wholeScan(sightings(db, series));
      return scan && { at: scan.at, expected: scan.expected, rows: answers(db, series, scan.answered) };
    },
    async history(computerId) {
      const row = db.get<{ since: string; text: number; past: string }>(
        'SELECT since, text, past FROM device WHERE series = ? AND computer_id = ?',
        seriesOf(db, scope, 'inventory'),
        pack(computerId),
      );
      if (!row) return [];
      const all: Past = [[row.since, row.text], ...parseRecord<Past>(row.past, `history of device ${computerId}`)];
      return all.map(([since, text]) => ({ since, text: textOf(db, text) }));
    },
  };
}

type Rows = Iterable<DeviceRow> | AsyncIterable<DeviceRow>;

interface ScanInHand {
  readonly series: number;
  readonly at: string;
  /** Of the texts met last, so that one that a thousand devices give is hashed once. */
  readonly hashes: Map<string, Uint8Array>;
}

interface SavedBlock {
  /** Of the devices that answered. */
  readonly numbers: readonly number[];
  /** How many of them are new or say something new. */
  readonly changed: number;
}

function saveBlock(db: Database, scan: ScanInHand, block: readonly DeviceRow[]): SavedBlock {
  const rows = new Map(block.map((row) => [pack(row.computerId), row]));
  const known = db.lookUp<DeviceTuple>(knownDevices, [scan.series], [...rows.keys()]);
  const ids = new Map<string, number>();
  const uses = new Map<number, number>();
  const numbers: number[] = [];
  let changed = 0;
  for (const [computerId, row] of rows) {
    const text = textId(db, scan, row.text, ids);
    const device = saveDevice(db, scan, { computerId, row, text }, known[numbers.length], uses);
    numbers.push(device.number);
    if (device.changed) changed++;
  }
  for (const [text, difference] of uses) {
    if (difference !== 0) db.run('UPDATE text SET uses = uses + ? WHERE id = ?', difference, text);
    if (difference < 0) db.run('DELETE FROM text WHERE id = ? AND uses <= 0', text);
  }
  return { numbers, changed };
}

const knownDevices = {
  columns: 'number, name, os, domain, text',
  join: 'device ON device.series = ? AND device.computer_id = keys.value',
};

type DeviceTuple = readonly [number: number, name: string, os: string, domain: string | null, text: number];

function saveDevice(
  db: Database,
  { series, at }: ScanInHand,
  { computerId, row, text }: { readonly computerId: string; readonly row: DeviceRow; readonly text: number },
  known: DeviceTuple | undefined,
  uses: Map<number, number>,
): { readonly number: number; readonly changed: boolean } {
  const name = pack(row.name);
  const os = pack(row.os);
  const domain = packOrNull(row.domain);
  if (!known) {
    use(uses, text, 1);
    const { id } = db.run(
      "INSERT INTO device (series, computer_id, name, os, domain, text, since, past) VALUES (?, ?, ?, ?, ?, ?, ?, '[]')",
      series,
      computerId,
      name,
      os,
      domain,
      text,
      at,
    );
    return { number: id, changed: true };
  }
  const [number, knownName, knownOs, knownDomain, knownText] = known;
  if (knownText !== text) replaceText(db, at, number, text, uses);
  else if (knownName === name && knownOs === os && knownDomain === domain) return { number, changed: false };
  db.run('UPDATE device SET name = ?, os = ?, domain = ? WHERE number = ?', name, os, domain, number);
  return { number, changed: true };
}

function replaceText(db: Database, at: string, device: number, text: number, uses: Map<number, number>): void {
  const [before, since, json] = db.tuple<readonly [number, string, string]>(
    'SELECT text, since, past FROM device WHERE number = ?',
    device,
  ) ?? [text, at, '[]'];
  let past = parseRecord<Past>(json, `history of device ${device}`);
  use(uses, text, 1);
  if (since === at) {
    // A second row of one device in one scan takes the place of the first.
    use(uses, before, -1);
  } else {
    past = [[since, before], ...past];
    for (const [, dropped] of past.slice(PAST)) use(uses, dropped, -1);
    past = past.slice(0, PAST);
  }
  db.run('UPDATE device SET text = ?, since = ?, past = ? WHERE number = ?', text, at, JSON.stringify(past), device);
}

function use(uses: Map<number, number>, text: number, difference: number): void {
  uses.set(text, (uses.get(text) ?? 0) + difference);
}

/** `ids` must not outlive the transaction: afterwards another process may take an unused text away. */
function textId(db: Database, scan: ScanInHand, given: string, ids: Map<string, number>): number {
  const seen = ids.get(given);
  if (seen !== undefined) return seen;
  const hash = scan.hashes.get(given) ?? hashOf(pack(given));
  if (scan.hashes.size >= CACHED_TEXTS) scan.hashes.clear();
  scan.hashes.set(given, hash);
  const id =
    db.tuple<[number]>('SELECT id FROM text WHERE hash = ?', hash)?.[0] ??
    db.run('INSERT INTO text (hash, text, uses) VALUES (?, ?, 0)', hash, pack(given)).id;
  ids.set(given, id);
  return id;
}

async function* answers(db: Database, series: number, answered: Answered): AsyncGenerator<DeviceRow> {
  const texts = new Map<number, string>();
  let from = '';
  for (;;) {
    const page = db.tuples<readonly [number, string, string, string, string | null, number]>(
      `SELECT number, computer_id, name, os, domain, text FROM device
       WHERE series = ? AND computer_id >= ? ORDER BY computer_id LIMIT ${BLOCK}`,
      series,
      from,
    );
    for (const [number, computerId, name, os, domain, text] of page) {
      if (!has(answered, number)) continue;
      let held = texts.get(text);
      if (held === undefined) {
        held = textOf(db, text);
        if (texts.size >= CACHED_TEXTS) texts.clear();
        texts.set(text, held);
      }
      yield {
        computerId: unpack(computerId),
        name: unpack(name),
        os: unpack(os),
        domain: unpackOrNull(domain),
        text: held,
      };
    }
    const last = page.at(-1);
    if (!last || page.length < BLOCK) return;
    await nextTurn();
    from = justAfter(last[1]);
  }
}

function textOf(db: Database, id: number): string {
  const row = db.tuple<[string]>('SELECT text FROM text WHERE id = ?', id);
  if (!row)
    throw new TrueupError('TRUEUP_STORE_INVALID', `A device in the store refers to text ${id}, which is missing.`);
  return unpack(row[0]);
}
