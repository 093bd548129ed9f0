/** Computers by themselves: what the cache may serve by one question for all, the others each in real time. */
import { isInterruption } from '../../errors.ts';
import type { ObservedDevice } from '../../model/observed.ts';
import { matchByName, nameKey } from '../../reconcile/match.ts';
import { realTimeSeconds, type ScannedComputer, scanModeOf } from '../../reconcile/scan-due.ts';
import { leftAlone, selectorsOfLeftAlone } from '../../reconcile/scan-left-alone.ts';
import { groupMembers } from '../survey.ts';
import { silenceOf } from './absent.ts';
import type { ScanContext, ScanRecords } from './context.ts';
import { type RealTimeScan, routeOnce, scanInRealTime } from './realtime.ts';
import { ageWords, reader, resultOf, type ScanResult } from './result.ts';

export interface SingleScans {
  readonly run: string;
  readonly records: ScanRecords;
  /** Past every cache. */
  readonly collectNow: boolean;
}

/** A device is waited for, and meanwhile three others. */
const inRealTimeAtOnce = 4;

/** A record and the machine that it is of. */
export interface Bound {
  readonly record: ScannedComputer;
  readonly computerId: string;
}

/** `ended` is told of each as soon as it is done; `isOver`: no further one is begun. */
export async function scanEach(
  context: ScanContext,
  request: SingleScans,
  due: readonly ScannedComputer[],
  isOver: () => boolean,
  ended: (scans: readonly RealTimeScan[]) => Promise<void>,
): Promise<void> {
  const { bound, absent } = await bind(context, request.records, due);
  await ended(absent.map((result) => ({ result, at: null, actionId: null, raw: null })));
  const cached = bound.filter(({ record }) => scanModeOf(record) === 'cached');
  if (cached.length > 0) await ended(await askCached(context, request, cached));
  const { options } = request.records;
  const route = routeOnce(context, options);
  const { free, alone } = await parted(
    context,
    bound.filter(({ record }) => scanModeOf(record) === 'realtime'),
  );
  await ended(alone);
  const waiting = free.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const one of waiting) {
      if (failed || isOver()) return;
      try {
        await ended([await scanInRealTime(context, request.run, one, options, route)]);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: inRealTimeAtOnce }, worker));
  const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  const [first] = errors;
  if (errors.length > 0) throw errors.find(isInterruption) ?? first;
}

/** Whom an action may be sent to, and whom somebody wants left alone. */
async function parted(
  context: ScanContext,
  computers: readonly Bound[],
): Promise<{ readonly free: readonly Bound[]; readonly alone: readonly RealTimeScan[] }> {
  if (computers.length === 0) return { free: [], alone: [] };
  const { desired, labels, clock } = context;
  const members = await groupMembers(context, selectorsOfLeftAlone(desired));
  const whyAlone = leftAlone(desired, { groupMembers: members }, labels, clock.now());
  const free: Bound[] = [];
  const alone: RealTimeScan[] = [];
  for (const one of computers) {
    const why = whyAlone(one.record, one.computerId);
    if (why === null) free.push(one);
    else {
      const skipped = { failure: 'left-alone', message: `skipped: ${why}`, duration: 0, answer: null } as const;
      alone.push({
        result: { record: one.record, source: 'realtime', ...skipped },
        at: null,
        actionId: null,
        raw: null,
      });
    }
  }
  return { free, alone };
}

/**
 * The Computer ID of each, by its name where the record has none yet: exactly one machine must have it (#14), and no other
 * record may be of that one.
 */
async function bind(
  { scanner, clock, signal }: ScanContext,
  { computers }: ScanRecords,
  due: readonly ScannedComputer[],
): Promise<{ readonly bound: readonly Bound[]; readonly absent: readonly ScanResult[] }> {
  const unbound = due.filter(({ computerId }) => computerId === null);
  const bound = due.flatMap((record) => {
    const { computerId } = record;
    return computerId === null ? [] : [{ record, computerId }];
  });
  if (unbound.length === 0) return { bound, absent: [] };
  const began = Date.parse(clock.now());
  const machines = await scanner.named(
    unbound.map(({ name }) => name),
    signal,
  );
  const ids = new Set(machines.map(({ computerId }) => computerId));
  const taken = new Set(
    computers.flatMap(({ computerId }) => (computerId !== null && ids.has(computerId) ? [computerId] : [])),
  );
  const rows = machines.flatMap((machine): ObservedDevice[] =>
    taken.has(machine.computerId) ? [] : [{ ...machine, text: 0 }],
  );
  const asked = new Set(unbound.map(({ id }) => id));
  const names = new Set(rows.map(({ name }) => nameKey(name)));
  const others = computers.filter(
    ({ id, name, computerId }) => computerId === null && !asked.has(id) && names.has(nameKey(name)),
  );
  const duration = (Date.parse(clock.now()) - began) / 1000;
  const absent: ScanResult[] = [];
  const found: Bound[] = [];
  for (const { record, row, conflict } of matchByName(rows, [...unbound, ...others], []).matches) {
    if (!asked.has(record.id)) continue;
    if (conflict === null && row !== null) {
      found.push({ record, computerId: row.computerId });
      continue;
    }
    const away = silenceOf(record, clock.now());
    const why = conflict === null ? away : { failure: 'ambiguous' as const, message: conflict };
    absent.push({ record, source: scanModeOf(record), duration, answer: null, ...why });
  }
  return { bound: [...bound, ...found], absent };
}

/** What the sensor answers, from the clients' caches where they are young enough (#110). */
async function askCached(
  { scanner, clock, signal }: ScanContext,
  { records: { options }, collectNow }: SingleScans,
  computers: readonly Bound[],
): Promise<readonly RealTimeScan[]> {
  const began = Date.parse(clock.now());
  const maxAgeSeconds = collectNow ? realTimeSeconds : options.sensor_max_age_seconds;
  const { at, rows } = await scanner.scan({
    sensor: options.sensor_name,
    maxAgeSeconds,
    computerIds: computers.map(({ computerId }) => computerId),
    timeoutSeconds: options.action_timeout_seconds,
    signal,
  });
  const byId = new Map(computers.map(({ record, computerId }) => [computerId, record]));
  const found = new Map<string, ScanResult>();
  const read = reader();
  const how = { source: 'cached', duration: 0, success: ageWords(maxAgeSeconds) } as const;
  for await (const row of rows) {
    const record = byId.get(row.computerId);
    if (record === undefined) continue;
    const result = resultOf(record, row, read(row.text), how);
    // Newest wins, but for an answer that is none.
    if (result.failure === null || found.get(record.id)?.failure !== null) found.set(record.id, result);
  }
  const duration = (Date.parse(clock.now()) - began) / 1000;
  return computers.map(({ record }) => {
    const silent = { record, source: 'cached', duration, answer: null, ...silenceOf(record, clock.now()) } as const;
    const result = { ...(found.get(record.id) ?? silent), duration };
    return { result, at, actionId: null, raw: null };
  });
}
