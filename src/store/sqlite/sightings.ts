import type { Series } from '../../ports.ts';
import { type Answered, decode, encode, members, nobody, unite } from '../answered.ts';
import { blocks } from '../blocks.ts';
import { compareTimes, foldings, type Sighting, superseded, surplus } from '../sightings.ts';
import { pack } from '../text.ts';
import type { Database } from './database.ts';

/** The number under which the tables keep a series; 0 where the store knows nothing of it. */
export function seriesOf(db: Database, scope: number, name: Series): number {
  return db.tuple<[number]>('SELECT id FROM series WHERE scope = ? AND name = ?', scope, name)?.[0] ?? 0;
}

/** The same, where it may be told of it. */
export function newSeries(db: Database, scope: number, name: Series): number {
  const known = seriesOf(db, scope, name);
  if (known !== 0) return known;
  db.run('INSERT OR IGNORE INTO series (scope, name) VALUES (?, ?)', scope, name);
  return seriesOf(db, scope, name);
}

export function sightings(db: Database, series: number): readonly Sighting[] {
  const rows = db.tuples<readonly [number, string, number | null, Uint8Array]>(
    'SELECT id, at, expected, answered FROM sighting WHERE series = ?',
    series,
  );
  return rows.map(([id, at, expected, answered]) => ({ key: String(id), at, expected, answered: decode(answered) }));
}

interface NewSighting {
  readonly run: string;
  readonly at: string;
  readonly answered: Answered;
}

/** Makes this the latest scan of the whole fleet. What it supersedes is written down first: twice does no harm. */
export async function putWhole(
  db: Database,
  series: number,
  scan: NewSighting & { readonly expected: number },
): Promise<void> {
  const { going, staying } = superseded(sightings(db, series), scan.at);
  await writeDown(db, going, [{ key: 'new', ...scan }, ...staying]);
  db.transaction(() => {
    remove(db, going);
    insert(db, series, scan, scan.expected);
  });
}

/** Who answered one run so far. */
export interface Part extends NewSighting {
  readonly series: number;
  /** Of its record; null: there is none yet. */
  id: number | null;
  /** How many of those who answered are in the record. */
  written: number;
}

export function partOf(db: Database, series: number, run: string, at: string): Part {
  const mine = db.tuple<[number, Uint8Array]>(
    'SELECT id, answered FROM sighting WHERE series = ? AND run = ? AND at = ?',
    series,
    pack(run),
    at,
  );
  const answered = mine === undefined ? nobody() : decode(mine[1]);
  return { series, run, at, answered, id: mine?.[0] ?? null, written: answered.count };
}

/** Keeps who has answered since it was written. */
export async function writePart(db: Database, part: Part): Promise<void> {
  const { id, answered, written } = part;
  if (answered.count === written) return;
  if (id === null) part.id = await insertPart(db, part);
  else db.lazily(() => update(db, id, answered));
  part.written = answered.count;
}

async function insertPart(db: Database, part: Part): Promise<number> {
  const { going, staying } = surplus(sightings(db, part.series));
  const { at, answered } = part;
  await writeDown(db, going, [{ key: 'new', at, expected: null, answered }, ...staying]);
  const whole = staying.find(({ expected }) => expected !== null);
  return db.lazily(() => {
    if (whole !== undefined) {
      for (const one of going) if (compareTimes(one.at, whole.at) >= 0) unite(whole.answered, one.answered);
      if (going.length > 0) update(db, Number(whole.key), whole.answered);
    }
    remove(db, going);
    return insert(db, part.series, part, null);
  });
}

async function writeDown(db: Database, going: readonly Sighting[], staying: readonly Sighting[]): Promise<void> {
  for (const { at, devices } of foldings(going, staying)) {
    for await (const block of blocks(members(devices))) {
      db.lazily(() => {
        for (const number of block)
          db.run('UPDATE device SET seen_at = ?1 WHERE number = ?2 AND (seen_at IS NULL OR seen_at < ?1)', at, number);
      });
    }
  }
}

function insert(db: Database, series: number, { run, at, answered }: NewSighting, expected: number | null): number {
  const { id } = db.run(
    'INSERT INTO sighting (series, run, at, expected, answered) VALUES (?, ?, ?, ?, ?)',
    series,
    pack(run),
    at,
    expected,
    encode(answered),
  );
  return id;
}

function update(db: Database, id: number, answered: Answered): void {
  db.run('UPDATE sighting SET answered = ? WHERE id = ?', encode(answered), id);
}

function remove(db: Database, going: readonly Sighting[]): void {
  for (const { key } of going) db.run('DELETE FROM sighting WHERE id = ?', Number(key));
}
