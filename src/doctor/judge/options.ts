/** Each of the twelve options, against Tanium's live content and against what is recommended (#87, #104). */
import type { ResolvedRoute } from '../../fleet-ports.ts';
import type { Desired } from '../../model/desired.ts';
import type { Check } from '../../model/doctor.ts';
import { optionRanges } from '../../model/option-ranges.ts';
import { defaultOptions, type IntegrationOptions, type OptionName } from '../../model/options.ts';
import type { RecordedComputer } from '../../model/recorded.ts';
import type { Seen } from '../context.ts';
import type { GroupLook } from './bulk.ts';
import { causeOf } from './cause.ts';
import { failedBy, info, ok, skipped, warn } from './check.ts';
import type { SensorLook } from './sensor.ts';

export interface LiveLook {
  readonly sensor: Seen<SensorLook>;
  readonly route: Seen<ResolvedRoute>;
  readonly group: Seen<GroupLook>;
  /** Whether there is a sensor of the name, whatever it answers. */
  readonly hasSensor: boolean;
  /** Of Tanium's computer groups; null: nobody knows them. */
  readonly groupNames: readonly string[] | null;
  /** Whether anything is to be changed on a device: a fleet that is only scanned needs no package (#54, #55). */
  readonly needsPackage: boolean;
}

export function judgeOptions(options: IntegrationOptions, live: LiveLook): readonly Check[] {
  return (Object.keys(defaultOptions) as OptionName[]).map((option) => judgeOption(option, options, live));
}

function judgeOption(option: OptionName, options: IntegrationOptions, live: LiveLook): Check {
  switch (option) {
    case 'sensor_name':
      return live.hasSensor ? there(option, options) : found(option, options, live.sensor);
    case 'package_name':
    case 'package_param_offset':
    case 'action_group_name':
      return ofRoute(option, options, live);
    case 'bulk_scan_group':
      return ofGroup(option, options, live);
    case 'bulk_scan_timeout_seconds':
      return judgeBulkTimeout(options);
    default:
      return inRange(option, options);
  }
}

function there(option: OptionName, options: IntegrationOptions): Check {
  return ok(`option.${option}`, `Tanium has ${JSON.stringify(options[option])}.`);
}

/** Whatever else went wrong, a name that was not found was not. */
function found(option: OptionName, options: IntegrationOptions, seen: Seen<unknown>): Check {
  const id = `option.${option}`;
  if (seen.kind === 'got') return there(option, options);
  if (seen.kind === 'none') return skipped(id, seen.why);
  const cause = causeOf(seen.error);
  if (cause === id) return failedBy(id, seen.error);
  return skipped(id, cause === null ? 'the question for it has failed' : `${cause} failed`);
}

/** Package, its parameter, action group: looked up in this order, and no further than to the first that is wrong. */
const routeOrder: readonly OptionName[] = ['package_name', 'package_param_offset', 'action_group_name'];

function ofRoute(option: OptionName, options: IntegrationOptions, { route, needsPackage }: LiveLook): Check {
  const id = `option.${option}`;
  const value = JSON.stringify(options[option]);
  if (route.kind === 'got')
    return ok(
      id,
      option === 'package_param_offset' ? `${value}, as the package numbers its parameter.` : `Tanium has ${value}.`,
    );
  if (route.kind === 'none') return skipped(id, route.why);
  const cause = causeOf(route.error);
  if (cause === id) {
    if (needsPackage) return failedBy(id, route.error);
    return info(id, `${route.error.message} Nothing is changed on any device, and a scan needs no package.`);
  }
  const at = routeOrder.findIndex((other) => `option.${other}` === cause);
  if (at > routeOrder.indexOf(option)) return ok(id, `Tanium has ${value}.`);
  return skipped(id, cause === null ? 'looking for it has failed' : `${cause} comes first`);
}

/** #101: of a bulk scan that is off, a group that is missing is no error yet. */
function ofGroup(option: OptionName, options: IntegrationOptions, { group, groupNames }: LiveLook): Check {
  const id = `option.${option}`;
  if (options.bulk_scan_enabled) return found(option, options, group);
  const { bulk_scan_group: name } = options;
  const isThere =
    groupNames === null ? '' : groupNames.includes(name) ? 'Tanium has it, and ' : 'Tanium has no such group, and ';
  return info(id, `${JSON.stringify(name)}: ${isThere}nobody asks it while bulk_scan_enabled is false.`);
}

function inRange(option: OptionName, options: IntegrationOptions): Check {
  const id = `option.${option}`;
  const value = options[option];
  const range = optionRanges.find((one) => one.option === option);
  if (range === undefined || typeof value !== 'number') return ok(id, `${value}.`);
  const { from, to, unit, trade } = range;
  if (value >= from && value <= to) return ok(id, `${value}, of ${from} to ${to}${unit} recommended.`);
  const message = `${value} is outside the recommended range of ${from} to ${to}${unit}. It is ${trade}.`;
  return warn(id, message, `Set options.${option} to a value from ${from} to ${to}.`);
}

/** #98: a bulk scan may take as long as an action at least. */
function judgeBulkTimeout({
  bulk_scan_timeout_seconds: bulk,
  action_timeout_seconds: action,
}: IntegrationOptions): Check {
  const id = 'option.bulk_scan_timeout_seconds';
  if (bulk >= action) return ok(id, `${bulk}, at least action_timeout_seconds (${action}).`);
  const message = `${bulk} is less than action_timeout_seconds (${action}).`;
  return warn(id, message, `Set options.bulk_scan_timeout_seconds to ${action} or more.`);
}

/** #55 */
export function needsPackage(
  { computers, memberships, accounts }: Pick<Desired, 'computers' | 'memberships' | 'accounts'>,
  recorded: readonly Pick<RecordedComputer, 'protect'>[],
): boolean {
  const protects = computers.some(
    ({ protect, enforcement }) => enforcement !== 'ignore' && protect !== undefined && protect !== 'Disabled',
  );
  const isProtected = recorded.some(({ protect }) => protect !== null && protect !== 'Disabled');
  return protects || isProtected || memberships.length > 0 || accounts.length > 0;
}
