/**
 * How the answers to a question come in: machine by machine over some seconds, as long as the question has not expired.
 * Machines that are not connected see it when they are back.
 */
import type { Cloud } from '../cloud.ts';
import { candidatesOf, devicesWith } from '../content/condition.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';
import { cellsOf, noResults } from './cells.ts';
import type { AskedQuestion, Question } from './questions.ts';
import type { Row } from './row.ts';

export interface Answering {
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Machines that were connected when it was issued. */
  readonly estimatedTotal: number;
  /** By Computer ID, in the order in which they came. */
  readonly answers: Map<number, Row>;
  /** Machines that had a look and whether the question is for them. */
  seen: number;
  matched: number;
  /** Cells of all answers that are an error, and that are empty. */
  errors: number;
  empty: number;
  /** Connected machines for which the question is certainly not: only their number matters. */
  readonly others: number;
  readonly asleep: Set<SimulatedDevice>;
}

/** Milliseconds: nobody answers sooner, and all have answered after both together. */
const firstAnswer = 1_000;
const lastAnswer = 6_000;
/** Most machines are quick: half of them answer in the first 1.8 seconds. */
const steepness = 3;
const slowness = 10;
/** How many sensors are still being run when their machine answers first, and for how long (milliseconds). */
const unreadyShare = 0.03;
const unreadyTime = 2_500;
/** Milliseconds by which a late row comes after its machine was counted. */
const rowDelay = 20_000;

export function startAnswering(cloud: Cloud, question: AskedQuestion): Answering {
  const { condition, issuedAt } = question;
  const targets = condition.fixed ? devicesWith(cloud, condition, issuedAt) : candidatesOf(cloud, condition);
  const awake = targets.filter(({ online }) => online);
  const estimatedTotal = cloud.fleet.devices.reduce((sum, { online }) => sum + (online ? 1 : 0), 0);
  const answering: Answering = {
    issuedAt,
    estimatedTotal,
    answers: new Map(),
    seen: 0,
    matched: 0,
    errors: 0,
    empty: 0,
    others: estimatedTotal - awake.length,
    asleep: new Set(targets.filter(({ online }) => !online)),
  };
  for (const device of awake) schedule(cloud, question, answering, device);
  return answering;
}

/** The machine is back: it sees the questions that are still open. */
export function wake(cloud: Cloud, question: Question, device: SimulatedDevice): void {
  if (question.answering.asleep.delete(device)) schedule(cloud, question, question.answering, device);
}

function schedule(cloud: Cloud, question: AskedQuestion, answering: Answering, device: SimulatedDevice): void {
  const drawn = cloud.draw('answer')(question.id, device.computerId);
  const slow = cloud.faults.hits('slow', device.computerId) ? slowness : 1;
  const delay = (firstAnswer + lastAnswer * drawn ** steepness) * slow;
  cloud.timeline.at(cloud.timeline.now() + cloud.clock.span(delay), (at) => {
    see(cloud, question, answering, device, at);
  });
}

function see(cloud: Cloud, question: AskedQuestion, answering: Answering, device: SimulatedDevice, at: number): void {
  if (at > question.expiresAt) return;
  if (!device.online) {
    answering.asleep.add(device);
    return;
  }
  answering.seen += 1;
  if (!question.condition.holds(device, at)) return;
  answering.matched += 1;
  if (question.selects.length === 0) return;
  const answer = (later: number): void => {
    if (later <= question.expiresAt) store(cloud, question, answering, device, later);
  };
  if (!cloud.faults.hits('lateRows', device.computerId, question.id)) answer(at);
  else cloud.timeline.at(at + cloud.clock.span(rowDelay), answer);
}

function store(cloud: Cloud, question: AskedQuestion, answering: Answering, device: SimulatedDevice, at: number): void {
  const { computerId } = device;
  const stuck = cloud.faults.hits('unavailable', computerId, question.id);
  const busy = !answering.answers.has(computerId) && cloud.draw('unready')(question.id, computerId) < unreadyShare;
  const failing = cloud.faults.hits('tseError', computerId, question.id);
  const cells = cellsOf(cloud, question.selects, device, at, { unready: stuck || busy, failing });
  count(answering, answering.answers.get(computerId), -1);
  const row: Row = { cid: computerId, cells, count: 1, machines: null };
  answering.answers.set(computerId, row);
  count(answering, row, 1);
  if (!busy || stuck) return;
  cloud.timeline.at(at + cloud.clock.span(unreadyTime), (later) => {
    if (device.online && later <= question.expiresAt) store(cloud, question, answering, device, later);
  });
}

function count(answering: Answering, row: Row | undefined, sign: 1 | -1): void {
  for (const [text] of row?.cells ?? []) {
    if (text === noResults) answering.empty += sign;
    else if (text?.startsWith('TSE-Error')) answering.errors += sign;
  }
}

/** How many of the machines that have nothing to say have seen the question. */
export function othersSeen(cloud: Cloud, { others, issuedAt }: Answering, at: number): number {
  const passed = (at - issuedAt) / cloud.clock.span(1);
  const slow = cloud.faults.rate('slow');
  return Math.floor(others * ((1 - slow) * shareAfter(passed) + slow * shareAfter(passed / slowness)) + 1e-9);
}

/** The share of machines that have answered within so many milliseconds: the inverse of the delay above. */
function shareAfter(milliseconds: number): number {
  if (milliseconds < firstAnswer) return 0;
  return Math.min(1, ((milliseconds - firstAnswer) / lastAnswer) ** (1 / steepness));
}
