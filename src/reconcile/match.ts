/** Which record is which machine, by name: only where no Computer ID tells. */
import type { ObservedDevice } from '../model/observed.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import { shortName } from '../model/selector.ts';
import { compareText } from '../model/sid.ts';

type Named = Pick<RecordedComputer, 'name' | 'domain'>;
type Bearer = Named & Pick<RecordedComputer, 'computerId'>;

export function sameShortName(a: string, b: string): boolean {
  return nameKey(a) === nameKey(b);
}

/** Full or short names agree, and so do the domains as far as both are known. */
export function namesAgree(a: Named, b: Named): boolean {
  return sameShortName(a.name, b.name) && domainsAgree(domainOf(a), domainOf(b));
}

export function nameKey(name: string): string {
  return shortName(name).toLowerCase();
}

function domainOf({ name, domain }: Named): string | null {
  const dot = name.indexOf('.');
  const own = dot === -1 ? null : name.slice(dot + 1);
  return (domain === null || domain === '' ? own : domain)?.toLowerCase() ?? null;
}

/** `CORP` agrees with `corp.example`: some sources say the NetBIOS name. */
function domainsAgree(a: string | null, b: string | null): boolean {
  if (a === null || b === null || a === b) return true;
  if (a.includes('.') && b.includes('.')) return false;
  return shortName(a) === shortName(b);
}

/** Why a record and a machine of its Computer ID may not belong together (F15); null: they do. */
export function conflictOf(
  record: Pick<RecordedComputer, 'name' | 'identityConflict'>,
  row: Pick<ObservedDevice, 'computerId' | 'name'>,
): string | null {
  if (record.identityConflict !== null) return record.identityConflict;
  // A name that is not there yet is no other name.
  if (row.name === '' || sameShortName(record.name, row.name)) return null;
  return `Computer ID ${row.computerId} answers as ${row.name}, and the record is of ${record.name}`;
}

export interface Match<Record extends Bearer = RecordedComputer> {
  readonly record: Record;
  readonly row: ObservedDevice | null;
  /** Why it cannot be told which machine the record is of; null: it can. */
  readonly conflict: string | null;
}

export interface NameMatches<Record extends Bearer> {
  readonly matches: readonly Match<Record>[];
  /** Machines that no record is of. */
  readonly unmatched: readonly ObservedDevice[];
}

/**
 * NPS-D's records know a name first and learn the Computer ID from it. Two machines of one name, two records of one
 * machine, and a name that is bound to a machine which is gone, all leave open which one is meant: nothing is done to
 * any of them (npsd-domain.md items 14 and F15). `silent`: records whose own machine did not answer.
 */
export function matchByName<Record extends Bearer>(
  rows: readonly ObservedDevice[],
  unbound: readonly Record[],
  silent: readonly Record[],
): NameMatches<Record> {
  const candidates = recordsByName([...unbound, ...silent]);
  const rowsOf = new Map<Record, ObservedDevice[]>();
  const shared = new Set<Record>();
  const unmatched: ObservedDevice[] = [];
  for (const row of rows) {
    const found = (candidates.get(nameKey(row.name)) ?? []).filter((record) => namesAgree(record, row));
    if (found.length === 0) unmatched.push(row);
    for (const record of found) {
      if (found.length > 1) shared.add(record);
      const known = rowsOf.get(record);
      if (known) known.push(row);
      else rowsOf.set(record, [row]);
    }
  }
  const matches = [...unbound, ...silent].map((record) =>
    matchOf(record, rowsOf.get(record) ?? [], shared.has(record)),
  );
  return { matches, unmatched };
}

function matchOf<Record extends Bearer>(
  record: Record,
  rows: readonly ObservedDevice[],
  shared: boolean,
): Match<Record> {
  const [row, second] = rows;
  if (row === undefined) return { record, row: null, conflict: null };
  if (second !== undefined) {
    const ids = rows.map((one) => one.computerId).toSorted(compareText);
    return {
      record,
      row: null,
      conflict: `${rows.length} machines answer to this name: Computer IDs ${ids.join(', ')}`,
    };
  }
  if (shared) return { record, row: null, conflict: 'more than one record fits the machine of this name' };
  if (record.computerId !== null) {
    const conflict = `the record is of Computer ID ${record.computerId}, and now ${row.computerId} answers to its name`;
    return { record, row, conflict };
  }
  return { record, row, conflict: null };
}

function recordsByName<Record extends Bearer>(records: readonly Record[]): ReadonlyMap<string, readonly Record[]> {
  const byName = new Map<string, Record[]>();
  for (const record of records) {
    const key = nameKey(record.name);
    const known = byName.get(key);
    if (known) known.push(record);
    else byName.set(key, [record]);
  }
  return byName;
}
