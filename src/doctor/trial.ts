/**
 * What only an action shows, on one machine that somebody named: the package test, and with `write` the rows that change
 * something, on an account made for it and taken away again whatever happens.
 */
import { randomInt } from 'node:crypto';
import { appendAudit } from '../apply/audit.ts';
import { routeOf } from '../apply/execute.ts';
import { issueOnce, outputOf, waitFor } from '../apply/one-action.ts';
import { identityOf } from '../apply/outcome.ts';
import { assertEnabled, survey, wholeLook } from '../apply/survey.ts';
import { toBase64 } from '../endpoint/base64.ts';
import { encodeCommands, encodeOperations, encodeStep, operationCommand } from '../endpoint/encode.ts';
import { readPublicKey, sealBytes } from '../endpoint/envelope.ts';
import { parseInventory } from '../endpoint/inventory.ts';
import { decodeReports } from '../endpoint/report.ts';
import { asTrueupError, isInterruption, messageOf, TrueupError } from '../errors.ts';
import type { ResolvedRoute } from '../fleet-ports.ts';
import type { Check } from '../model/doctor.ts';
import type { Operation } from '../model/operation.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import { defaultRotation } from '../model/rotation.ts';
import { ADMINISTRATORS } from '../model/sid.ts';
import type { DeviceRow } from '../ports.ts';
import { userNamed } from '../reconcile/local-users.ts';
import { pauseAt } from '../reconcile/pause.ts';
import { unreadinessOf } from '../reconcile/scan-readiness.ts';
import { composed } from '../rotation/password.ts';
import type { DoctorContext } from './context.ts';
import { failedBy, skipped } from './judge/check.ts';
import { type Deployed, judgePackage, judgeProtect, judgeRotation, judgeUndone, trialRows } from './judge/trial.ts';
import { seen } from './seen.ts';

export interface TrialRequest {
  readonly row: DeviceRow;
  /** Of the machine; null: it has none. */
  readonly record: RecordedComputer | null;
  readonly options: IntegrationOptions;
  readonly write: boolean;
}

interface Trial extends TrialRequest {
  readonly context: DoctorContext;
  readonly route: ResolvedRoute;
  readonly run: string;
  /** Names of the actions that were sent, or may have been, and of which no end was seen. */
  readonly open: Set<string>;
}

/** No name of anybody's: who finds it knows whose it is. */
export const trialAccount = 'trueup_doctor';
const description = 'Made by trueup doctor; it may be deleted.';

/** Needs the lease of the provider. Throws an interruption alone, once everything is undone. */
export async function tryOut(context: DoctorContext, request: TrialRequest): Promise<readonly Check[]> {
  const { row, options } = request;
  const unready = unreadinessOf({ os: row.os, text: parseInventory(row.text) });
  if (unready !== null) return Object.values(trialRows).map((id) => skipped(id, `${row.name}: ${unready.message}`));
  const run = context.ids.next();
  const found = await seen(async (): Promise<[Trial, Check]> => {
    await assertEnabled(context);
    const route = await context.actions.route(routeOf(options), context.signal);
    const trial: Trial = { ...request, context, route, run, open: new Set() };
    return [trial, judgePackage(row.name, options, await deploy(trial, 'package test', toBase64('Get-Date')))];
  });
  if (found.kind !== 'got') {
    const first = found.kind === 'error' ? [failedBy(trialRows.package, found.error)] : [];
    return [...first, ...unwritten(`${trialRows.package} failed`)];
  }
  const [trial, test] = found.value;
  if (test.status !== 'ok') return [test, ...unwritten(`${trialRows.package} failed`)];
  const rest = await seen(() => changes(trial));
  if (rest.kind === 'got') return [test, ...rest.value];
  const why = skipped(trialRows.rotation, `${trialRows.protect} failed`);
  return [test, ...(rest.kind === 'error' ? [failedBy(trialRows.protect, rest.error)] : []), why];
}

function unwritten(why: string, remedy: string | null = null): readonly Check[] {
  return [trialRows.protect, trialRows.rotation].map((id) => skipped(id, why, remedy));
}

async function changes(trial: Trial): Promise<readonly Check[]> {
  const { context, row, record, write } = trial;
  if (!write)
    return unwritten('--write is not given', 'Give --write: an account is made on the machine, and deleted again.');
  const obstacle = await obstacleTo(trial);
  if (obstacle !== null) return unwritten(obstacle);
  const detail = { device: record?.name ?? row.name, account: trialAccount };
  await appendAudit(context, [{ kind: 'trial', run: trial.run, detail }]);
  return withUndoing(trial, async (checks) => {
    const added = await deploy(trial, 'access', encodeCommands(accessCommands.map(operationCommand)));
    const protect = judgeProtect(row.name, trialAccount, trial.options, added);
    checks.push(protect);
    if (protect.status !== 'ok') {
      checks.push(skipped(trialRows.rotation, `${trialRows.protect} failed`));
      return;
    }
    const key = String(added.decoded.reports.at(-1)?.data?.['publicKey'] ?? '');
    const changed = await deploy(trial, 'password', encodeStep({ ...passwordOf(key), kind: 'password.set' }));
    checks.push(judgeRotation(row.name, trialAccount, trial.options, changed));
  });
}

const members = [{ localName: trialAccount }];
const accessCommands: readonly (Operation | { readonly kind: 'password.session' })[] = [
  { kind: 'account.create', name: trialAccount, description },
  { kind: 'group.add', group: ADMINISTRATORS, members },
  { kind: 'password.session' },
];
const undoing: readonly Operation[] = [
  { kind: 'group.remove', group: ADMINISTRATORS, members },
  { kind: 'account.delete', account: { name: trialAccount } },
];

/** Nobody ever knows it: it is sealed, and overwritten. */
function passwordOf(key: string): { readonly account: { readonly name: string }; readonly box: string } {
  const publicKey = readPublicKey(key);
  if (publicKey === null) throw new TrueupError('TRUEUP_INTERNAL', 'The device reports no key of 2048 bits.');
  const plain = composed(demands, [trialAccount, description], (limit) => randomInt(limit));
  if (plain === null) throw new TrueupError('TRUEUP_INTERNAL', 'No password was found.');
  const bytes = Buffer.from(plain.buffer);
  try {
    return { account: { name: trialAccount }, box: sealBytes(bytes, publicKey) };
  } finally {
    bytes.fill(0);
  }
}

const demands = { ...defaultRotation.complexity, minLength: 24 };

/** Why nothing may be changed on this machine just now; null: it may. */
async function obstacleTo({ context, row, record }: Trial): Promise<string | null> {
  const { desired, clock } = context;
  if (record === null) return `${row.name} has no record`;
  if (record.protect === null || record.protect === 'Disabled') {
    return `Protect of ${row.name} is Disabled, and nothing is changed there`;
  }
  const pause = pauseAt(desired.rollout, clock.now());
  if (pause !== null) return pause.message;
  const text = parseInventory(row.text);
  const inventory = text.kind === 'inventory' ? text.inventory : null;
  if (inventory === null) return `${row.name} gives no inventory`;
  if (inventory.language === 'constrained') return `PowerShell of ${row.name} is in Constrained Language Mode`;
  const known = userNamed(inventory, trialAccount);
  if (known !== null && known.description !== description) {
    return `${row.name} has an account ${trialAccount} that is not doctor's`;
  }
  // The guards of every other run: excluded, observed only, an identity in doubt.
  const only = { device: `${row.name}#${row.computerId}` };
  const { plan } = await survey(context, { ...wholeLook, only, fresh: false });
  const held = plan.held.find(({ kind }) => kind === null);
  return held === undefined ? null : `${row.name} is held by the guard ${held.guard}: ${held.message}`;
}

/** Whatever ends the work, an interruption too, the account is taken away before anything else happens. */
async function withUndoing(trial: Trial, work: (checks: Check[]) => Promise<void>): Promise<readonly Check[]> {
  const { context, row, options, run } = trial;
  const checks: Check[] = [];
  let failure: unknown = null;
  try {
    await work(checks);
  } catch (thrown) {
    failure = thrown;
    const id = checks.length === 0 ? trialRows.protect : trialRows.rotation;
    if (!isInterruption(thrown)) checks.push(failedBy(id, asTrueupError(thrown)));
    if (id === trialRows.protect) checks.push(skipped(trialRows.rotation, `${id} failed`));
  }
  if (isInterruption(failure)) context.tell({ kind: 'note', text: `undoing what was tried on ${row.name} …` });
  const undone = judgeUndone(row.name, trialAccount, options, await undo(trial));
  checks.push(undone);
  if (undone.status !== 'ok') context.tell({ kind: 'note', text: `${undone.message} ${undone.remedy ?? ''}` });
  const ok = checks.filter(({ status }) => status === 'ok').length;
  const failed = checks.filter(({ status }) => status === 'fail').length;
  await appendAudit(context, [{ kind: 'outcome', run, detail: { ok, failed, pending: 0, held: 0 } }]);
  if (isInterruption(failure)) throw failure;
  return checks;
}

/** Beyond what the action itself may take. */
const undoMarginSeconds = 60;

/** With a signal of its own: who interrupts wants to end, and not to leave an administrator behind. */
async function undo(trial: Trial): Promise<Deployed | null> {
  const { context, options } = trial;
  const seconds = options.action_timeout_seconds + undoMarginSeconds;
  const signal = AbortSignal.timeout(seconds * 1000);
  const late: Trial = { ...trial, context: { ...context, signal } };
  try {
    // What is still on its way would make the account after it was deleted.
    for (const name of trial.open) await ended(late, name);
    return await deploy(late, 'undo', encodeOperations(undoing));
  } catch (thrown) {
    context.tell({ kind: 'note', text: `undoing: ${messageOf(thrown)}` });
    return null;
  }
}

async function ended({ context, row, options }: Trial, name: string): Promise<void> {
  for (const id of await context.actions.find(name, context.signal)) {
    await waitFor(context, id, row.computerId, options);
  }
}

async function deploy(trial: Trial, what: string, encodedCommand: string): Promise<Deployed> {
  const { context, route, run, row, record, options, open } = trial;
  await context.assertHeld();
  const name = `Trueup doctor ${run} ${what}`;
  open.add(name);
  const actionId = await issueOnce(context, route, {
    name,
    comment: `doctor ${run}: ${what}`,
    encodedCommand,
    computerIds: [row.computerId],
    expireSeconds: options.action_timeout_seconds,
  });
  const state = await waitFor(context, actionId, row.computerId, options);
  const isOver = state === 'completed' || state === 'failed';
  if (isOver) open.delete(name);
  const decoded = isOver ? (await outputOf(context, actionId, row.computerId)).decoded : decodeReports([]);
  const known = { name: record?.name ?? row.name, machineSid: record?.machineSid ?? null };
  return { actionId, state, decoded, conflict: identityOf(decoded.reports, known).conflict };
}
