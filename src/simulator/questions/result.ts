/** A result before it becomes JSON: counters, columns, rows. Questions and actions have the same shape of it. */
import type { Cloud } from '../cloud.ts';
import { othersSeen } from './answering.ts';
import type { Question } from './questions.ts';
import { type Column, columnsOf, countingRows, type Row } from './row.ts';

export interface Result {
  readonly counters: Counters;
  /** Empty: nobody has answered yet. */
  readonly columns: readonly Column[];
  /** `perMachine`: one row for each, also where the question has a single sensor. */
  readonly rows: (perMachine: boolean) => readonly Row[];
}

/** Under their names on the wire, in its order (tanium-api.md 4). */
export interface Counters {
  readonly age: number;
  readonly id: number;
  readonly report_count: number;
  readonly saved_question_id: number;
  readonly question_id: number;
  readonly archived_question_id: number;
  readonly seconds_since_issued: number;
  readonly issue_seconds: number;
  readonly expire_seconds: number;
  readonly tested: number;
  readonly passed: number;
  readonly mr_tested: number;
  readonly mr_passed: number;
  readonly estimated_total: number;
  readonly select_count: number;
  readonly error_count: number;
  readonly no_results_count: number;
}

/** Milliseconds for which the estimate is not known, where that fault is set. */
const unknownEstimate = 10_000;
/** Some clients register anew while they answer, and are counted twice in a fleet that is large enough. */
const overshootShare = 0.25;
const overshootFrom = 50;

export function questionResult(cloud: Cloud, question: Question): Result {
  const { answering, selects } = question;
  const counters = countersOf(cloud, question);
  const begun = selects.length === 0 ? counters.tested > 0 : answering.answers.size > 0;
  return {
    counters,
    columns: begun ? columnsOf(cloud, selects) : [],
    rows: (perMachine) => rowsOf(cloud, question, perMachine),
  };
}

function countersOf(cloud: Cloud, question: Question): Counters {
  const { id, answering, savedQuestionId } = question;
  const at = Math.min(cloud.timeline.now(), question.expiresAt);
  const tested = answering.seen + othersSeen(cloud, answering, at);
  const { estimatedTotal } = answering;
  const early = cloud.timeline.now() - question.issuedAt < cloud.clock.span(unknownEstimate);
  const overshoots = tested >= estimatedTotal && estimatedTotal >= overshootFrom;
  const seen = tested + (overshoots && cloud.draw('overshoot')(id) < overshootShare ? 1 : 0);
  return {
    age: 0,
    id,
    report_count: seen === 0 ? 0 : Math.ceil(seen / 10),
    saved_question_id: savedQuestionId,
    question_id: id,
    archived_question_id: 0,
    seconds_since_issued: 0,
    issue_seconds: 0,
    expire_seconds: 0,
    tested,
    passed: answering.matched,
    mr_tested: seen,
    mr_passed: tested,
    estimated_total: early && cloud.faults.hits('zeroEstimate', id) ? 0 : estimatedTotal,
    select_count: question.selects.length,
    error_count: answering.errors,
    no_results_count: answering.empty,
  };
}

function rowsOf(cloud: Cloud, question: Question, perMachine: boolean): readonly Row[] {
  const { answering, selects } = question;
  const [first] = selects;
  if (first === undefined) return [{ cid: 0, cells: [], count: answering.matched, machines: null }];
  if (selects.length === 1 && !perMachine && !question.forceComputerId) {
    return countingRows(answering.answers.values(), first.term.sensor.wire.ignore_case_flag);
  }
  const rows = [...answering.answers.values()];
  if (cloud.faults.rate('duplicateRows') === 0) return rows;
  return rows.flatMap((row) => (cloud.faults.hits('duplicateRows', row.cid, question.id) ? [row, row] : [row]));
}
