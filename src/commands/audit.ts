/** `trueup audit`: who applied what, and whether anybody altered the record of it since. */
import { checkAudit } from '../apply/audit.ts';
import { TrueupError } from '../errors.ts';
import type { AuditRecord } from '../model/audit.ts';
import type { Store } from '../ports.ts';
import { auditJson } from '../render/audit-json.ts';
import { auditText } from '../render/audit-text.ts';
import { witnessedHead, witnessFiles } from './audit-witness.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { openSession, type SessionOptions } from './session.ts';

export interface AuditOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
  /** Checks the chain instead of listing it. */
  readonly verify: boolean;
  /** The newest so many records. */
  readonly last: number;
}

/** Exits 0. Throws TRUEUP_AUDIT_BROKEN where the chain is not what it was. */
export async function audit(options: AuditOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  try {
    if (options.verify) await verified(session.store, options, io);
    else await listed(session.store, options, io);
    return 0;
  } finally {
    await session.close();
  }
}

async function listed(store: Store, { last, format }: AuditOptions, io: Io): Promise<void> {
  const newest = (await store.lastAudit())?.number ?? 0;
  const earlier = Math.max(0, newest - last);
  const records: AuditRecord[] = [];
  for await (const record of store.audit(earlier + 1)) records.push(record);
  io.out(format === 'json' ? auditJson(records) : auditText(records, earlier, { ...viewOf(io), devices: false }));
}

const whatHappened = {
  altered: 'is not what was written',
  missing: 'is missing',
  swapped: 'is not the one that was written there',
  cut: 'and all after it are missing',
  rewritten: 'is not the one that was witnessed: it, and all before it, may have been written anew',
} as const;

async function verified(store: Store, options: AuditOptions, io: Io): Promise<void> {
  const head = await witnessedHead(witnessFiles(options.store, io));
  const { records, fault } = await checkAudit(store, head);
  if (fault !== null) {
    throw new TrueupError(
      'TRUEUP_AUDIT_BROKEN',
      `Record ${fault.number} of the audit chain ${whatHappened[fault.kind]}.`,
    );
  }
  const witnessed = head?.number ?? null;
  if (options.format === 'json') io.out(`${JSON.stringify({ ok: true, records, witnessed })}\n`);
  else {
    const words =
      witnessed === null
        ? 'no newest hash is kept here, so that a cut end would not show'
        : `the newest hash kept here is that of record ${witnessed}`;
    io.out(`ok, ${records === 1 ? '1 record' : `${records} records`}; ${words}\n`);
  }
}
