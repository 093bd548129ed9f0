import { describe, expect, it } from 'vitest';
import { type AuditRecord, auditRoot } from '../../../src/model/audit.ts';
import type { Given } from '../conformance.ts';
import { collect } from '../samples.ts';

function record(number: number, parts: Partial<AuditRecord> = {}): AuditRecord {
  return {
    number,
    at: '2026-03-02T09:00:00.000Z',
    kind: 'apply',
    by: 'ada@build-1',
    commit: null,
    provider: 'Production Tanium',
    run: 'r1',
    detail: { plan: '7f3c', 'dotted.$key': [1, null, 'Größe'] },
    previous: auditRoot,
    hash: 'h',
    ...parts,
  };
}

export function auditChain(given: Given): void {
  describe('the audit chain', () => {
    it('is what was appended, in the order of its numbers', async () => {
      expect(await given.store.lastAudit()).toBeNull();
      for (let number = 1; number <= 12; number++) expect(await given.store.appendAudit(record(number))).toBe(true);
      expect(await given.store.lastAudit()).toEqual(record(12));
      expect(await collect(given.store.audit())).toEqual(Array.from({ length: 12 }, (_, index) => record(index + 1)));
      expect(await collect(given.store.audit(11))).toEqual([record(11), record(12)]);
      expect(await collect(given.store.audit(13))).toEqual([]);
    });

    it('never takes a number twice, whoever asks', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      const answers = await Promise.all([
        given.store.appendAudit(record(1, { by: 'a' })),
        other.appendAudit(record(1, { by: 'b' })),
        given.store.appendAudit(record(1, { by: 'c' })),
      ]);
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await collect(other.audit())).toHaveLength(1);
      await other.close();
    });
  });
}
