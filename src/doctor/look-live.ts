/** Everything that is asked of Tanium, side by side; what cannot be asked says why. */
import { judgeWhatIsThere } from '../apply/content.ts';
import { routeOf } from '../apply/execute.ts';
import type { ErrorCode } from '../errors.ts';
import type { Reach } from '../fleet-ports.ts';
import type { IntegrationOptions } from '../model/options.ts';
import { isOff } from '../reconcile/provider-records.ts';
import { type DoctorContext, got, type Seen, unseen } from './context.ts';
import { type ContentSight, sensorFault } from './judge/content.ts';
import type { ProviderRecords } from './judge/npsd.ts';
import { type LiveLook, needsPackage } from './judge/options.ts';
import { whyUnreached } from './judge/reach.ts';
import type { DeviceLook } from './judge/sensor.ts';
import { lookAtDevice, lookAtGroup, lookAtSensor } from './look-fleet.ts';
import type { Records } from './look-records.ts';
import { seen } from './seen.ts';

export interface FleetLook extends LiveLook {
  readonly device: Seen<DeviceLook | null>;
  readonly content: Seen<ContentSight>;
}

export interface Known {
  readonly reach: Reach;
  readonly records: Records;
  readonly recorded: ProviderRecords;
  readonly options: IntegrationOptions;
}

export async function lookAtLive(context: DoctorContext, target: string | null, known: Known): Promise<FleetLook> {
  const { records, options } = known;
  const computers = records.computers.kind === 'got' ? records.computers.value : [];
  const needed = needsPackage(context.desired, computers);
  const why = whyNot(context, known);
  if (why !== null) {
    const none = unseen(why);
    const nothing = { sensor: none, route: none, group: none, device: none, content: none };
    return { ...nothing, groupNames: null, hasSensor: false, needsPackage: needed };
  }
  const [asked, members, route, content] = await Promise.all([
    seen(() => lookAtSensor(context, options, computers, target)),
    groupWanted(records, options) ?? seen(() => lookAtGroup(context, options, computers)),
    seen(() => context.actions.route(routeOf(options), context.signal)),
    lookAtContent(context, options, computers.length),
  ]);
  const fault = content.kind === 'got' ? sensorFault(content.value) : null;
  const [sensor, group] = [byFault(asked, fault), byFault(members, fault)];
  const single = sensor.kind === 'got' ? sensor.value.single : null;
  return {
    sensor,
    route,
    group,
    device:
      single === null
        ? unseen(sensor.kind === 'got' ? 'no device answers with an inventory' : 'row.sensor has no answer')
        : await seen(() => lookAtDevice(context, options, single.computerId)),
    content,
    groupNames: content.kind === 'got' ? content.value.groupNames : null,
    hasSensor: sensor.kind === 'got' || (content.kind === 'got' && content.value.hasSensor),
    needsPackage: needed,
  };
}

/** Null: the group is to be asked. */
function groupWanted({ computers }: Records, options: IntegrationOptions): Seen<never> | null {
  if (!options.bulk_scan_enabled) return unseen('bulk_scan_enabled is false');
  // Without records nobody can say whom a bulk scan would update.
  return computers.kind === 'none' ? unseen(computers.why) : null;
}

const ofSensor: readonly ErrorCode[] = ['TRUEUP_SENSOR_NOT_FOUND', 'TRUEUP_SENSOR_FOREIGN'];

/** What is wrong with the sensor, content names; its columns are what a question that names it stumbles over. */
function byFault<T>(asked: Seen<T>, fault: string | null): Seen<T> {
  const isHidden = asked.kind === 'error' && ofSensor.includes(asked.error.code) && fault !== null;
  return isHidden ? unseen(`${fault} failed`) : asked;
}

async function lookAtContent(
  context: DoctorContext,
  options: IntegrationOptions,
  computers: number,
): Promise<Seen<ContentSight>> {
  const look = await seen(() => judgeWhatIsThere(context, options, computers));
  if (look.kind !== 'got') return look;
  const { value } = look;
  if (value === null) return unseen('nobody looks at content');
  const { sensor, tokens, computerGroups } = value.observed;
  return got({
    verdicts: value.verdicts,
    hasSensor: sensor.found !== null,
    showsTokens: tokens !== null,
    groupNames: computerGroups?.map(({ name }) => name) ?? null,
  });
}

/** Why nothing is asked of the fleet; null: it is. */
function whyNot({ provider }: DoctorContext, { reach: { failure }, recorded }: Known): string | null {
  if (failure !== null) return whyUnreached(failure);
  return isOff(provider, recorded) ? 'the integration is off' : null;
}
