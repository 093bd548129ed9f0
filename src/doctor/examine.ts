/**
 * The diagnosis, part by part: what others lean on comes first, and where something fails, what hangs on it is not looked
 * at, so that each cause is named once. It asks questions and reads records; it makes no action and writes nothing.
 */

import { judgeWhatIsThere } from '../apply/content.ts';
import { readComputers, readProvider } from '../apply/survey.ts';
import { asTrueupError, type TrueupError } from '../errors.ts';
import type { Reach } from '../fleet-ports.ts';
import type { Check, DoctorReport } from '../model/doctor.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { Recorded, RecordedComputer } from '../model/recorded.ts';
import type { ScanRun } from '../model/scan.ts';
import type { LeaseHolder } from '../ports.ts';
import { effectiveOptions } from '../reconcile/options.ts';
import { isOff } from '../reconcile/provider-records.ts';
import type { DoctorContext, Seen } from './context.ts';
import { got, unseen } from './context.ts';
import { judgeBulk, judgeLastBulk } from './judge/bulk.ts';
import { type ContentSight, foreignSensor, judgeContents } from './judge/content.ts';
import { judgeHost, judgeKey } from './judge/host.ts';
import { judgeComputers, judgeRecords, judgeVersion, type ProviderRecords } from './judge/npsd.ts';
import { judgeOptions, type LiveLook, needsPackage } from './judge/options.ts';
import { judgeReach, whyUnreached } from './judge/reach.ts';
import { type DeviceLook, judgeClock, judgeDevices, judgeSensor, judgeSingle } from './judge/sensor.ts';
import { judgeStore, type StoreLook, storeOpen } from './judge/store.ts';
import { judgeConnection, judgeExpiry, judgeRights, judgeToken } from './judge/token.ts';
import { lookAtDevice, lookAtGroup, lookAtSensor } from './look-fleet.ts';
import { seen } from './seen.ts';

export interface Examination {
  /** A device to look at by itself, by any of its names; null: any will do. */
  readonly target: string | null;
  /** Checks that somebody knows to fail: they warn instead. */
  readonly accept: ReadonlySet<string>;
  readonly isDead: (holder: LeaseHolder) => boolean;
  /** Why the store cannot be opened, so that an empty one stands in its place; null or left out: it can. */
  readonly closed?: TrueupError | null;
}

export interface Examined {
  readonly report: DoctorReport;
  readonly options: IntegrationOptions;
  readonly live: LiveLook;
  readonly computers: readonly RecordedComputer[];
}

interface Records {
  readonly provider: Seen<ProviderRecords>;
  readonly computers: Seen<readonly RecordedComputer[]>;
  readonly store: Seen<StoreLook>;
  readonly runs: Seen<readonly ScanRun[]>;
}

export async function examine(context: DoctorContext, examination: Examination): Promise<Examined> {
  const { clock, provider, requests } = context;
  const at = clock.now();
  const [host, records, reach] = await Promise.all([
    context.host(),
    readAll(context, examination),
    context.connection.reach(context.signal),
  ]);
  const recorded = records.provider.kind === 'got' ? records.provider.value : nothingRecorded(context);
  const options = effectiveOptions(provider, recorded);
  const live = await lookAtFleet(context, examination, { reach, records, recorded, options });
  const asked = [live.sensor, live.route, live.group, live.device, live.content];
  const token = judgeToken(reach, asked);
  // Where Tanium shows the tokens, it says itself when the one in use ends.
  const showsTokens = live.content.kind === 'got' && live.content.value.showsTokens;
  const named = [
    ...(showsTokens ? [] : [judgeExpiry(provider, at)]),
    judgeRights(reach, asked),
    ...judgeOptions(options, live),
  ];
  const checks = [
    ...judgeHost(host),
    judgeKey(keyOf(context)),
    judgeVersion(provider),
    ...judgeRecords(provider, records.provider),
    judgeComputers(provider, recorded.owner, records.computers),
    ...judgeStore(context.store.address, records.store),
    ...judgeReach(reach),
    judgeClock(live.sensor),
    ...named,
    ...judgeContents(live.content, named),
    ...judgeDevices(live.sensor),
    ...(options.bulk_scan_enabled ? [judgeLastBulk(options, records.runs)] : []),
    judgeSensor(options, live.sensor, foreignSensor(live.content)),
    token,
    judgeConnection(reach, token),
    judgeSingle(live.device),
    ...judgeBulk(options, recorded.owner, live.group),
  ].map((check) => accepted(check, examination.accept));
  const seconds = Math.round((Date.parse(clock.now()) - Date.parse(at)) / 100) / 10;
  const report = { version: 1, provider: provider.name, at, checks, requests: requests().calls, seconds } as const;
  return { report, options, live, computers: records.computers.kind === 'got' ? records.computers.value : [] };
}

function accepted(check: Check, accept: ReadonlySet<string>): Check {
  return check.status === 'fail' && accept.has(check.id) ? { ...check, status: 'warn' } : check;
}

function keyOf({ key }: DoctorContext): Parameters<typeof judgeKey>[0] {
  try {
    return key();
  } catch (thrown) {
    return asTrueupError(thrown);
  }
}

function nothingRecorded({ store }: DoctorContext): ProviderRecords {
  return { owner: store.owner, toggle: null, providers: [] };
}

async function readAll(context: DoctorContext, { isDead, closed = null }: Examination): Promise<Records> {
  const { store, provider } = context;
  if (closed !== null) {
    const none = unseen(`${storeOpen} failed`);
    return { provider: none, computers: none, store: { kind: 'error', error: closed }, runs: none };
  }
  return {
    provider: await seen(() => readProvider(context)),
    computers: await seen(() => readComputers(store)),
    store: await seen(async () => ({
      health: await store.health(),
      heldBy: await store.heldBy(provider.name, isDead),
      unsettled: (await store.unsettled()).length,
      unfinished: (await store.unfinishedScanRuns()).length,
    })),
    runs: await seen(() => store.scanRuns(shownRuns)),
  };
}

const shownRuns = 20;

interface Known {
  readonly reach: Reach;
  readonly records: Records;
  readonly recorded: Pick<Recorded, 'owner' | 'toggle' | 'providers'>;
  readonly options: IntegrationOptions;
}

interface FleetLook extends LiveLook {
  readonly device: Seen<DeviceLook | null>;
  readonly content: Seen<ContentSight>;
}

async function lookAtFleet(context: DoctorContext, { target }: Examination, known: Known): Promise<FleetLook> {
  const { reach, records, recorded, options } = known;
  const computers = records.computers.kind === 'got' ? records.computers.value : [];
  const needed = needsPackage(context.desired, computers);
  const why = whyNot(context, reach, recorded);
  if (why !== null) {
    const none = unseen(why);
    return {
      sensor: none,
      route: none,
      group: none,
      device: none,
      content: none,
      groupNames: null,
      needsPackage: needed,
    };
  }
  const { package_name, package_param_offset, action_group_name } = options;
  const names = {
    packageName: package_name,
    packageParamOffset: package_param_offset,
    actionGroupName: action_group_name,
  };
  const [sensor, group, route, content] = await Promise.all([
    seen(() => lookAtSensor(context, options, computers, target)),
    groupWanted(records, options) ?? seen(() => lookAtGroup(context, options, computers)),
    seen(() => context.actions.route(names, context.signal)),
    lookAtContents(context, options),
  ]);
  const single = sensor.kind === 'got' ? sensor.value.single : null;
  const device =
    single === null
      ? unseen(sensor.kind === 'error' ? 'row.sensor failed' : 'no device answers with an inventory')
      : await seen(() => lookAtDevice(context, options, single.computerId));
  const groupNames = content.kind === 'got' ? content.value.groupNames : null;
  return { sensor, route, group, device, content, groupNames, needsPackage: needed };
}

/** Null: the group is to be asked. */
function groupWanted({ computers }: Records, options: IntegrationOptions): Seen<never> | null {
  if (!options.bulk_scan_enabled) return unseen('bulk_scan_enabled is false');
  // Without records nobody can say whom a bulk scan would update.
  return computers.kind === 'none' ? unseen(computers.why) : null;
}

async function lookAtContents(context: DoctorContext, options: IntegrationOptions): Promise<Seen<ContentSight>> {
  const look = await seen(() => judgeWhatIsThere(context, options));
  if (look.kind !== 'got') return look;
  const { value } = look;
  if (value === null) return unseen('nobody looks at content');
  const { tokens, computerGroups } = value.observed;
  const groupNames = computerGroups?.map(({ name }) => name) ?? null;
  return got({ verdicts: value.verdicts, showsTokens: tokens !== null, groupNames });
}

/** Why nothing is asked of the fleet; null: it is. */
function whyNot({ provider }: DoctorContext, { failure }: Reach, recorded: Known['recorded']): string | null {
  if (failure !== null) return whyUnreached(failure);
  return isOff(provider, recorded) ? 'the integration is off' : null;
}
