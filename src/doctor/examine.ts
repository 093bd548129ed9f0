/**
 * The diagnosis, part by part: what others lean on comes first, and where something fails, what hangs on it is not looked
 * at, so that each cause is named once. It asks questions and reads records; it makes no action and writes nothing.
 */
import { asTrueupError, type TrueupError } from '../errors.ts';
import type { Check, DoctorReport } from '../model/doctor.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import type { LeaseHolder } from '../ports.ts';
import { effectiveOptions } from '../reconcile/options.ts';
import type { DoctorContext } from './context.ts';
import { judgeBulk, judgeLastBulk } from './judge/bulk.ts';
import { foreignSensor, judgeContents } from './judge/content.ts';
import { judgeHost, judgeKey } from './judge/host.ts';
import { judgeComputers, judgeRecords, judgeVersion, type ProviderRecords } from './judge/npsd.ts';
import { judgeOptions, type LiveLook } from './judge/options.ts';
import { judgeReach } from './judge/reach.ts';
import { judgeClock, judgeDevices, judgeSensor, judgeSingle } from './judge/sensor.ts';
import { judgeStore } from './judge/store.ts';
import { judgeConnection, judgeExpiry, judgeRights, judgeToken } from './judge/token.ts';
import { lookAtLive } from './look-live.ts';
import { lookAtRecords } from './look-records.ts';

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

export async function examine(context: DoctorContext, examination: Examination): Promise<Examined> {
  const { clock, provider, store, requests } = context;
  const { target, accept, isDead, closed = null } = examination;
  const at = clock.now();
  const [host, records, reach] = await Promise.all([
    context.host(),
    lookAtRecords(context, isDead, closed),
    context.connection.reach(context.signal),
  ]);
  const recorded = records.provider.kind === 'got' ? records.provider.value : nothingRecorded(context);
  const options = effectiveOptions(provider, recorded);
  const live = await lookAtLive(context, target, { reach, records, recorded, options });
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
    ...judgeRecords(provider, records.provider, records.isToggleUnreadable),
    judgeComputers(provider, recorded.owner, records.computers),
    ...judgeStore(store.address, records.store),
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
  ].map((check) => accepted(check, accept));
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
