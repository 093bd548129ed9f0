/** What the devices answer: the sensor, how ready they are, one device by itself, and whose clock is right. */
import type { Check } from '../../model/doctor.ts';
import type { ObservedText } from '../../model/observed.ts';
import { optionRanges } from '../../model/option-ranges.ts';
import type { IntegrationOptions, OptionName } from '../../model/options.ts';
import { ADMINISTRATORS } from '../../model/sid.ts';
import type { DeviceRow } from '../../ports.ts';
import { membersIn } from '../../reconcile/local-users.ts';
import type { Unready } from '../../reconcile/scan-readiness.ts';
import type { Seen } from '../context.ts';
import { missed } from './cause.ts';
import { count, fail, info, ok, skipped, some, warn } from './check.ts';

/** So many, and the first of them by name. */
export interface Named {
  readonly count: number;
  readonly names: readonly string[];
}

export interface SensorLook {
  /** The server's clock at the end of the question, and this machine's then. */
  readonly at: string;
  readonly askedAt: string;
  /** Machines that Tanium counts. */
  readonly expected: number;
  /** Windows machines that answered. */
  readonly windows: number;
  readonly counts: Readonly<Record<'inventory' | 'not-windows' | 'no-answer' | 'malformed', number>>;
  /** Windows machines without an inventory. */
  readonly bad: Named;
  readonly unready: ReadonlyMap<Unready | 'constrained', Named>;
  /** Computers on record that are to be scanned; those of them that did not answer, by why. */
  readonly due: number;
  readonly silent: Readonly<Record<'offline' | 'not-found' | 'last-seen-too-long-ago', Named>>;
  /** The device to ask by itself; null: there is none. */
  readonly single: DeviceRow | null;
  /** Devices that the target's name is one of. */
  readonly called: readonly DeviceRow[];
}

/** Row 1 of the validation table (#156, #51). `foreign`: the check that names another script in it; null: none does. */
export function judgeSensor(options: IntegrationOptions, look: Seen<SensorLook>, foreign: string | null): Check {
  const id = 'row.sensor';
  const sensor = JSON.stringify(options.sensor_name);
  if (look.kind === 'error' && look.error.code === 'TRUEUP_SCAN_TIMEOUT') {
    return fail(id, `${look.error.message} ${rangeWords(options, 'action_timeout_seconds')}`, look.error.remedy);
  }
  if (look.kind !== 'got') return missed(id, look);
  const { windows, counts, bad } = look.value;
  if (windows === 0) {
    const message = `No Windows device answers ${sensor} (expected: JSON results for Windows devices).`;
    return fail(id, message, 'See in Tanium which clients are registered.');
  }
  if (counts.inventory === 0 && foreign !== null) return skipped(id, `${foreign} failed`);
  if (counts.inventory === 0 && counts.malformed > 0) {
    const message = `Of ${count(windows, 'Windows device')} none answers ${sensor} with our JSON: ${some(bad.names, 1)} (TRUEUP_SENSOR_FOREIGN).`;
    const remedy = `Put secureone_management.ps1 into the sensor, or name the right one in options.sensor_name.`;
    return fail(id, message, remedy);
  }
  const message = `JSON results of ${counts.inventory} of ${count(windows, 'Windows device')} for ${sensor}`;
  if (counts.inventory === windows) return ok(id, `${message}.`);
  const names = `without one: ${first(bad.names, bad.count)}`;
  const remedy = `Preview the sensor in Tanium on these devices.`;
  // On most, not on all (#51).
  if (counts.inventory * 2 <= windows) return fail(id, `${message}, which is not most of them; ${names}.`, remedy);
  return warn(id, `${message}; ${names}.`, remedy);
}

/** ` action_timeout_seconds is 1200; 600 to 3600 s are recommended.` */
export function rangeWords(options: IntegrationOptions, option: OptionName): string {
  const range = optionRanges.find((one) => one.option === option);
  const recommended = range === undefined ? '' : `; ${range.from} to ${range.to}${range.unit} is recommended`;
  return `${option} is ${options[option]}${recommended}.`;
}

const mostSkewSeconds = 60;

/** Scans are told apart by time, and an expiry is compared with this machine's clock. */
export function judgeClock(look: Seen<Pick<SensorLook, 'at' | 'askedAt'>>): Check {
  const id = 'tanium.clock';
  if (look.kind !== 'got') return skipped(id, 'no question was answered');
  const { at, askedAt } = look.value;
  const seconds = Math.round((Date.parse(at) - Date.parse(askedAt)) / 1000);
  const apart = Math.abs(seconds);
  const which = seconds > 0 ? 'ahead of' : 'behind';
  if (apart <= mostSkewSeconds) return ok(id, `The clocks of Tanium and of this machine are ${apart} s apart.`);
  const message = `The clock of Tanium is ${apart} s ${which} that of this machine; at most ${mostSkewSeconds} s are taken.`;
  return warn(id, message, 'Set the clock of this machine, by NTP.');
}

interface Lack {
  readonly id: string;
  readonly reasons: readonly (Unready | 'constrained')[];
  readonly good: string;
  /** Before the devices. */
  readonly bad: string;
  readonly remedy: string;
}

const lacks: readonly Lack[] = [
  {
    id: 'devices.os',
    reasons: ['os-too-old', 'os-unknown'],
    good: 'Every device runs Windows 10, Windows Server 2012 R2 or later.',
    bad: 'Older than Windows 10 and Windows Server 2012 R2, or of a system that nobody knows, are',
    remedy: 'They are left alone. Update them, or declare an Exclusion.',
  },
  {
    id: 'devices.powershell',
    reasons: ['powershell-too-old'],
    good: 'Every device has Windows PowerShell 5.1 or later.',
    bad: 'Windows PowerShell is older than 5.1 on',
    remedy: 'They are left alone. Install Windows Management Framework 5.1.',
  },
  {
    id: 'devices.module',
    reasons: ['no-local-accounts'],
    good: 'No device lacks the module Microsoft.PowerShell.LocalAccounts.',
    bad: 'The module Microsoft.PowerShell.LocalAccounts is missing on',
    remedy: 'They are left alone. Install Windows Management Framework 5.1.',
  },
  {
    id: 'devices.language',
    reasons: ['constrained'],
    good: 'No device keeps PowerShell in Constrained Language Mode.',
    bad: 'PowerShell is in Constrained Language Mode, so that a scan is all that is possible, on',
    remedy: 'Sign the scripts, or allow them by policy.',
  },
];

/** #32–#35 */
export function judgeDevices(look: Seen<SensorLook>): readonly Check[] {
  const agent = 'devices.agent';
  if (look.kind !== 'got') return [agent, ...lacks.map(({ id }) => id)].map((id) => skipped(id, 'no device was heard'));
  return [judgeAgents(agent, look.value), ...lacks.map((lack) => judgeLack(lack, look.value))];
}

function judgeLack({ id, reasons, good, bad, remedy }: Lack, { unready }: SensorLook): Check {
  const lists = reasons.flatMap((why) => unready.get(why) ?? []);
  const number = lists.reduce((sum, list) => sum + list.count, 0);
  if (number === 0) return ok(id, good);
  const names = lists.flatMap((list) => list.names);
  return warn(id, `${bad} ${count(number, 'device')}: ${first(names, number)}.`, remedy);
}

/** So many of the names as a line takes, and how many devices are left. */
function first(names: readonly string[], number: number): string {
  const shown = names.slice(0, 3);
  const left = number - shown.length;
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ');
}

function judgeAgents(id: string, { due, silent, expected }: SensorLook): Check {
  if (due === 0)
    return info(id, `Tanium counts ${count(expected, 'machine')}; no computer on record is to be scanned.`);
  const parts = [
    [silent.offline, 'silent'],
    [silent['last-seen-too-long-ago'], 'not seen for more than 14 days'],
    [silent['not-found'], 'unknown to Tanium'],
  ] as const;
  const said = parts
    .filter(([list]) => list.count > 0)
    .map(([list, why]) => `${list.count} ${why} (${first(list.names, list.count)})`);
  const missing = parts.reduce((sum, [list]) => sum + list.count, 0);
  const message = `${due - missing} of ${count(due, 'computer')} answer through their Tanium agents`;
  if (missing === 0) return ok(id, `${message}.`);
  return warn(id, `${message}; ${said.join(', ')}.`, 'See in Tanium whether the clients are installed and connected.');
}

export interface DeviceLook {
  readonly name: string;
  readonly text: ObservedText;
}

/** Row 5: `Admins discovered`. Null: the device does not answer. */
export function judgeSingle(device: Seen<DeviceLook | null>): Check {
  const id = 'row.single-scan';
  if (device.kind !== 'got') return missed(id, device);
  const look = device.value;
  if (look === null)
    return fail(id, 'The device does not answer (expected: Admins discovered).', 'See whether it is online.');
  const { name, text } = look;
  if (text.kind !== 'inventory') {
    const message = `${name} answers, and not with an inventory: ${text.message} (expected: Admins discovered).`;
    return fail(id, message, 'Preview the sensor in Tanium on this device.');
  }
  const members = membersIn(text.inventory, ADMINISTRATORS).length;
  return ok(id, `Admins discovered: ${count(members, 'member')} of Administrators on ${name}.`);
}
