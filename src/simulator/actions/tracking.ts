/**
 * How the server knows of an action's progress: one saved question for each hundred action ids, shared by all of them
 * (tanium-api.md 5). Its counters are those of that question, never of the action, and its rows stand still until
 * somebody asks for its result_info.
 */
import type { Cloud } from '../cloud.ts';
import type { Counters, Result } from '../questions/result.ts';
import { columnsOf, type Row } from '../questions/row.ts';
import { type Action, reportedBy } from './action.ts';

interface Tracking {
  readonly savedQuestionId: number;
  questionId: number;
  /** Milliseconds since 1970, as the next one. */
  issuedAt: number;
  /** Of what is shown; null: nothing was asked for yet. */
  seenAt: number | null;
}

export type TrackingQuestions = Map<number, Tracking>;

const blockSize = 100;
/** The question is put anew when its last run is older (milliseconds). */
const runLasts = 120_000;
const expireSeconds = 3660;

/** Of the question that tracks the action; 0: the action has not started, and nothing tracks it. */
export function historyQuestionOf(cloud: Cloud, action: Action): number {
  return trackingOf(cloud, action)?.savedQuestionId ?? 0;
}

/** For `result_info`: looks, and shows from now on what was seen. */
export function refreshed(cloud: Cloud, action: Action): Result {
  const tracking = trackingOf(cloud, action);
  if (tracking === null) return empty;
  const now = cloud.timeline.now();
  const age = now - tracking.issuedAt;
  tracking.seenAt = now;
  const result = resultOf(cloud, action, tracking, Math.floor(age / 1000));
  if (age > cloud.clock.span(runLasts)) {
    tracking.issuedAt = now;
    tracking.questionId += 1;
  }
  return result;
}

/** For `result_data`: what the last look saw. */
export function asSeen(cloud: Cloud, action: Action): Result {
  const tracking = trackingOf(cloud, action);
  if (tracking === null) return empty;
  return resultOf(cloud, action, tracking, Math.floor((cloud.timeline.now() - tracking.issuedAt) / 1000));
}

/** Called when an action starts: its hundred is tracked from the first of them on. */
export function track(cloud: Cloud, action: Action): void {
  const block = Math.floor(action.id / blockSize);
  if (cloud.tracking.has(block)) return;
  const pattern = block === 0 ? '^\\d{1,2}:.*' : `^${block}\\d{2}:.*`;
  const savedQuestionId = cloud.savedQuestions.createTracking(pattern);
  const issuedAt = cloud.timeline.now();
  cloud.tracking.set(block, { savedQuestionId, questionId: savedQuestionId, issuedAt, seenAt: null });
}

function trackingOf({ tracking }: Cloud, { id, startedAt }: Action): Tracking | null {
  return startedAt === null ? null : (tracking.get(Math.floor(id / blockSize)) ?? null);
}

function resultOf(cloud: Cloud, action: Action, tracking: Tracking, secondsSinceIssued: number): Result {
  const { savedQuestionId, questionId, seenAt } = tracking;
  const online = cloud.fleet.devices.reduce((sum, device) => sum + (device.online ? 1 : 0), 0);
  const rows = seenAt === null ? [] : rowsAt(cloud, action, seenAt);
  return {
    counters: {
      ...noCounters,
      id: questionId,
      report_count: Math.ceil(online / 10),
      saved_question_id: savedQuestionId,
      question_id: questionId,
      seconds_since_issued: secondsSinceIssued,
      expire_seconds: expireSeconds,
      tested: online,
      passed: seenAt === null ? 0 : reportingIn(cloud, action, seenAt),
      mr_tested: online,
      mr_passed: online,
      estimated_total: online,
    },
    columns: seenAt === null ? [] : columnsOf(cloud, selects(cloud)),
    rows: () => rows,
  };
}

/** Devices appear once they have reported something; those that are not connected never do. */
function rowsAt(cloud: Cloud, action: Action, at: number): readonly Row[] {
  const rows: Row[] = [];
  for (const [cid, run] of action.runs) {
    const status = reportedBy(action, run, at);
    const device = cloud.fleet.byId.get(cid);
    if (status !== null && device) rows.push({ cid, cells: [[device.name], [status]], count: 1, machines: null });
  }
  return rows;
}

/** Machines with the status of any action of the same hundred. */
function reportingIn(cloud: Cloud, { id }: Action, at: number): number {
  const block = Math.floor(id / blockSize);
  const reporting = new Set<number>();
  for (let other = block * blockSize; other < (block + 1) * blockSize; other += 1) {
    for (const [cid, run] of cloud.actions.byId(other)?.runs ?? []) if (run.knownAt <= at) reporting.add(cid);
  }
  return reporting.size;
}

function selects(cloud: Cloud): Parameters<typeof columnsOf>[1] {
  return ['Computer Name', 'Action Statuses'].flatMap((name) => {
    const sensor = cloud.sensors.byName(name);
    return sensor ? [{ term: { sensor, parameters: [], maxAgeSeconds: null }, test: null }] : [];
  });
}

const noCounters: Counters = {
  age: 0,
  id: 0,
  report_count: 0,
  saved_question_id: 0,
  question_id: 0,
  archived_question_id: 0,
  seconds_since_issued: 0,
  issue_seconds: 0,
  expire_seconds: 0,
  tested: 0,
  passed: 0,
  mr_tested: 0,
  mr_passed: 0,
  estimated_total: 0,
  select_count: 2,
  error_count: 0,
  no_results_count: 0,
};

const empty: Result = { counters: noCounters, columns: [], rows: () => [] };
