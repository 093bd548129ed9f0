import { TrueupError } from '../../errors.ts';
import type { DeviceRow, ObservationStore, StoredScan } from '../../ports.ts';
import { type Answered, add, decode, encode, gone, has, nobody } from '../answered.ts';
import { BLOCK, blocks, nextTurn } from '../blocks.ts';
import { hashOf, pack, packOrNull, parseRecord, unpack, unpackOrNull } from '../text.ts';
import { type Database, justAfter } from './database.ts';

/** Earlier texts kept beside the present one: the last ten in all. */
const PAST = 9;
/** Distinct texts that are kept in memory at once; a fleet of any size has a few thousand. */
const CACHED_TEXTS = 4096;

type Past = readonly (readonly [since: string, text: number])[];

/** What devices answered, each distinct text once. */
export function observations(db: Database, scope: number): ObservationStore {
  return {
    /**
     * Each device's answer is whole as soon as its block is; the scan counts as the latest one only with its own
     * record at the end, so that one that is cut off in between changes nobody's `lastSeenAt` for the worse.
     */
    async saveScan(run, at, expected, rows) {
      const scan: ScanInHand = { scope, at, answered: nobody(), hashes: new Map() };
      let changed = 0;
      for await (const block of blocks(rows)) changed += db.transaction(() => saveBlock(db, scan, block));
      await keepLastSight(db, scope, scan.answered);
      db.run(
        `INSERT INTO scan (scope, run, at, expected, answered) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
         SET run = excluded.run, at = excluded.at, expected = excluded.expected, answered = excluded.answered`,
        scope,
        run,
        at,
        expected,
        encode(scan.answered),
      );
      return changed;
    },
    async latestScan(): Promise<StoredScan | null> {
      const scan = db.get<{ at: string; expected: number }>('SELECT at, expected FROM scan WHERE scope = ?', scope);
      const latest = latestAnswered(db, scope);
      if (!scan || !latest) return null;
      return { at: scan.at, expected: scan.expected, rows: answers(db, scope, latest.answered) };
    },
    async history(computerId) {
      const row = db.get<{ since: string; text: number; past: string }>(
        'SELECT since, text, past FROM device WHERE scope = ? AND computer_id = ?',
        scope,
        pack(computerId),
      );
      if (!row) return [];
      const all: Past = [[row.since, row.text], ...parseRecord<Past>(row.past, `history of device ${computerId}`)];
      return all.map(([since, text]) => ({ since, text: textOf(db, text) }));
    },
  };
}

/** The newest whole scan's time and who answered it. */
export function latestAnswered(
  db: Database,
  scope: number,
): { readonly at: string; readonly answered: Answered } | null {
  const scan = db.get<{ at: string; answered: Uint8Array }>('SELECT at, answered FROM scan WHERE scope = ?', scope);
  return scan ? { at: scan.at, answered: decode(scan.answered) } : null;
}

interface ScanInHand {
  readonly scope: number;
  readonly at: string;
  readonly answered: Answered;
  /** Of the texts met last, so that one that a thousand devices give is hashed once. */
  readonly hashes: Map<string, Uint8Array>;
}

/** Answers how many devices of the block are new or say something new. */
function saveBlock(db: Database, scan: ScanInHand, block: readonly DeviceRow[]): number {
  const ids = new Map<string, number>();
  const uses = new Map<number, number>();
  let changed = 0;
  for (const row of block) {
    const device = saveDevice(db, scan, row, textId(db, scan, row.text, ids), uses);
    add(scan.answered, device.number);
    if (device.changed) changed++;
  }
  for (const [text, difference] of uses) {
    if (difference !== 0) db.run('UPDATE text SET uses = uses + ? WHERE id = ?', difference, text);
    if (difference < 0) db.run('DELETE FROM text WHERE id = ? AND uses <= 0', text);
  }
  return changed;
}

type DeviceTuple = readonly [number, string, string, string | null, number, string, string];

function saveDevice(
  db: Database,
  { scope, at }: ScanInHand,
  row: DeviceRow,
  text: number,
  uses: Map<number, number>,
): { readonly number: number; readonly changed: boolean } {
  const computerId = pack(row.computerId);
  const name = pack(row.name);
  const os = pack(row.os);
  const domain = packOrNull(row.domain);
  const known = db.tuple<DeviceTuple>(
    'SELECT number, name, os, domain, text, since, past FROM device WHERE scope = ? AND computer_id = ?',
    scope,
    computerId,
  );
  if (!known) {
    use(uses, text, 1);
    const { id } = db.run(
      "INSERT INTO device (scope, computer_id, name, os, domain, text, since, past) VALUES (?, ?, ?, ?, ?, ?, ?, '[]')",
      scope,
      computerId,
      name,
      os,
      domain,
      text,
      at,
    );
    return { number: id, changed: true };
  }
  const [number, knownName, knownOs, knownDomain, knownText, since, knownPast] = known;
  if (knownText === text && knownName === name && knownOs === os && knownDomain === domain)
    return { number, changed: false };
  let past = parseRecord<Past>(knownPast, `history of device ${computerId}`);
  if (knownText !== text) {
    use(uses, text, 1);
    if (since === at) {
      // A second row of one device in one scan takes the place of the first.
      use(uses, knownText, -1);
    } else {
      past = [[since, knownText], ...past];
      for (const [, dropped] of past.slice(PAST)) use(uses, dropped, -1);
      past = past.slice(0, PAST);
    }
  }
  db.run(
    'UPDATE device SET name = ?, os = ?, domain = ?, text = ?, since = ?, past = ? WHERE number = ?',
    name,
    os,
    domain,
    text,
    knownText === text ? since : at,
    JSON.stringify(past),
    number,
  );
  return { number, changed: true };
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

/** Writes down when those were last seen who answered the scan before and not this one; harmless when done twice. */
async function keepLastSight(db: Database, scope: number, answered: Answered): Promise<void> {
  const before = latestAnswered(db, scope);
  if (!before) return;
  for await (const block of blocks(gone(before.answered, answered))) {
    db.transaction(() => {
      for (const number of block) db.run('UPDATE device SET seen_at = ? WHERE number = ?', before.at, number);
    });
  }
}

async function* answers(db: Database, scope: number, answered: Answered): AsyncGenerator<DeviceRow> {
  const texts = new Map<number, string>();
  let from = '';
  for (;;) {
    const page = db.tuples<readonly [number, string, string, string, string | null, number]>(
      `SELECT number, computer_id, name, os, domain, text FROM device
       WHERE scope = ? AND computer_id >= ? ORDER BY computer_id LIMIT ${BLOCK}`,
      scope,
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
