/** The device that somebody named, and what was tried out on it. */
import { devicesCalled } from '../model/device-name.ts';
import type { Check, DoctorReport } from '../model/doctor.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import type { DeviceRow } from '../ports.ts';
import { sameShortName } from '../reconcile/match.ts';
import type { DoctorContext } from './context.ts';
import type { Examined } from './examine.ts';
import { skipped } from './judge/check.ts';
import { inTableOrder, judgeLastScan, judgeTarget, trialRows, untried } from './judge/trial.ts';
import { tryOut } from './trial.ts';

/** Without these an action would only fail. */
const neededForActions = ['option.package_name', 'option.package_param_offset', 'option.action_group_name'];

function missingFor({ checks }: DoctorReport): string | null {
  const missing = checks.find(
    ({ id, status }) =>
      (neededForActions.includes(id) && status !== 'ok') ||
      (id.startsWith('content.token.rights.') && status === 'fail'),
  );
  return missing?.id ?? null;
}

export interface TargetRequest {
  readonly target: string;
  readonly write: boolean;
}

/** Without actions: rows 2, 7 and 8 say that nobody asked for them. */
export function withoutTarget({ report }: Examined): DoctorReport {
  return { ...report, checks: inTableOrder([...report.checks, ...untried()]) };
}

/** Needs the lease of the provider. */
export async function withTarget(
  context: DoctorContext,
  examined: Examined,
  request: TargetRequest,
): Promise<DoctorReport> {
  const { report } = examined;
  const began = context.clock.now();
  const checks = await targetChecks(context, examined, request);
  const seconds = report.seconds + (Date.parse(context.clock.now()) - Date.parse(began)) / 1000;
  return {
    ...report,
    checks: inTableOrder([...report.checks, ...checks]),
    requests: context.requests().calls,
    seconds: Math.round(seconds * 10) / 10,
  };
}

async function targetChecks(
  context: DoctorContext,
  { report, options, live, computers }: Examined,
  { target, write }: TargetRequest,
): Promise<readonly Check[]> {
  const none = (why: string): readonly Check[] => Object.values(trialRows).map((id) => skipped(id, why));
  if (live.sensor.kind !== 'got') return none('no device was heard');
  const called = devicesCalled(target, live.sensor.value.called);
  const named = judgeTarget(target, called);
  const [row] = called;
  if (named.status !== 'ok' || row === undefined) return [named, ...none(`${named.id} failed`)];
  const record = recordOf(row, computers);
  const cause = missingFor(report);
  const rows =
    cause === null ? await tryOut(context, { row, record, options, write }) : none(`${cause} has to be mended first`);
  return [named, judgeLastScan(record), ...rows];
}

/** By its Computer ID, else by its name where that is of one record alone. */
function recordOf(row: DeviceRow, computers: readonly RecordedComputer[]): RecordedComputer | null {
  const known = computers.find(({ computerId }) => computerId === row.computerId);
  if (known !== undefined) return known;
  const named = computers.filter(({ computerId, name }) => computerId === null && sameShortName(name, row.name));
  return named.length === 1 ? (named[0] ?? null) : null;
}
