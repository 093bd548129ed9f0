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
   * Rows whose last column of the condition, with which `sql` ends, is one of these keys: by one statement for all of
   * them, a third of the time of one each.
   */
  tuplesOf<T extends readonly unknown[]>(sql: string, values: readonly SQLInputValue[], keys: readonly string[]): T[];
  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number; readonly id: number };
  /** Several statements without values. */
  exec(sql: string): void;
  define(name: string, body: (value: string) => SQLInputValue): void;
  /** From here on a write is a fault of the caller, TRUEUP_INTERNAL. */
  refuseWrites(): void;
  /** All or nothing; the lock is taken at the start, so that what `work` reads cannot change before it writes. */
  transaction<T>(work: () => T): T;
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

  return {
    get: (sql, ...values) => guarded(() => prepared(sql).get(...values) as never),
    all: (sql, ...values) => guarded(() => prepared(sql).all(...values) as never),
    tuple: (sql, ...values) => guarded(() => preparedForArrays(sql).get(...values) as never),
    tuples,
    tuplesOf: <T>(sql: string, values: readonly SQLInputValue[], keys: readonly string[]): T[] => {
      // SQLite ends a string of JSON at its first NUL.
      const [plain, rest] = [keys.filter((key) => !key.includes('\0')), keys.filter((key) => key.includes('\0'))];
      const found = tuples<T>(`${sql} IN (SELECT value FROM json_each(?))`, ...values, JSON.stringify(plain));
      for (const key of rest) found.push(...tuples<T>(`${sql} = ?`, ...values, key));
      return found;
    },
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
    transaction: (work) => {
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
