/** The audit chain: what was done is in it, and what was done to it shows. */
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import { type AuditCheck, type AuditDraft, appendAudit, checkAudit } from '../../src/apply/audit.ts';
import type { RunContext } from '../../src/apply/context.ts';
import { wholeLook } from '../../src/apply/survey.ts';
import type { AuditHead, AuditRecord } from '../../src/model/audit.ts';
import { applyAll, cloud } from './world.ts';

interface Chain {
  readonly records: readonly AuditRecord[];
  readonly head: AuditHead | null;
}

async function recordsOf({ store }: Pick<RunContext, 'store'>): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of store.audit()) records.push(record);
  return records;
}

/** Five records, as they lie in a store, and the head that was kept apart. */
async function chained(): Promise<Chain> {
  const { context } = await cloud({ devices: 1 });
  let head: AuditHead | null = null;
  const witness = async (newest: AuditHead): Promise<boolean> => {
    head = newest;
    return true;
  };
  for (let run = 1; run <= 5; run++) {
    const draft: AuditDraft = { kind: 'apply', run: `r${run}`, detail: { changes: run } };
    await appendAudit({ ...context, witness }, [draft]);
  }
  return { records: await recordsOf(context), head };
}

function check(records: readonly AuditRecord[], head: AuditHead | null): Promise<AuditCheck> {
  async function* audit(): AsyncGenerator<AuditRecord> {
    yield* records;
  }
  return checkAudit({ audit }, head);
}

describe('the audit chain', () => {
  it('is whole as it was written, numbered from 1', async () => {
    const { records, head } = await chained();
    expect(records.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(head).toMatchObject({ number: 5, hash: records[4]?.hash });
    expect(await check(records, head)).toEqual({ records: 5, fault: null });
    expect(await check(records, null)).toEqual({ records: 5, fault: null });
  });

  it('shows by its number what was altered, taken out, swapped, cut off or written anew', async () => {
    const { records, head } = await chained();
    const [first, second, third, fourth, fifth] = records as [
      AuditRecord,
      AuditRecord,
      AuditRecord,
      AuditRecord,
      AuditRecord,
    ];
    const fault = async (...chain: readonly AuditRecord[]) => (await check(chain, head)).fault;
    expect(await fault(first, second, { ...third, by: 'eve@x' }, fourth, fifth)).toEqual({
      kind: 'altered',
      number: 3,
    });
    expect(await fault(first, second, fourth, fifth)).toEqual({ kind: 'missing', number: 3 });
    expect(await fault(first, third, second, fourth, fifth)).toMatchObject({ number: 2 });
    expect(await fault(first, second, second, fourth, fifth)).toEqual({ kind: 'swapped', number: 3 });
    expect(await fault(first, second, third)).toEqual({ kind: 'cut', number: 4 });
    expect(await fault()).toEqual({ kind: 'cut', number: 1 });
    const other = await chained();
    expect((await check(other.records, head)).fault).toEqual({ kind: 'rewritten', number: 5 });
    expect(await fault(first, second, other.records[2] as AuditRecord, fourth, fifth)).toEqual({
      kind: 'swapped',
      number: 3,
    });
  });

  it('goes on where several append at once', async () => {
    const { context } = await cloud({ devices: 1 });
    const drafts = Array.from({ length: 8 }, (_, run): AuditDraft => ({ kind: 'apply', run: `r${run}`, detail: {} }));
    await Promise.all(drafts.map((draft) => appendAudit(context, [draft])));
    expect(await checkAudit(context.store, null)).toEqual({ records: 8, fault: null });
  });
});

describe('a run', () => {
  it('is in the audit before it sends anything, and again with its outcome; one without changes is not', async () => {
    const { context } = await cloud({ devices: 6, drift: 0.5 });
    await applyAll(context);
    await applyAll(context);
    expect(await recordsOf(context)).toMatchObject([
      { kind: 'apply', by: 'test', provider: context.provider.name, detail: { actions: expect.any(Number) } },
      { kind: 'outcome', detail: { failed: 0, pending: 0 } },
    ]);
  });

  it('says which guards were set aside, and why', async () => {
    const { context } = await cloud({ devices: 6, drift: 0.5 });
    const { plan } = await apply(context, {
      kind: 'apply',
      saved: null,
      look: wholeLook,
      confirm: async () => false,
    });
    const [device = ''] = plan.changes.at(-1)?.devices ?? [];
    const allow = [{ guard: 'freeze', device, reason: 'INC-7' }] as const;
    await apply(context, { kind: 'apply', saved: null, look: { ...wholeLook, allow }, confirm: async () => true });
    expect(await recordsOf(context)).toContainEqual(
      expect.objectContaining({ kind: 'allowance', detail: { guard: 'freeze', device, reason: 'INC-7' } }),
    );
  });
});
