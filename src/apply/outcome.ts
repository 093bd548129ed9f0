/** From an action's output to what became of each device: all or nothing per device. */
import { attributionAction, attributionOf } from '../endpoint/attribution.ts';
import { operationCommand } from '../endpoint/encode.ts';
import type { DecodedReports, Report } from '../endpoint/report.ts';
import type { DeviceFailure } from '../model/apply.ts';
import type { Attribution } from '../model/attribution.ts';
import type { Deed } from '../model/inverse.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Operation, RotationStep } from '../model/operation.ts';
import { shortName } from '../model/selector.ts';
import { isLocalSid, isSid } from '../model/sid.ts';
import { type PasswordNews, passwordNewsOf } from './passwords/news.ts';

export interface DeviceOutcome {
  readonly computerId: string;
  readonly label: string;
  readonly status: 'ok' | 'failed' | 'pending';
  readonly failure: DeviceFailure | null;
  /** Operations whose report was not `ok`: what will be remembered as failed. */
  readonly failedOperations: readonly Operation[];
  /** What the device refused since something runs as the account, and what does, in its words; null: nothing. */
  readonly inUse: { readonly operation: Operation; readonly message: string } | null;
  /** Of each operation, in their order. */
  readonly deeds: readonly Deed[];
  /** What it says of passwords, whatever became of the rest. */
  readonly passwords: readonly PasswordNews[];
  /** What the device's log tells; null: it was not asked, or what it answered is not to be had. */
  readonly attribution: Attribution | null;
  /** From the report's meta; null where none came. */
  readonly machineSid: string | null;
  /** The reports are another machine's; null: they are not. */
  readonly identityConflict: string | null;
  /** Version of the script that reported; null where no report says it. */
  readonly script: string | null;
}

export interface KnownIdentity {
  readonly name: string;
  /** Null: not reported yet. */
  readonly machineSid: string | null;
}

/** What an action is to do; of all its targets the same. */
export type CarriedOut = Pick<JournalEntry, 'operations' | 'attribution' | 'step'>;

/** A device that the action did not reach in time: its change stays pending, never converged (#190). */
export function pendingOutcome({ operations }: CarriedOut, computerId: string, label: string): DeviceOutcome {
  return {
    computerId,
    label,
    status: 'pending',
    failure: null,
    failedOperations: [],
    inUse: null,
    deeds: operations.map(() => ({ state: 'unknown' })),
    passwords: [],
    attribution: null,
    machineSid: null,
    identityConflict: null,
    script: null,
  };
}

/**
 * Of a device whose command has ended, as Tanium says. Where its output holds no report, that is a failure
 * (3-endpoint-contract.md).
 */
export function outcomeOf(
  action: CarriedOut,
  computerId: string,
  label: string,
  known: KnownIdentity,
  decoded: DecodedReports,
): DeviceOutcome {
  const { operations, step } = action;
  const asked: readonly (Operation | RotationStep)[] = step === undefined ? operations : [step];
  const identity = identityOf(decoded.reports, known);
  const { read, own } = parted(action, decoded);
  const foreign = identity.conflict ?? foreignTo(asked, own);
  const passwords = foreign === null ? passwordNewsOf(asked, own.reports) : [];
  const base = {
    computerId,
    label,
    inUse: null,
    deeds: operations.map((_, index) => deedIn(foreign === null ? own.reports : [], index + 1)),
    passwords,
    attribution: foreign === null && read?.status === 'ok' ? attributionOf(read.data) : null,
    machineSid: identity.machineSid,
    identityConflict: identity.conflict,
    script: decoded.reports.find(({ meta }) => (meta?.script ?? null) !== null)?.meta?.script ?? null,
  };
  const fail = (code: string, message: string, failed: readonly (Operation | RotationStep)[]): DeviceOutcome => ({
    ...base,
    status: 'failed',
    failure: { device: label, code, message },
    failedOperations: step === undefined ? operations.filter((one) => failed.includes(one)) : operations,
  });
  if (identity.conflict !== null) return fail('identity', identity.conflict, asked);

  const undone = notDone(asked, own.reports);
  // What was only to be read fails nothing, but for a device that ran nothing after it.
  const bad = own.reports.find(isBad) ?? (read !== null && isBad(read) && undone.length > 0 ? read : undefined);
  if (bad) {
    const message = bad.error?.message ?? `the script reports ${bad.status}`;
    const operation = operations[bad.n - 1];
    if (foreign === null && bad.error?.code === 'in-use' && operation !== undefined) {
      return { ...fail('in-use', `${message}; ${wayOut(label)}`, undone), inUse: { operation, message } };
    }
    return fail(bad.error?.code ?? 'unexpected', message, undone);
  }
  if (foreign !== null) return fail('no-report', foreign, asked);
  // Every report of a change names its machine (3-endpoint-contract.md).
  const named = own.reports.filter(({ meta }) => meta !== null);
  const missing = notDone(asked, named);
  if (named.length < own.reports.length) return fail('no-report', nameless, missing);
  if (missing.length > 0) return fail('no-report', noReport(own, asked.length), missing);
  const unread = passwords.flatMap((one) => (one.kind === 'unreadable' ? [one.of] : []));
  if (unread.length > 0) return fail('no-report', unreadable, unread);
  return { ...base, status: 'ok', failure: null, failedOperations: [] };
}

function wayOut(label: string): string {
  return `move that to another account, or apply with --allow dependents=${label}`;
}

/** The report of what was read first, and those of the operations, numbered from 1. */
function parted(
  { attribution }: CarriedOut,
  decoded: DecodedReports,
): { readonly read: Report | null; readonly own: DecodedReports } {
  if (attribution === undefined) return { read: null, own: decoded };
  const { expected } = decoded;
  const [first] = decoded.reports;
  const isRead = first?.n === 1 && (first.meta?.action ?? attributionAction) === attributionAction;
  return {
    read: isRead ? first : null,
    own: {
      ...decoded,
      reports: decoded.reports.filter(({ n }) => n > 1).map((report) => ({ ...report, n: report.n - 1 })),
      expected: expected === null ? null : expected - 1,
      conflicting: decoded.conflicting.filter((n) => n > 1).map((n) => n - 1),
    },
  };
}

function isBad({ status }: Report): boolean {
  return status === 'failed' || status === 'refused';
}

/** A report that does not say whose it is proves nothing. */
function deedIn(reports: readonly Report[], number: number): Deed {
  const report = reports.find(({ n }) => n === number);
  if (report === undefined || report.meta === null) return { state: 'unknown' };
  const { status, changed, data } = report;
  if (status !== 'ok') return { state: changed ? 'unknown' : 'not-run' };
  const members = data?.['members'];
  if (!changed || !Array.isArray(members)) return { state: changed ? 'changed' : 'unchanged' };
  return {
    state: 'changed',
    members: members.filter((sid) => typeof sid === 'string' && (isSid(sid) || isLocalSid(sid))),
  };
}

const unreadable = 'a report does not say which password was set: its outcome is unknown';
const nameless = 'a report does not say which machine it is of';

/** Why the reports cannot be those of this action; null: they can. */
function foreignTo(asked: readonly (Operation | RotationStep)[], { reports, expected }: DecodedReports): string | null {
  const count = asked.length;
  if (expected !== null && expected !== count) {
    return `the reports are of an action with ${expected} commands, and this one has ${count}: its outcome is unknown`;
  }
  for (const { n, meta } of reports) {
    const operation = asked[n - 1];
    if (operation === undefined || meta === null || meta.action === null) continue;
    const { target, action } = operationCommand(operation);
    if (meta.action === `${target}.${action}`) continue;
    return `report ${n} is of ${meta.action}, and the command was ${target}.${action}: its outcome is unknown`;
  }
  return null;
}

function noReport(decoded: DecodedReports, expected: number): string {
  const [contested] = decoded.conflicting;
  if (contested !== undefined)
    return `two reports of command ${contested} contradict each other: its outcome is unknown`;
  if (decoded.reports.length === 0) return 'the command ended without a report: its outcome is unknown';
  return `the output was cut: ${decoded.reports.length} of ${expected} reports came, the outcome of the others is unknown`;
}

function notDone<T>(asked: readonly T[], reports: readonly Report[]): readonly T[] {
  const done = new Set<number>();
  for (const report of reports) if (report.status === 'ok') done.add(report.n);
  return asked.filter((_, index) => !done.has(index + 1));
}

/** Host name and machine SID of every report must be the record's, or the output is of another machine. */
export function identityOf(
  reports: readonly Report[],
  known: KnownIdentity,
): { machineSid: string | null; conflict: string | null } {
  let machineSid: string | null = null;
  for (const { meta } of reports) {
    if (meta === null) continue;
    if (!isNameOf(meta.computer, known.name)) {
      return { machineSid: null, conflict: `the report is of ${meta.computer}, the record of ${known.name}` };
    }
    const expected = machineSid ?? known.machineSid;
    if (expected !== null && meta.sid !== expected) {
      return { machineSid: null, conflict: `the report is of machine ${meta.sid}, the record of ${expected}` };
    }
    machineSid = meta.sid;
  }
  return { machineSid, conflict: null };
}

/** As NetBIOS has it a name ends after 15 characters, whatever the host is called. */
const netbiosLength = 15;

function isNameOf(reported: string, recorded: string): boolean {
  const [short, name] = [reported, recorded].map((text) => shortName(text).toLowerCase());
  return short === name || (short?.length === netbiosLength && short === name?.slice(0, netbiosLength));
}
