/**
 * What the last scan of each computer came to. Those of one outcome are one record, a set of computers: a bulk run that
 * ends like the one before writes that record and no computer.
 */
import type { LastScan, RecordedAdministrators, ScanNote } from '../../model/scan.ts';
import type { Sid } from '../../model/sid.ts';
import type { ComputerStore } from '../../ports.ts';
import { type Answered, add, decode, encode, has, members, nobody, subtract, unite } from '../answered.ts';
import { BLOCK, blocks, nextTurn } from '../blocks.ts';
import { pack, parseRecord, unpack } from '../text.ts';
import { type Database, justAfter } from './database.ts';

/** Outcomes that are kept as sets; with more, those of the fewest computers are written to the computers themselves. */
const OUTCOMES = 64;

/** [SID, on host], by SID. */
type Entries = readonly (readonly [sid: Sid, onHost: boolean])[];

/** The provider's name, or its kind as the seed's own query has it (npsd-domain.md C4), or nothing yet. */
export const ofProvider = "(edr_integration IS NULL OR edr_integration IN ('', 'tanium_cloud', ?))";

export function outcomes(
  db: Database,
  scope: number,
  provider: string,
): Pick<ComputerStore, 'noteScans' | 'administrators'> {
  let lists = administratorLists(db);

  function keep<T>(work: () => T): T {
    try {
      return db.lazily(work);
    } catch (error) {
      // What was made within the transaction is gone.
      lists = administratorLists(db);
      throw error;
    }
  }

  return {
    async noteScans(notes) {
      const sets = new Map<string, Answered>();
      // Of two notes on one computer the later holds.
      const latest = new Map(notes.map((note) => [note.id, note]));
      for await (const block of blocks(latest.values())) keep(() => noteBlock(db, scope, block, sets, lists));
      if (sets.size > 0) keep(() => putOutcomes(db, scope, sets));
      // As many small batches come one after the other.
      await nextTurn();
    },
    administrators: () => listAdministrators(db, scope, provider),
  };
}

/** What the last scan of a computer came to, by its number and what is written to the computer itself. */
export function lastScans(db: Database, scope: number): (number: number, written: string | null) => LastScan | null {
  const all = [...outcomesOf(db, scope)].map(([lastScan, computers]) => ({ lastScan: parsed(lastScan), computers }));
  return (number, written) =>
    all.find(({ computers }) => has(computers, number))?.lastScan ?? (written === null ? null : parsed(written));
}

function parsed(json: string): LastScan {
  return parseRecord<LastScan>(json, 'the last scan of a computer');
}

const knownComputers = {
  columns: 'number, administrators',
  join: 'computer ON computer.scope = ? AND computer.id = keys.value',
};

function noteBlock(
  db: Database,
  scope: number,
  notes: readonly ScanNote[],
  sets: Map<string, Answered>,
  lists: ReturnType<typeof administratorLists>,
): void {
  const known = db.lookUp<readonly [number: number, list: number | null]>(
    knownComputers,
    [scope],
    notes.map(({ id }) => pack(id)),
  );
  let current: LastScan | null = null;
  let set = nobody();
  for (const [index, { lastScan, administrators }] of notes.entries()) {
    const computer = known[index];
    if (computer === undefined) continue;
    const [number, list] = computer;
    if (!isSame(lastScan, current)) {
      current = lastScan;
      const key = JSON.stringify(lastScan);
      set = sets.get(key) ?? nobody();
      sets.set(key, set);
    }
    add(set, number);
    if (administrators === null) continue;
    const next = lists.next(list, administrators);
    if (next !== list) db.run('UPDATE computer SET administrators = ? WHERE number = ?', next, number);
  }
}

/** One after the other mostly are. */
function isSame(a: LastScan, b: LastScan | null): boolean {
  return (
    b !== null &&
    a.scanTs === b.scanTs &&
    a.duration === b.duration &&
    a.success === b.success &&
    a.source === b.source &&
    a.error === b.error &&
    a.msg === b.msg
  );
}

/** By a {@link LastScan} as JSON. */
function outcomesOf(db: Database, scope: number): Map<string, Answered> {
  const rows = db.tuples<readonly [string, Uint8Array]>(
    'SELECT last_scan, computers FROM outcome WHERE scope = ?',
    scope,
  );
  return new Map(rows.map(([lastScan, computers]) => [lastScan, decode(computers)]));
}

/** Moves the computers of these sets out of every other outcome and into their own. */
function putOutcomes(db: Database, scope: number, sets: ReadonlyMap<string, Answered>): void {
  const outcomes = outcomesOf(db, scope);
  const touched = new Set(sets.keys());
  const moved = nobody();
  for (const set of sets.values()) unite(moved, set);
  for (const [lastScan, computers] of outcomes) {
    if (subtract(computers, moved)) touched.add(lastScan);
  }
  for (const [lastScan, set] of sets) {
    const computers = outcomes.get(lastScan) ?? nobody();
    unite(computers, set);
    outcomes.set(lastScan, computers);
  }
  const largestFirst = [...outcomes].toSorted(([, a], [, b]) => b.count - a.count);
  for (const [lastScan, computers] of largestFirst.slice(OUTCOMES)) {
    for (const number of members(computers))
      db.run('UPDATE computer SET last_scan = ? WHERE number = ?', lastScan, number);
    outcomes.set(lastScan, nobody());
    touched.add(lastScan);
  }
  for (const lastScan of touched) put(db, scope, lastScan, outcomes.get(lastScan) ?? nobody());
}

function put(db: Database, scope: number, lastScan: string, computers: Answered): void {
  if (computers.count === 0) db.run('DELETE FROM outcome WHERE scope = ? AND last_scan = ?', scope, lastScan);
  else
    db.run(
      `INSERT INTO outcome (scope, last_scan, computers) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET computers = excluded.computers`,
      scope,
      lastScan,
      encode(computers),
    );
}

/** Lists of administrators, each kept once, never taken away, and looked up once. */
function administratorLists(db: Database): { readonly next: (list: number | null, now: readonly Sid[]) => number } {
  /** Devices of one text share one array. */
  const seen = new WeakMap<readonly Sid[], Map<number | null, number>>();
  return {
    next(list, now) {
      const byList = seen.get(now) ?? new Map<number | null, number>();
      if (byList.size === 0) seen.set(now, byList);
      const known = byList.get(list);
      if (known !== undefined) return known;
      const id = idOf(db, merged(list === null ? [] : entriesOf(db, list), now));
      byList.set(list, id);
      return id;
    },
  };
}

/** Who was an administrator stays in the list (npsd-domain.md 1.1). */
function merged(before: Entries, now: readonly Sid[]): Entries {
  const onHost = new Set(now.map(pack));
  const sids = new Set([...before.map(([sid]) => sid), ...onHost]);
  return [...sids].toSorted().map((sid) => [sid, onHost.has(sid)]);
}

function entriesOf(db: Database, list: number): Entries {
  const row = db.tuple<[string]>('SELECT entries FROM administrators WHERE id = ?', list);
  return row === undefined ? [] : parseRecord<Entries>(row[0], `list ${list} of administrators`);
}

function idOf(db: Database, entries: Entries): number {
  const json = JSON.stringify(entries);
  return (
    db.tuple<[number]>('SELECT id FROM administrators WHERE entries = ?', json)?.[0] ??
    db.run('INSERT INTO administrators (entries) VALUES (?)', json).id
  );
}

async function* listAdministrators(
  db: Database,
  scope: number,
  provider: string,
): AsyncGenerator<RecordedAdministrators> {
  const lists = new Map<number, RecordedAdministrators['current']>();
  let from = '';
  for (;;) {
    const page = db.tuples<readonly [string, number]>(
      `SELECT id, administrators FROM computer WHERE scope = ? AND id >= ? AND administrators IS NOT NULL
       AND ${ofProvider} ORDER BY id LIMIT ${BLOCK}`,
      scope,
      from,
      pack(provider),
    );
    for (const [id, list] of page) {
      let current = lists.get(list);
      if (current === undefined) {
        current = entriesOf(db, list).map(([sid, onHost]) => ({ sid: unpack(sid), onHost }));
        lists.set(list, current);
      }
      yield { id: unpack(id), current };
    }
    const last = page.at(-1);
    if (!last || page.length < BLOCK) return;
    await nextTurn();
    from = justAfter(last[0]);
  }
}
