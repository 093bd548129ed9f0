/**
 * The audit chain: each record has the hash of the one before it, and the newest hash is signed and kept elsewhere, so
 * that a record that was altered, taken out or swapped shows by its number, and so does an end that was cut off.
 */
import { createHash } from 'node:crypto';
import type { ApplyResult } from '../model/apply.ts';
import { type AuditHead, type AuditRecord, auditRoot } from '../model/audit.ts';
import { canonicalJson } from '../model/canonical.ts';
import type { Plan } from '../model/plan.ts';
import type { AuditStore } from '../ports.ts';
import type { RunContext } from './context.ts';

export type AuditDraft = Pick<AuditRecord, 'kind' | 'run' | 'detail'>;

export type AuditContext = Pick<RunContext, 'store' | 'clock' | 'provider' | 'by' | 'commit' | 'witness' | 'tell'>;

/** Durable before the promise resolves. Others may append at the same time: then it comes after theirs. */
export async function appendAudit(context: AuditContext, drafts: readonly AuditDraft[]): Promise<void> {
  const { store, clock, by, provider } = context;
  const commit = await context.commit();
  let head: AuditHead | null = null;
  for (const draft of drafts) {
    for (let written = false; !written; ) {
      const last = await store.lastAudit();
      const content = {
        number: (last?.number ?? 0) + 1,
        at: clock.now(),
        ...draft,
        by,
        commit,
        provider: provider.name,
        previous: last?.hash ?? auditRoot,
      };
      const record: AuditRecord = { ...content, hash: hashOf(content) };
      written = await store.appendAudit(record);
      head = { number: record.number, hash: record.hash, at: record.at };
    }
  }
  if (head === null || (await context.witness(head, (number) => hashAt(store, number)))) return;
  context.tell({ kind: 'note', text: 'the audit chain is not what was kept of it: see `trueup audit verify`' });
}

/** Null: there is no record of this number. */
async function hashAt(store: AuditStore, number: number): Promise<string | null> {
  for await (const record of store.audit(number)) return record.number === number ? record.hash : null;
  return null;
}

function hashOf(content: Omit<AuditRecord, 'hash'>): string {
  return createHash('sha256').update(canonicalJson(content), 'utf8').digest('hex');
}

/** What a plan is about to do, which guards somebody set aside for it, and which waves somebody released. */
export function draftsBefore(run: string, plan: Plan): readonly AuditDraft[] {
  const allowances = plan.allowances.map(
    (allowance): AuditDraft => ({ kind: 'allowance', run, detail: { ...allowance } }),
  );
  const approvals = (plan.rollout?.approved ?? []).map((wave): AuditDraft => {
    const name = plan.rollout?.waves.find(({ number }) => number === wave)?.name ?? null;
    return { kind: 'approval', run, detail: { wave, name } };
  });
  const { digest, config, changes, actions, summary, only } = plan;
  const detail = { plan: digest, config, only, changes: changes.length, actions: actions.length, ...summary };
  return [...allowances, ...approvals, { kind: 'apply', run, detail }];
}

export function draftAfter(
  run: string,
  { actions, failed, pending, held, gates = [], stopped }: ApplyResult,
): AuditDraft {
  const ok = actions.reduce((sum, action) => sum + action.ok, 0);
  const gate = gates.find(({ passed }) => !passed);
  const why = stopped === undefined ? {} : { stopped: stopped.code };
  const figures = { ok, failed: failed.length, pending: pending.length, held, ...why };
  return { kind: 'outcome', run, detail: gate === undefined ? figures : { ...figures, gate: gate.name } };
}

export type AuditFault = 'altered' | 'missing' | 'swapped' | 'cut' | 'rewritten';

export interface AuditCheck {
  readonly records: number;
  /** The first fault, and the number of the record that it is about; null: the chain is whole. */
  readonly fault: { readonly kind: AuditFault; readonly number: number } | null;
}

/** `head`: as it was signed and kept apart; null: nobody kept one. */
export async function checkAudit(store: Pick<AuditStore, 'audit'>, head: AuditHead | null): Promise<AuditCheck> {
  let previous = auditRoot;
  let records = 0;
  for await (const record of store.audit()) {
    const fault = faultOf(record, records + 1, previous, head);
    if (fault !== null) return { records, fault };
    previous = record.hash;
    records += 1;
  }
  if (head !== null && head.number > records) return { records, fault: { kind: 'cut', number: records + 1 } };
  return { records, fault: null };
}

function faultOf(record: AuditRecord, number: number, previous: string, head: AuditHead | null): AuditCheck['fault'] {
  const { hash, ...content } = record;
  if (record.number > number) return { kind: 'missing', number };
  if (record.number < number) return { kind: 'swapped', number };
  if (hashOf(content) !== hash) return { kind: 'altered', number };
  // Whole in itself, and of another chain: a record in the place of another, or all after it made anew.
  if (record.previous !== previous) return { kind: 'swapped', number };
  if (head?.number === number && head.hash !== hash) return { kind: 'rewritten', number };
  return null;
}
