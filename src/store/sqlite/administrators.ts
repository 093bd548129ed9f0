/** The administrators inventory of each computer, each distinct list once. */
import type { RecordedAdministrators } from '../../model/scan.ts';
import type { Sid } from '../../model/sid.ts';
import { BLOCK, nextTurn } from '../blocks.ts';
import { pack, parseRecord, unpack } from '../text.ts';
import { type Database, justAfter } from './database.ts';
import { ofProvider } from './layout.ts';

/** [SID, on host], by SID. */
type Entries = readonly (readonly [sid: Sid, onHost: boolean])[];

export interface AdministratorLists {
  /** The list that follows on another one (null: none yet) once these are the administrators. */
  readonly next: (list: number | null, now: readonly Sid[]) => number;
}

/** Each is looked up once: what is in the table is never taken away. */
export function administratorLists(db: Database): AdministratorLists {
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

export async function* listAdministrators(
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
