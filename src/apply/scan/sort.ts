/** Whose rows these are, while they come: each due computer once, whatever comes twice, late, broken or of a stranger. */
import { idPlaces } from '../../model/id-places.ts';
import type { ObservedDevice } from '../../model/observed.ts';
import type { Recorded } from '../../model/recorded.ts';
import type { ScanTotals } from '../../model/scan.ts';
import type { DeviceRow } from '../../ports.ts';
import { matchByName } from '../../reconcile/match.ts';
import type { Due, ScannedComputer } from '../../reconcile/scan-due.ts';
import { type Reading, reader, resultOf, type ScanFailure, type ScanResult } from './result.ts';

export interface Sorter {
  add(row: DeviceRow): void;
  /** Once all rows are there: only then is it certain that no second machine has a name. */
  matchNames(): void;
  /** At most so many results of computers that are scanned, taken out; a later one of a computer takes its place. */
  take(most: number): readonly ScanResult[];
  /** How many there are to be taken. */
  waiting(): number;
  /**
   * Computer IDs of those that may still answer, first those that have given no inventory. `heard`: so many machines have
   * had a look, and where as many have answered, whoever is silent is offline; null: who is silent may be late.
   */
  toAskAgain(heard: number | null): readonly string[];
  /** Those that were not scanned, each with why. */
  left(): readonly ScanResult[];
  /** `members`: machines of the group that Tanium counts · `ended`: those that are silent will not answer any more. */
  totals(members: number, ended: boolean): Omit<ScanTotals, 'updated'>;
}

export interface Manner {
  readonly owner: Recorded['owner'];
  /** Of the message of a success. */
  readonly success: string;
  /** Seconds that the last question took. */
  readonly duration: () => number;
}

interface Stranger {
  readonly row: DeviceRow;
  readonly reading: Reading;
}

export function sorterOf({ computers, others }: Due, { owner, success, duration }: Manner): Sorter {
  const read = reader();
  const all = [...computers, ...others];
  const ids = idPlaces();
  /** Place of a record, by that of its Computer ID. */
  const places: number[] = [];
  const bind = (computerId: string, place: number): void => {
    places[ids.placeOf(computerId)] = place;
  };
  /** Due computers of which no machine is known, and none was found. */
  const missing = new Set<number>();
  for (const [place, { computerId }] of all.entries()) {
    if (computerId !== null) bind(computerId, place);
    else if (place < computers.length) missing.add(place);
  }
  /** Of each due computer: why there is no inventory yet; null: there is one. */
  const failures: (Failed | null)[] = computers.map(() => silent);
  /** Computer IDs that names have told. */
  const told = new Map<number, string>();
  const strangers = new Map<string, Stranger>();
  /** Of each record, in the order of `all`: 1 where its machine has answered. */
  const answered = new Uint8Array(all.length);
  /** Machines that have answered, those of no record among them. */
  let machines = 0;
  const results: ScanResult[] = [];
  const count = { completed: 0, failed: 0 };
  let notWindows = 0;
  let unmatched = 0;
  let isMatched = false;

  function settle(place: number, row: DeviceRow, reading: Reading): void {
    const record = computers[place];
    if (record === undefined) return;
    const result = resultOf(record, row, reading, { source: 'bulk', duration: duration(), success });
    if (result.failure === null) {
      put(place, null);
      results.push(result);
    } else if (failures[place] !== null) {
      // An answer that is none takes nothing away from one that was there before.
      put(place, { why: result.failure, message: result.message });
    }
  }

  /** Counted as they change: each batch is told of, and a fleet is too long to be counted each time. */
  function put(place: number, failed: Failed | null): void {
    const before = failures[place];
    if (before === null) count.completed -= 1;
    else if (before !== silent) count.failed -= 1;
    failures[place] = failed;
    missing.delete(place);
    if (failed === null) count.completed += 1;
    else count.failed += 1;
  }

  function add(row: DeviceRow): void {
    const reading = read(row.text);
    const place = ids.has(row.computerId) ? places[ids.placeOf(row.computerId)] : undefined;
    const isNew = place === undefined ? !strangers.has(row.computerId) : answered[place] === 0;
    if (isNew) machines += 1;
    if (isNew && isOther(row, reading)) notWindows += 1;
    // Kept to the end: one string for all that say the same.
    if (place === undefined) strangers.set(row.computerId, { row: { ...row, text: reading.text }, reading });
    else {
      answered[place] = 1;
      settle(place, row, reading);
    }
  }

  function matchNames(): void {
    if (isMatched) return;
    isMatched = true;
    const found = [...strangers.values()];
    strangers.clear();
    // In the embedded store a record is of one Computer ID for good.
    if (owner === 'embedded') {
      unmatched = found.filter(({ row, reading }) => !isOther(row, reading)).length;
      return;
    }
    const rows = found.map(({ row: { computerId, name, domain, os } }, text): ObservedDevice => {
      return { computerId, name, domain, os, text };
    });
    const unbound = all.filter(({ computerId }) => computerId === null);
    const quiet = all.filter(({ computerId }, place) => computerId !== null && answered[place] === 0);
    const placeOf = new Map<ScannedComputer, number>([...all.entries()].map(([place, record]) => [record, place]));
    const named = matchByName(rows, unbound, quiet);
    for (const { record, row, conflict } of named.matches) {
      const place = placeOf.get(record) ?? all.length;
      if (place >= computers.length) continue;
      const stranger = row === null ? undefined : found[row.text];
      if (conflict !== null) put(place, { why: row === null ? 'ambiguous' : 'identity', message: conflict });
      else if (stranger !== undefined) {
        told.set(place, stranger.row.computerId);
        bind(stranger.row.computerId, place);
        answered[place] = 1;
        settle(place, stranger.row, stranger.reading);
      }
    }
    unmatched = named.unmatched.filter(({ text }) => {
      const stranger = found[text];
      return stranger !== undefined && !isOther(stranger.row, stranger.reading);
    }).length;
  }

  const idOf = (place: number): string | null => told.get(place) ?? computers[place]?.computerId ?? null;

  function toAskAgain(heard: number | null): readonly string[] {
    const failing: string[] = [];
    const late: string[] = [];
    const areOffline = heard !== null && machines >= heard;
    for (const [place, failed] of failures.entries()) {
      const id = idOf(place);
      if (failed === null || id === null) continue;
      if (mayAnswer.has(failed.why)) failing.push(id);
      else if (failed === silent && !areOffline) late.push(id);
    }
    return [...failing, ...late];
  }

  function left(): readonly ScanResult[] {
    return failures.flatMap((failed, place): ScanResult[] => {
      const record = computers[place];
      if (failed === null || record === undefined) return [];
      const { why, message } = missing.has(place) ? notFound : failed;
      return [{ record, source: 'bulk', failure: why, message, duration: duration(), answer: null }];
    });
  }

  function totals(members: number, ended: boolean): Omit<ScanTotals, 'updated'> {
    const { completed, failed } = count;
    const quiet = computers.length - completed - failed;
    const offline = ended ? quiet - missing.size : 0;
    return {
      targeted: Math.max(members, machines) - notWindows,
      matched: computers.length - missing.size,
      unmatched,
      missing: missing.size,
      completed,
      failed,
      offline,
      fallback: ended ? failed + offline : 0,
    };
  }

  return {
    add,
    matchNames,
    take: (most) => results.splice(0, most),
    waiting: () => results.length,
    toAskAgain,
    left,
    totals,
  };
}

interface Failed {
  readonly why: ScanFailure;
  readonly message: string;
}

const silent: Failed = { why: 'offline', message: 'it did not answer' };
const notFound: Failed = { why: 'not-found', message: 'not found in Tanium' };

const mayAnswer: ReadonlySet<ScanFailure> = new Set<ScanFailure>(['no-answer', 'malformed']);

/** Not a Windows machine: no device that NPS-D could know, and none that was scanned for nothing. */
function isOther({ os }: DeviceRow, { kind }: Reading): boolean {
  return kind === 'not-windows' || (kind !== 'inventory' && os !== '' && !/windows/i.test(os));
}
