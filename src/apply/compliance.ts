/** Holds the fleet against its baselines, and keeps in the drift ledger which checks fail where. Nothing is mended. */

import type { Compliance } from '../model/compliance.ts';
import { complianceSubject, type DriftRecord, subjectKey } from '../model/drift.ts';
import type { Store } from '../ports.ts';
import { type Checked, type ComplianceFindings, type Complied, comply } from '../reconcile/compliance.ts';
import type { RunContext } from './context.ts';
import { driftId } from './drift.ts';
import { rowsOf } from './intern.ts';
import { lookAtPosture, type PostureLook } from './posture.ts';
import { readComputers, readProvider, type SurveyContext } from './survey.ts';

/** What to look at: one baseline by its name, one device by any of its names, or all. */
export interface ComplianceLook {
  readonly baseline: string | null;
  readonly device: string | null;
  /** Past every cache, whatever is stored. */
  readonly fresh: boolean;
}

/** Writes nothing. Throws what the scanner and `comply` throw. */
export async function lookAtCompliance(
  context: SurveyContext,
  look: ComplianceLook,
): Promise<Complied & { readonly posture: PostureLook }> {
  const { desired, provider, labels, clock } = context;
  const recorded = { ...(await readProvider(context)), computers: await readComputers(context.store) };
  const posture = await lookAtPosture(context, recorded, look.fresh);
  const { baseline, device } = look;
  const { observation, scan } = posture;
  const input = { desired, provider, recorded, observation, labels, only: { baseline, device }, now: clock.now() };
  return { ...comply(input, scan), posture };
}

/** What a step did, for whoever tells of the cycle. */
export interface ComplianceStep {
  /** Null: no baseline is declared, and nothing was asked. */
  readonly report: Compliance | null;
  /** Checks of devices that fail since this look, and that do no more. */
  readonly opened: number;
  readonly resolved: number;
}

/**
 * The step of a scan or a cycle: asks where a baseline is declared and no stored answer serves, keeps the answer under
 * `run`, and the ledger. Needs the lease of the provider.
 */
export async function keepCompliance(context: RunContext, run: string, fresh: boolean): Promise<ComplianceStep> {
  const { store, provider, desired, clock } = context;
  const isDeclared = desired.baselines.length > 0;
  if (!isDeclared && !(await hasOpenChecks(store))) return { report: null, opened: 0, resolved: 0 };
  const { report, findings, posture } = await lookAtCompliance(context, { baseline: null, device: null, fresh });
  await context.assertHeld();
  const { scan, observation } = posture;
  if (scan.origin === 'asked' && scan.at !== null) {
    await store.saveScan('posture', run, scan.at, observation.expected, rowsOf(observation));
  }
  const answered = new Set<string>();
  for (const { computerId, text } of observation.devices) {
    if (observation.texts[text]?.kind === 'posture') answered.add(computerId);
  }
  const at = new Date(scan.at ?? clock.now()).toISOString();
  const news = await recordChecks(store, findings, { provider: provider.name, run, at, answered });
  return { report: isDeclared ? report : null, ...news };
}

async function hasOpenChecks(store: Pick<Store, 'drift'>): Promise<boolean> {
  for await (const _ of store.drift({ states: ['open'], about: 'checks' })) return true;
  return false;
}

interface ChecksLook {
  readonly provider: string;
  readonly run: string;
  /** ISO time of the answers. */
  readonly at: string;
  /** Computer IDs of the devices that answered with a posture. */
  readonly answered: ReadonlySet<string>;
}

/** Records are written in blocks of so many, and no more of them are held at a time. */
const blockSize = 1000;

/** Failed and back this many times: somebody else keeps setting it. */
const returnsOfOtherManager = 3;

/**
 * A check that fails is an open record, whose time is that of the answer. It is resolved when the check passes, and when
 * nobody demands it of the device any more; of what is unknown, and of a device that did not answer, it stays as it is.
 */
async function recordChecks(
  store: Pick<Store, 'drift' | 'putDrift'>,
  { devices, declared }: ComplianceFindings,
  look: ChecksLook,
): Promise<Pick<ComplianceStep, 'opened' | 'resolved'>> {
  const count = { opened: 0, resolved: 0 };
  const onRecord = new Set<string>();
  let changed: DriftRecord[] = [];
  const put = async (record: DriftRecord): Promise<void> => {
    changed.push(record);
    if (changed.length < blockSize) return;
    await store.putDrift(changed);
    changed = [];
  };

  for await (const record of store.drift({ about: 'checks' })) {
    onRecord.add(record.id);
    const key = subjectKey(record.kind, record.subject);
    const device = devices.get(record.computerId);
    const checked = device?.checks.get(key);
    if (device !== undefined && checked?.judgement.verdict === 'failed') {
      if (record.state === 'resolved') count.opened += 1;
      const next = failedAgain(record, device.label, checked, look);
      if (!isSame(record, next)) await put(next);
      continue;
    }
    const isOver =
      checked === undefined
        ? !declared.has(key) || look.answered.has(record.computerId)
        : checked.judgement.verdict === 'passed';
    if (!isOver || record.state === 'resolved') continue;
    count.resolved += 1;
    await put({ ...record, state: 'resolved', run: look.run });
  }
  for (const [computerId, { label, checks }] of devices) {
    for (const checked of checks.values()) {
      if (checked.judgement.verdict !== 'failed') continue;
      const subject = complianceSubject(checked.baseline, checked.check.id);
      const id = driftId(look.provider, computerId, 'compliance.check', subject);
      if (onRecord.has(id)) continue;
      count.opened += 1;
      await put(firstFailure({ id, computerId, device: label, subject }, checked, look));
    }
  }
  await store.putDrift(changed);
  return count;
}

function firstFailure(
  whose: Pick<DriftRecord, 'id' | 'computerId' | 'device' | 'subject'>,
  checked: Checked,
  { at, run }: ChecksLook,
): DriftRecord {
  return {
    ...whose,
    policy: checked.baseline,
    kind: 'compliance.check',
    state: 'open',
    cause: 'unknown',
    actor: null,
    firstSeen: at,
    lastSeen: at,
    count: 1,
    ...detailOf(checked),
    run,
  };
}

function failedAgain(before: DriftRecord, label: string, checked: Checked, { at, run }: ChecksLook): DriftRecord {
  const isBack = before.state === 'resolved';
  const count = isBack ? before.count + 1 : before.count;
  const cause = count >= returnsOfOtherManager ? 'other-manager' : 'outside-change';
  return {
    ...before,
    device: label,
    state: 'open',
    count,
    ...(isBack && { cause }),
    lastSeen: at,
    ...detailOf(checked),
    run,
  };
}

function detailOf({ check: { path, severity }, judgement }: Checked): Pick<DriftRecord, 'check'> {
  return judgement.verdict === 'failed' ? { check: { path, found: judgement.found, severity } } : {};
}

/** Of the very answer that was looked at before. */
function isSame(before: DriftRecord, next: DriftRecord): boolean {
  return JSON.stringify({ ...before, run: null }) === JSON.stringify({ ...next, run: null });
}
