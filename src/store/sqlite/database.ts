/** The connection to one SQLite file: prepared statements, transactions, and errors in the program's own words. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { TrueupError } from '../../errors.ts';

declare module 'node:sqlite' {
  interface StatementSync {
    // Node 24 has it; @types/node 24.0 does not know it yet.
    setReturnArrays(enabled: boolean): void;
  }
}

/** Milliseconds to wait for another process that is writing. */
const BUSY_TIMEOUT = 5000;
const SQLITE_READONLY = 8;

export interface Database {
  get<T>(sql: string, ...values: SQLInputValue[]): T | undefined;
  all<T>(sql: string, ...values: SQLInputValue[]): T[];
  /** As arrays in the order of the columns: about half the time of objects, for what is read by the million. */
  tuple<T extends readonly unknown[]>(sql: string, ...values: SQLInputValue[]): T | undefined;
  tuples<T extends readonly unknown[]>(sql: string, ...values: SQLInputValue[]): T[];
  /**
   * For each of these keys what a join says of it, by one statement for all of them: a third of the time of one each.
   * `sql` selects columns `FROM keys JOIN …` and knows a key as `keys.value`. Undefined: no row.
   */
  lookUp<T extends readonly unknown[]>(
    sql: { readonly columns: string; readonly join: string },
    values: readonly SQLInputValue[],
    keys: readonly string[],
  ): (T | undefined)[];
  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number; readonly id: number };
  /** Several statements without values. */
  exec(sql: string): void;
  define(name: string, body: (value: string) => SQLInputValue): void;
  /** From here on a write is a fault of the caller, TRUEUP_INTERNAL. */
  refuseWrites(): void;
  /** All or nothing; the lock is taken at the start, so that what `work` reads cannot change before it writes. */
  transaction<T>(work: () => T): T;
  /**
   * The same, but on the disk only with the next transaction: the end of the process takes nothing back, a loss of power
   * may. For what is worth nothing before a record that is written after it.
   */
  lazily<T>(work: () => T): T;
  close(): void;
}

/** `address` is for messages. Raises TRUEUP_STORE_UNREACHABLE. */
export function openDatabase(path: string, address: string): Database {
  let readOnly = false;

  function guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw translated(address, error, readOnly);
    }
  }

  const connection = guarded(() => new DatabaseSync(path, { timeout: BUSY_TIMEOUT }));
  const objects = new Map<string, StatementSync>();
  const arrays = new Map<string, StatementSync>();

  function prepared(sql: string): StatementSync {
    let statement = objects.get(sql);
    if (!statement) {
      statement = connection.prepare(sql);
      objects.set(sql, statement);
    }
    return statement;
  }

  function preparedForArrays(sql: string): StatementSync {
    let statement = arrays.get(sql);
    if (!statement) {
      statement = connection.prepare(sql);
      statement.setReturnArrays(true);
      arrays.set(sql, statement);
    }
    return statement;
  }

  function tuples<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return guarded(() => preparedForArrays(sql).all(...values) as never);
  }

  function lookUp<T>(
    { columns, join }: { readonly columns: string; readonly join: string },
    values: readonly SQLInputValue[],
    keys: readonly string[],
  ): (T | undefined)[] {
    const answers: (T | undefined)[] = keys.map(() => undefined);
    // SQLite ends a string of JSON at its first NUL: such a key is asked for by itself.
    const plain = keys.map((key) => (key.includes('\0') ? null : key));
    const all = `SELECT ${columns}, keys.key FROM json_each(?) AS keys CROSS JOIN ${join}`;
    for (const row of tuples<unknown[]>(all, JSON.stringify(plain), ...values)) {
      answers[row.at(-1) as number] = row as T;
    }
    if (!plain.includes(null)) return answers;
    const one = `SELECT ${columns} FROM (SELECT ? AS value) AS keys CROSS JOIN ${join}`;
    for (const [index, key] of keys.entries()) {
      if (plain[index] === null) answers[index] = tuples<T>(one, key, ...values)[0];
    }
    return answers;
  }

  function transaction<T>(work: () => T): T {
    guarded(() => connection.exec('BEGIN IMMEDIATE'));
    try {
      const result = work();
      guarded(() => connection.exec('COMMIT'));
      return result;
    } catch (error) {
      // SQLite itself has rolled back already after some errors, a full disk among them.
      if (connection.isTransaction) connection.exec('ROLLBACK');
      throw error;
    }
  }

  return {
    get: (sql, ...values) => guarded(() => prepared(sql).get(...values) as never),
    all: (sql, ...values) => guarded(() => prepared(sql).all(...values) as never),
    tuple: (sql, ...values) => guarded(() => preparedForArrays(sql).get(...values) as never),
    tuples,
    lookUp,
    run: (sql, ...values) =>
      guarded(() => {
        const result = prepared(sql).run(...values);
        return { changes: Number(result.changes), id: Number(result.lastInsertRowid) };
      }),
    exec: (sql) => guarded(() => connection.exec(sql)),
    define: (name, body) => connection.function(name, { deterministic: true }, (value) => body(String(value))),
    refuseWrites: () => {
      guarded(() => connection.exec('PRAGMA query_only = 1'));
      readOnly = true;
    },
    transaction,
    lazily: (work) => {
      guarded(() => connection.exec('PRAGMA synchronous = NORMAL'));
      try {
        return transaction(work);
      } finally {
        guarded(() => connection.exec('PRAGMA synchronous = FULL'));
      }
    },
    close: () => connection.close(),
  };
}

/** The least text that is greater than `text` in SQLite's order, for the start of the next page. */
export function justAfter(text: string): string {
  return `${text}\0`;
}

/** Primary result codes of https://www.sqlite.org/rescode.html; the extended ones hold them in their low byte. */
function translated(address: string, error: unknown, readOnly: boolean): unknown {
  const code = (error as { errcode?: unknown }).errcode;
  if (typeof code !== 'number') return error;
  const text = `${address}: ${(error as Error).message}`;
  if (readOnly && code === SQLITE_READONLY)
    return new TrueupError('TRUEUP_INTERNAL', `${address} was opened for reading only.`, { origin: error });
  switch (code & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return new TrueupError('TRUEUP_STORE_BUSY', `${text}.`, {
        cause: 'Another process has been writing to this file for more than 5 seconds.',
        remedy: 'Run again when it has ended.',
        origin: error,
      });
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return new TrueupError('TRUEUP_STORE_INVALID', `${text}.`, {
        cause: 'The file is not a database, or it is damaged.',
        remedy: 'Name another file with --store, or restore this one from a backup.',
        origin: error,
      });
    case 3: // SQLITE_PERM
    case SQLITE_READONLY:
    case 10: // SQLITE_IOERR
    case 13: // SQLITE_FULL
    case 14: // SQLITE_CANTOPEN
      return new TrueupError('TRUEUP_STORE_UNREACHABLE', `${text}.`, {
        cause: 'The file or its folder cannot be read or written, or the disk is full.',
        remedy: 'Check the path of --store, its owner and rights, and the free space.',
        origin: error,
      });
    default:
      return new TrueupError('TRUEUP_INTERNAL', `${text}.`, { origin: error });
  }
}
