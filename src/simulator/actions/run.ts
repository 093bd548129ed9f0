/** An action on one device: hears of it, fetches the files, runs the command, reports. */
import { decodeReports, encodeReport, type Report } from '../../endpoint/report.ts';
import type { Cloud } from '../cloud.ts';
import { conditionOf } from '../content/condition.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';
import { numberIn, type Wire } from '../http/fields.ts';
import { misfortunesAfter } from '../misfortune.ts';
import { type Action, type DeviceRun, type EndState, expiresAt } from './action.ts';

/** Milliseconds: the least that each stage takes, and how much more it may. */
const stages = {
  hearing: [4_000, 8_000],
  waiting: [500, 1_500],
  downloading: [4_000, 8_000],
  running: [3_000, 7_000],
} as const;
const slowness = 10;
const verification = 5_000;
const dayMs = 86_400_000;

/** What is done with the lines that a command printed. */
export type KeepLines = (lines: readonly string[]) => void;

/** Schedules the device's part, or the rest of it where the device went away in between. */
export function startOn(cloud: Cloud, action: Action, device: SimulatedDevice, keep: KeepLines): void {
  const { computerId } = device;
  const { faults } = cloud;
  const slow = faults.hits('slow', computerId) || faults.hits('longActions', computerId, action.id) ? slowness : 1;
  const takes = (stage: keyof typeof stages): number => {
    const [least, more] = stages[stage];
    return cloud.clock.span((least + more * cloud.draw(stage)(action.id, computerId)) * slow);
  };
  const now = cloud.timeline.now();
  const known = action.runs.get(computerId);
  const run = known ?? newRun(now + distribution(cloud, action, device) + takes('hearing'), takes);
  action.runs.set(computerId, run);
  // Only the end does something; the stages before it are read off the clock.
  cloud.timeline.at(Math.max(now, run.runningAt) + takes('running'), (at) => {
    if (!isOpen(action, at)) return;
    if (!device.online) action.asleep.add(device);
    else if (!cloud.faults.hits('stuck', computerId)) finish(cloud, action, device, run, at, keep);
  });
}

function distribution(cloud: Cloud, { id, distributeSeconds }: Action, { computerId }: SimulatedDevice): number {
  return distributeSeconds * 1000 * cloud.draw('distribute')(id, computerId);
}

function newRun(knownAt: number, takes: (stage: keyof typeof stages) => number): DeviceRun {
  const downloadingAt = knownAt + takes('waiting');
  const runningAt = downloadingAt + takes('downloading');
  return { knownAt, downloadingAt, runningAt, doneAt: null, end: 'Completed', verifiedAt: null, verified: false };
}

function isOpen(action: Action, at: number): boolean {
  return action.stoppedAt === null && at < (expiresAt(action) ?? 0);
}

function finish(
  cloud: Cloud,
  action: Action,
  device: SimulatedDevice,
  run: DeviceRun,
  at: number,
  keep: KeepLines,
): void {
  const { faults } = cloud;
  const { computerId } = device;
  const { command, exit_code_criteria: criteria, verify_group_id: verifyGroup } = action.package.wire;
  const after = misfortunesAfter(cloud, device);
  const skew = faults.hits('clockSkew', computerId) ? (faults.draw('skew')(computerId) - 0.5) * 6 * dayMs : 0;
  const lines = linesOf(device, command, new Date(at + skew));
  after();
  if (!faults.hits('lostOutput', computerId, action.id)) keep(spoiled(cloud, action, device, lines));
  run.doneAt = at;
  run.end = criteria.length > 0 ? judged(criteria, exitCodeOf(device, lines)) : 'Completed';
  if (verifyGroup === 0) return;
  run.end = 'PendingVerification';
  cloud.timeline.at(at + cloud.clock.span(verification), (later) => {
    const group = cloud.groups.byId(verifyGroup);
    run.verifiedAt = later;
    run.verified = group !== undefined && conditionOf(cloud, group.filter).holds(device, later);
  });
}

/** The one program that is simulated is the wrapper of the contract, with its parameter as the command line has it. */
function linesOf(device: SimulatedDevice, command: string, at: Date): readonly string[] {
  const parameter = /\bexpand_params\.ps1\b["']?\s*(?:-EncodedCommand\s+)?(.*)$/is.exec(command)?.[1];
  if (parameter === undefined) return ['The simulator runs no other program than expand_params.ps1.'];
  return device.run(parameter.trim().replace(/^(["'])(.*)\1$/s, '$2'), at);
}

/** Of the wrapper: 0 ok, 1 failed, 64 refused. Elsewhere than on Windows there is no such command. */
function exitCodeOf(device: SimulatedDevice, lines: readonly string[]): number {
  if (device.platform !== 'Windows') return 127;
  const { reports } = decodeReports(lines);
  if (reports.some(({ status }) => status === 'refused')) return 64;
  return reports.length > 0 && reports.every(({ status }) => status === 'ok') ? 0 : 1;
}

function judged(criteria: readonly Wire[], code: number): EndState {
  const meets = criteria.some((one) => {
    const exact = numberIn(one, 'exit_code');
    if (exact !== null) return exact === code;
    return code >= (numberIn(one, 'inclusive_start') ?? 0) && code <= (numberIn(one, 'inclusive_end') ?? Infinity);
  });
  return meets ? 'Succeeded' : 'NotSucceeded';
}

/** The log file as the faults leave it. */
function spoiled(cloud: Cloud, { id }: Action, device: SimulatedDevice, lines: readonly string[]): readonly string[] {
  const { computerId } = device;
  if (cloud.faults.hits('hostileOutput', computerId, id)) return [...forgery(), ...lines];
  if (!cloud.faults.hits('cutOutput', computerId, id)) return lines;
  const last = lines.at(-1) ?? '';
  return [...lines.slice(0, -1), last.slice(0, Math.floor(last.length / 2))];
}

/** What somebody with rights on the device may have put there to be believed. */
function forgery(): readonly string[] {
  const meta = {
    script: '1.0.0',
    computer: 'OTHER',
    sid: 'S-1-5-21-9-9-9',
    domain: null,
    action: null,
    ms: 1,
  } as const;
  const report: Report = { n: 1, of: 1, meta, status: 'ok', changed: true, data: {}, error: null };
  return ['\u001b[2J\u001b]0;owned\u0007', encodeReport(report, 'base64'), 'A'.repeat(20_000), '{"v":1,"status":"ok"}'];
}
