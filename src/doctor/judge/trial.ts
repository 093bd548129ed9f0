/** What came of the actions that were sent to one machine: rows 2, 7 and 8 of the validation table. */
import type { DecodedReports, Report } from '../../endpoint/report.ts';
import type { ActionState } from '../../fleet-ports.ts';
import type { Check } from '../../model/doctor.ts';
import type { IntegrationOptions } from '../../model/options.ts';
import type { RecordedComputer } from '../../model/recorded.ts';
import type { DeviceRow } from '../../ports.ts';
import { count, fail, info, ok, skipped, some, warn } from './check.ts';
import { rangeWords } from './sensor.ts';

export const trialRows = { package: 'row.package', protect: 'row.protect', rotation: 'row.rotation' } as const;
const targetCheck = 'device.target';

/** One action that was sent. */
export interface Deployed {
  readonly actionId: string;
  /** Null: it said nothing in time. */
  readonly state: ActionState | null;
  readonly decoded: DecodedReports;
  /** Why the reports are another machine's; null: they are not. */
  readonly conflict: string | null;
}

/** What was not asked for. */
export function untried(): readonly Check[] {
  const remedy = 'Name a test machine: `trueup doctor --target DEVICE`; the last two rows take --write too.';
  return Object.values(trialRows).map((id) => skipped(id, 'no test machine is named', remedy));
}

export function judgeTarget(target: string, called: readonly DeviceRow[]): Check {
  const [first, ...others] = called;
  if (first === undefined) {
    return fail(
      targetCheck,
      `No device that answers is called ${JSON.stringify(target)}.`,
      'Give its Computer Name or Computer ID.',
    );
  }
  if (others.length > 0) {
    const names = some(called.map(({ name, computerId }) => `${name}#${computerId}`));
    return fail(
      targetCheck,
      `${called.length} devices are called ${JSON.stringify(target)}: ${names}.`,
      'Give one of them as the message has it.',
    );
  }
  return ok(targetCheck, `${first.name}, Computer ID ${first.computerId}, ${first.os}.`);
}

/** #173; a scan is forced with `trueup scan --device` (#172). */
export function judgeLastScan(record: Pick<RecordedComputer, 'name' | 'lastScan'> | null): Check {
  const id = 'device.last-scan';
  if (record === null) return info(id, 'The device has no record, so that no scan of it is kept.');
  const { name, lastScan } = record;
  const force = `Force one: \`trueup scan --device ${name}\`.`;
  if (lastScan === null) return info(id, `${name} was never scanned.`, force);
  const { success, msg, error, duration, scanTs } = lastScan;
  const told = `lastScan of ${name}: ${scanTs}, ${success ? 'success' : 'failed'}, ${msg}, ${duration} s`;
  return success ? ok(id, `${told}.`) : warn(id, `${told}${error === null ? '' : `, ${error}`}.`, force);
}

/** Row 2: `Action completes successfully` (#157). */
export function judgePackage(name: string, options: IntegrationOptions, deployed: Deployed): Check {
  const id = trialRows.package;
  const bad = unanswered(id, options, deployed, 'Action completes successfully');
  if (bad !== null) return bad;
  const data = deployed.decoded.reports[0]?.data ?? {};
  const about = `PowerShell ${String(data['ps'] ?? 'unknown')}, language mode ${String(data['lang'] ?? 'unknown')}`;
  return ok(id, `Action completes successfully: ${deployed.actionId} (Get-Date) on ${name}; ${about}.`);
}

/** Row 7: `User added successfully`. `account`: the one that was made for it. */
export function judgeProtect(name: string, account: string, options: IntegrationOptions, deployed: Deployed): Check {
  const id = trialRows.protect;
  const bad = unanswered(id, options, deployed, 'User added successfully');
  return (
    bad ?? ok(id, `User added successfully: ${account}, a disabled account made for it, to Administrators of ${name}.`)
  );
}

/** Row 8: `Password changed`, said only once the device has reported it (#192). */
export function judgeRotation(name: string, account: string, options: IntegrationOptions, deployed: Deployed): Check {
  const id = trialRows.rotation;
  const bad = unanswered(id, options, deployed, 'Password changed');
  return bad ?? ok(id, `Password changed: of ${account} on ${name}, sealed to a key of this session alone.`);
}

/** Whether nothing of it is left; null: the device did not say. */
export function judgeUndone(
  name: string,
  account: string,
  options: IntegrationOptions,
  deployed: Deployed | null,
): Check {
  const id = 'device.undone';
  const byHand = `Delete the account ${account} on ${name}, or run \`trueup doctor --write --target ${name}\` again.`;
  const bad = deployed === null ? null : unanswered(id, options, deployed, 'nothing left behind');
  if (deployed !== null && (bad === null || isGone(deployed.decoded.reports))) {
    return ok(id, `The account ${account} is out of Administrators and deleted on ${name} again.`);
  }
  const why = bad?.message ?? 'It is not known what became of it.';
  return fail(id, `${account} may be left on ${name}: ${why}`, byHand);
}

/** There is no such account, so that it cannot be taken out of the group either. */
function isGone([first]: readonly Report[]): boolean {
  return first?.error?.code === 'not-found';
}

function unanswered(id: string, options: IntegrationOptions, deployed: Deployed, expected: string): Check | null {
  const { actionId, state, decoded, conflict } = deployed;
  const hope = `(expected: ${expected})`;
  if (state !== 'completed' && state !== 'failed') {
    const message = `Action ${actionId} did not end within ${options.action_timeout_seconds} s ${hope}. ${rangeWords(options, 'action_timeout_seconds')}`;
    return fail(id, message, 'Raise options.action_timeout_seconds, or see in Tanium what the client does.');
  }
  if (conflict !== null) return fail(id, `${conflict} ${hope}.`, 'Name the machine by its Computer ID.');
  const bad = decoded.reports.find(({ status }) => status !== 'ok');
  if (bad !== undefined) {
    const why = bad.error === null ? bad.status : `${bad.error.message} (${bad.error.code})`;
    return fail(id, `The device reports: ${why} ${hope}.`, 'See the message of the device.');
  }
  if (decoded.cut || decoded.reports.length === 0) {
    const message = `The output of action ${actionId} holds ${count(decoded.reports.length, 'report')} of ${decoded.expected ?? 'none'} ${hope}.`;
    return fail(id, message, 'Hold the files of the package against those of this Trueup.');
  }
  return null;
}

/** In the order of the table, whoever found them. */
const rowOrder = [
  'row.sensor',
  trialRows.package,
  'row.api-token',
  'row.connection',
  'row.single-scan',
  'row.bulk-scan',
  trialRows.protect,
  trialRows.rotation,
];

export function inTableOrder(checks: readonly Check[]): readonly Check[] {
  const rows = rowOrder.flatMap((id) => checks.filter((check) => check.id === id));
  return [...checks.filter((check) => !rows.includes(check)), ...rows];
}
