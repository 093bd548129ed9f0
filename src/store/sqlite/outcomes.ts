/**
 * What the last scan of each computer came to. Those of one outcome are one record, a set of computers: a bulk run that
 * ends like the one before writes that record and no computer.
 */
import type { LastScan, ScanNote } from '../../model/scan.ts';
import type { ComputerStore } from '../../ports.ts';
import { type Answered, add, decode, encode, has, members, nobody, subtract, unite } from '../answered.ts';
import { blocks, nextTurn } from '../blocks.ts';
import { isEnough, type LateWrites } from '../late.ts';
import { pack, parseRecord } from '../text.ts';
import { type AdministratorLists, administratorLists, listAdministrators } from './administrators.ts';
import type { Database } from './database.ts';

/** Outcomes that are kept as sets; with more, those of the fewest computers are written to the computers themselves. */
const OUTCOMES = 64;

export function outcomes(
  db: Database,
  scope: number,
  provider: string,
  late: LateWrites,
): Pick<ComputerStore, 'noteScans' | 'administrators'> {
  let lists = administratorLists(db);
  /** The outcome that a run goes on with, and its computers that are not in the record yet. */
  let waiting: Waiting | null = null;
  late.add(async () => writeWaiting());

  function keep<T>(work: () => T): T {
    try {
      return db.lazily(work);
    } catch (error) {
      // What was made within the transaction is gone.
      lists = administratorLists(db);
      throw error;
    }
  }

  function writeWaiting(): void {
    if (waiting === null || waiting.computers.count === 0) return;
    const { lastScan, computers, written } = waiting;
    keep(() => putOutcomes(db, scope, new Map([[lastScan, computers]])));
    waiting = { lastScan, computers: nobody(), written: written + computers.count };
  }

  /** Nearly all of a run come to the same, batch by batch. */
  function put(sets: ReadonlyMap<string, Answered>): void {
    const [first, second] = sets;
    if (first === undefined) return;
    const [lastScan, computers] = first;
    if (waiting?.lastScan !== lastScan || second !== undefined) writeWaiting();
    if (second !== undefined) {
      waiting = null;
      keep(() => putOutcomes(db, scope, sets));
      return;
    }
    if (waiting?.lastScan !== lastScan) waiting = { lastScan, computers: nobody(), written: 0 };
    unite(waiting.computers, computers);
    if (isEnough(waiting.computers.count, waiting.written)) writeWaiting();
  }

  return {
    async noteScans(notes) {
      const sets = new Map<string, Answered>();
      // Of two notes on one computer the later holds.
      const latest = new Map(notes.map((note) => [note.id, note]));
      for await (const block of blocks(latest.values())) keep(() => noteBlock(db, scope, block, sets, lists));
      put(sets);
      // As many small batches come one after the other.
      await nextTurn();
    },
    administrators: () => listAdministrators(db, scope, provider),
  };
}

interface Waiting {
  /** As JSON. */
  readonly lastScan: string;
  readonly computers: Answered;
  /** How many of the run are in the record, those that came twice counted twice. */
  readonly written: number;
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
  lists: AdministratorLists,
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
