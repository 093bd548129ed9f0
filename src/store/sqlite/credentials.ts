import type { CredentialStore, SealedStore } from '../../credential-ports.ts';
import type { AccountCredentials, RotationKey } from '../../model/credential.ts';
import { BLOCK, blocks, nextTurn } from '../blocks.ts';
import { compareAsKept, pack, parseRecord, unpack } from '../text.ts';
import { type Database, justAfter } from './database.ts';

interface CredentialRow {
  computer_id: string;
  account: string;
  revision: number;
  record: string;
}

interface KeyRow {
  id: string;
  created_at: string;
  public_key: string;
  sealed: string;
}

/** Passwords and the private keys of rotations, sealed. A commit is on the disk before the promise resolves. */
export function credentials(db: Database, scope: number): CredentialStore & SealedStore {
  return {
    async putRotationKey({ id, createdAt, publicKey, sealed }) {
      db.run(
        `INSERT INTO rotation_key (scope, id, created_at, public_key, sealed) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        scope,
        pack(id),
        createdAt,
        publicKey,
        sealed,
      );
    },
    async rotationKey(id) {
      const row = db.get<KeyRow>('SELECT * FROM rotation_key WHERE scope = ? AND id = ?', scope, pack(id));
      return row ? keyOf(row) : null;
    },
    rotationKeys: () => listKeys(db, scope),
    async resealRotationKey(id, from, to) {
      const { changes } = db.run(
        'UPDATE rotation_key SET sealed = ? WHERE scope = ? AND id = ? AND sealed = ?',
        to,
        scope,
        pack(id),
        from,
      );
      return changes === 1;
    },
    async removeRotationKeys(ids) {
      for await (const block of blocks(ids)) {
        db.transaction(() => {
          for (const id of block) db.run('DELETE FROM rotation_key WHERE scope = ? AND id = ?', scope, pack(id));
        });
      }
    },
    async putCredentials(records) {
      const refused: AccountCredentials[] = [];
      for await (const block of blocks(records)) {
        const late = db.transaction(() => block.filter((record) => !put(db, scope, record)));
        refused.push(...late);
      }
      return refused;
    },
    credentials: (computerIds) => (computerIds ? listOf(db, scope, computerIds) : list(db, scope)),
    async sealedProviders() {
      const rows = db.all<{ provider: string }>(
        `SELECT provider FROM scope WHERE EXISTS (SELECT 1 FROM credential WHERE scope = scope.id)
         OR EXISTS (SELECT 1 FROM rotation_key WHERE scope = scope.id)`,
      );
      return rows.map(({ provider }) => unpack(provider)).toSorted();
    },
  };
}

/** Answers whether it was written. */
function put(db: Database, scope: number, record: AccountCredentials): boolean {
  const { revision } = record;
  const keys = [scope, pack(record.computerId), pack(record.account)];
  const json = JSON.stringify({ ...record, revision: revision + 1 });
  const { changes } =
    revision === 0
      ? db.run(
          `INSERT INTO credential (scope, computer_id, account, revision, record) VALUES (?, ?, ?, 1, ?)
           ON CONFLICT DO NOTHING`,
          ...keys,
          json,
        )
      : db.run(
          `UPDATE credential SET revision = ?4 + 1, record = ?5
           WHERE scope = ?1 AND computer_id = ?2 AND account = ?3 AND revision = ?4`,
          ...keys,
          revision,
          json,
        );
  return changes === 1;
}

/** A page at a time: a record of several passwords is long. */
const PAGE = 200;

async function* list(db: Database, scope: number): AsyncGenerator<AccountCredentials> {
  let from = { computer_id: '', account: '' };
  for (;;) {
    const page = db.all<CredentialRow>(
      `SELECT * FROM credential WHERE scope = ? AND (computer_id, account) >= (?, ?)
       ORDER BY computer_id, account LIMIT ${PAGE}`,
      scope,
      from.computer_id,
      from.account,
    );
    for (const row of page) yield recordOf(row);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    await nextTurn();
    from = { computer_id: last.computer_id, account: justAfter(last.account) };
  }
}

async function* listOf(
  db: Database,
  scope: number,
  computerIds: readonly string[],
): AsyncGenerator<AccountCredentials> {
  const ids = [...new Set(computerIds.map(pack))].toSorted(compareAsKept);
  for await (const block of blocks(ids)) {
    for (const id of block) {
      const rows = db.all<CredentialRow>(
        'SELECT * FROM credential WHERE scope = ? AND computer_id = ? ORDER BY account',
        scope,
        id,
      );
      for (const row of rows) yield recordOf(row);
    }
  }
}

async function* listKeys(db: Database, scope: number): AsyncGenerator<RotationKey> {
  let from = '';
  for (;;) {
    const page = db.all<KeyRow>(
      `SELECT * FROM rotation_key WHERE scope = ? AND id >= ? ORDER BY id LIMIT ${BLOCK}`,
      scope,
      from,
    );
    for (const row of page) yield keyOf(row);
    const last = page.at(-1);
    if (!last || page.length < BLOCK) return;
    await nextTurn();
    from = justAfter(last.id);
  }
}

function recordOf({ computer_id, account, record }: CredentialRow): AccountCredentials {
  return parseRecord<AccountCredentials>(record, `what is kept of ${unpack(account)} on ${unpack(computer_id)}`);
}

function keyOf({ id, created_at, public_key, sealed }: KeyRow): RotationKey {
  return { id: unpack(id), createdAt: created_at, publicKey: public_key, sealed };
}
