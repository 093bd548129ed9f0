/** A copy of an embedded store as of one moment, while others write; and whether a copy is whole. */
import { closeSync, openSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { TrueupError } from '../../errors.ts';
import { openDatabase } from './database.ts';
import { refuseNewer, versionOf } from './schema.ts';

/** `into` is made, for its owner alone. */
export async function copyStore(path: string, into: string): Promise<void> {
  closeSync(openSync(into, 'wx', 0o600));
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    await backup(db, into);
  } finally {
    db.close();
  }
}

/** Throws TRUEUP_STORE_INVALID for what is no store, or damaged, TRUEUP_STORE_NEWER. `address` is for messages. */
export function checkCopy(path: string, address: string): void {
  const db = openDatabase(path, address);
  try {
    const version = versionOf(db, address);
    if (version === 'empty') throw new TrueupError('TRUEUP_STORE_INVALID', `${address} is empty.`);
    refuseNewer(version, address);
    const [{ integrity_check: found } = { integrity_check: 'nothing' }] = db.all<{ integrity_check: string }>(
      'PRAGMA integrity_check(1)',
    );
    if (found !== 'ok') throw new TrueupError('TRUEUP_STORE_INVALID', `${address} is damaged: ${found}.`);
  } finally {
    db.close();
  }
}
