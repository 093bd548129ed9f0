import type { AuditRecord } from '../../model/audit.ts';
import type { AuditStore } from '../../ports.ts';
import { parseRecord } from '../text.ts';
import type { Connection } from './connection.ts';
import { isDuplicateKey } from './failure.ts';

/** Numbers of one length sort as texts do. */
const DIGITS = 12;

interface AuditDocument {
  _id: string;
  record: string;
}

/** The audit chain of all providers: documents are added, and never changed. Its number is a document's `_id`. */
export function audit(connection: Connection): AuditStore {
  const documents = connection.own<AuditDocument>('audit');
  return {
    async lastAudit() {
      const [found] = await connection.call(() => documents.find({}, { sort: { _id: -1 }, limit: 1 }).toArray());
      return found ? recordOf(found) : null;
    },
    async appendAudit(record) {
      connection.writing();
      const document = { _id: idOf(record.number), record: JSON.stringify(record) };
      return connection.call(() => isNew(() => documents.insertOne(document)));
    },
    async *audit(first = 1) {
      const found = documents.find({ _id: { $gte: idOf(first) } }, { sort: { _id: 1 } });
      for await (const document of connection.each(found)) yield recordOf(document);
    },
  };
}

function idOf(number: number): string {
  return String(number).padStart(DIGITS, '0');
}

function recordOf({ _id, record }: AuditDocument): AuditRecord {
  return parseRecord<AuditRecord>(record, `audit record ${Number(_id)}`);
}

async function isNew(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await insert();
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
