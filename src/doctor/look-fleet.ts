/** What Tanium and its devices say, by questions alone: nothing is changed, and no action is made. */
import { silenceOf } from '../apply/scan/absent.ts';
import { sorterOf } from '../apply/scan/sort.ts';
import { parseInventory } from '../endpoint/inventory.ts';
import { isCalled } from '../model/device-name.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import { shortName } from '../model/selector.ts';
import type { DeviceRow } from '../ports.ts';
import { type Due, dueOf } from '../reconcile/scan-due.ts';
import { type Unready, unreadinessOf } from '../reconcile/scan-readiness.ts';
import type { DoctorContext } from './context.ts';
import type { GroupLook } from './judge/bulk.ts';
import type { DeviceLook, Named, SensorLook } from './judge/sensor.ts';

type LookContext = Pick<DoctorContext, 'provider' | 'store' | 'scanner' | 'clock' | 'signal' | 'tell'>;

/** Names that a finding keeps of each kind. */
const mostNames = 5;

export async function lookAtSensor(
  context: LookContext,
  options: IntegrationOptions,
  computers: readonly RecordedComputer[],
  target: string | null,
): Promise<SensorLook> {
  const { scanner, clock, signal } = context;
  const answer = await scanner.scan({
    sensor: options.sensor_name,
    maxAgeSeconds: null,
    computerIds: null,
    timeoutSeconds: options.action_timeout_seconds,
    signal,
    progress: (answered, expected) => context.tell({ kind: 'scan', answered, expected }),
  });
  const now = clock.now();
  const counts = { inventory: 0, 'not-windows': 0, 'no-answer': 0, malformed: 0 };
  const bad = names();
  const unready = new Map<Unready | 'constrained', ReturnType<typeof names>>();
  const note = (why: Unready | 'constrained', name: string): void => {
    const known = unready.get(why) ?? names();
    known.add(name);
    unready.set(why, known);
  };
  const found: DeviceRow[] = [];
  const heard = new Set<string>();
  let windows = 0;
  let any: DeviceRow | null = null;
  for await (const row of answer.rows) {
    signal.throwIfAborted();
    const text = parseInventory(row.text);
    if (target !== null && isCalled(row, target) && found.length < mostNames) found.push(row);
    heard.add(row.computerId).add(shortName(row.name).toLowerCase());
    counts[text.kind] += 1;
    if (isOther(row, text.kind)) continue;
    windows += 1;
    if (text.kind !== 'inventory') {
      bad.add(`${row.name} (${text.message})`);
      continue;
    }
    any ??= row;
    const why = unreadinessOf({ os: row.os, text });
    if (why !== null) note(why.why, row.name);
    else if (text.inventory.language === 'constrained') note('constrained', row.name);
  }
  return {
    at: answer.at,
    askedAt: now,
    expected: answer.expected,
    windows,
    counts,
    bad: bad.named(),
    unready: new Map([...unready].map(([why, all]) => [why, all.named()])),
    ...silentAmong(context, computers, heard, now),
    single: found[0] ?? any,
    called: found,
  };
}

function isOther({ os }: DeviceRow, kind: string): boolean {
  return kind === 'not-windows' || (kind !== 'inventory' && os !== '' && !/windows/i.test(os));
}

function names(): { readonly add: (name: string) => void; readonly named: () => Named } {
  const first: string[] = [];
  let count = 0;
  return {
    add: (name) => {
      count += 1;
      if (first.length < mostNames) first.push(name);
    },
    named: () => ({ count, names: first }),
  };
}

/** Computers that are to be scanned and that did not answer (#32). */
function silentAmong(
  { provider }: LookContext,
  computers: readonly RecordedComputer[],
  heard: ReadonlySet<string>,
  now: string,
): Pick<SensorLook, 'due' | 'silent'> {
  const { computers: due } = dueOf(computers, provider);
  const silent = { offline: names(), 'not-found': names(), 'last-seen-too-long-ago': names() };
  for (const computer of due) {
    const { computerId, name } = computer;
    if (heard.has(computerId ?? shortName(name).toLowerCase())) continue;
    silent[silenceOf(computer, now).failure].add(name);
  }
  return {
    due: due.length,
    silent: {
      offline: silent.offline.named(),
      'not-found': silent['not-found'].named(),
      'last-seen-too-long-ago': silent['last-seen-too-long-ago'].named(),
    },
  };
}

/** As a bulk scan would ask, and sorts what comes as it would; nothing is kept. */
export async function lookAtGroup(
  context: LookContext,
  options: IntegrationOptions,
  computers: readonly RecordedComputer[],
): Promise<GroupLook> {
  const due: Due = dueOf(computers, context.provider);
  const { scanner, signal, store } = context;
  const answer = await scanner.scanGroup({
    group: options.bulk_scan_group,
    sensor: options.sensor_name,
    maxAgeSeconds: null,
    timeoutSeconds: options.bulk_scan_timeout_seconds,
    signal,
  });
  const sorter = sorterOf(due, { owner: store.owner, success: '', duration: () => 0 });
  for await (const row of answer.rows) {
    signal.throwIfAborted();
    sorter.add(row);
    while (sorter.waiting() > options.bulk_scan_batch_size) sorter.take(options.bulk_scan_batch_size);
  }
  sorter.matchNames();
  return { members: answer.expected, due: due.computers.length, totals: sorter.totals(answer.expected, true) };
}

/** A registered client answers within seconds. */
const locateSeconds = 120;

/** One device by itself: the seed's "Scan one device". Null: it does not answer. */
export async function lookAtDevice(
  { scanner, signal }: LookContext,
  { sensor_name: sensor, action_timeout_seconds }: IntegrationOptions,
  computerId: string,
): Promise<DeviceLook | null> {
  const timeoutSeconds = Math.min(locateSeconds, action_timeout_seconds);
  const machine = await scanner.locate(computerId, { sensor, maxAgeSeconds: null, timeoutSeconds, signal });
  return machine === null ? null : { name: machine.row.name, text: parseInventory(machine.row.text) };
}
