/** Questions that were asked, by their ids. */
import type { Cloud } from '../cloud.ts';
import type { BoundQuestion, Select } from '../content/bind.ts';
import { type Condition, conditionOf } from '../content/condition.ts';
import { both, syntaxOf, syntaxOfTerm } from '../content/filter.ts';
import type { Group } from '../content/groups.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';
import { renderQuestion } from '../language/render.ts';
import { type Answering, startAnswering, wake } from './answering.ts';

export interface AskedQuestion {
  readonly id: number;
  /** Canonical. */
  readonly text: string;
  /** Empty: the number of machines. */
  readonly selects: readonly Select[];
  readonly condition: Condition;
  /** Of the `with …`; null: all machines. */
  readonly group: Group | null;
  /** Narrows it without being part of the text. */
  readonly contextGroup: Group | null;
  readonly forceComputerId: boolean;
  readonly userId: number;
  readonly savedQuestionId: number;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expireSeconds: number;
  readonly expiresAt: number;
}

export interface Question extends AskedQuestion {
  readonly answering: Answering;
}

export interface NewQuestion {
  readonly bound: BoundQuestion;
  /** Where the question names a group that exists; null: one is made of its filter. */
  readonly group: Group | null;
  readonly contextGroup: Group | null;
  readonly expireSeconds: number;
  readonly userId: number;
  readonly savedQuestionId: number;
}

export interface Questions {
  ask(question: NewQuestion): Question;
  byId(id: number): Question | undefined;
  /** By id, oldest first. */
  all(): readonly Question[];
  /** The machine is connected again. */
  wake(device: SimulatedDevice): void;
}

export const defaultExpireSeconds = 600;
/** Answers of old questions are let go from here on: a fleet of 100,000 is scanned again and again. */
const maxAnswers = 400_000;
const maxQuestions = 300;

/** What the server asks where there is nothing to ask, or a sensor that it does not have. */
export const numberOfMachines: BoundQuestion = { selects: [], filter: null, forceComputerId: false };

export function openQuestions(cloud: Cloud): Questions {
  const questions = new Map<number, Question>();
  let lastId = 0;

  function ask(asked: NewQuestion): Question {
    const { bound, contextGroup, expireSeconds, userId, savedQuestionId } = asked;
    lastId += 1;
    const issuedAt = cloud.timeline.now();
    const filter = both(bound.filter, contextGroup?.filter ?? null);
    const question: AskedQuestion = {
      id: lastId,
      text: textOf(bound),
      selects: bound.selects,
      condition: conditionOf(cloud, filter),
      group: asked.group ?? groupOf(cloud, bound),
      contextGroup,
      forceComputerId: bound.forceComputerId,
      userId,
      savedQuestionId,
      issuedAt,
      expireSeconds,
      expiresAt: issuedAt + expireSeconds * 1000,
    };
    const whole = { ...question, answering: startAnswering(cloud, question) };
    prune(questions, issuedAt);
    questions.set(whole.id, whole);
    return whole;
  }

  return {
    ask,
    byId: (id) => questions.get(id),
    all: () => [...questions.values()],
    wake: (device) => {
      const now = cloud.timeline.now();
      for (const question of questions.values()) if (question.expiresAt > now) wake(cloud, question, device);
    },
  };
}

/** Canonical. */
export function textOf({ selects, filter, forceComputerId }: BoundQuestion): string {
  return renderQuestion({
    options: forceComputerId ? [['forceComputerIdFlag', '1']] : [],
    selects: selects.map(({ term, test }) => ({ sensor: syntaxOfTerm(term), test })),
    where: filter === null ? null : syntaxOf(filter),
  });
}

function groupOf(cloud: Cloud, { filter }: BoundQuestion): Group | null {
  if (filter === null) return null;
  const named = filter.kind === 'group' && !filter.negated ? cloud.groups.byId(filter.group.id) : undefined;
  return named ?? cloud.groups.create({ name: '', filter });
}

/** Before a new one is put down: forgets the answers of the oldest questions, and questions that have long expired. */
function prune(questions: Map<number, Question>, now: number): void {
  let answers = 0;
  for (const { answering } of questions.values()) answers += answering.answers.size;
  for (const [id, { answering, expiresAt }] of questions) {
    if (answers > maxAnswers) {
      answers -= answering.answers.size;
      answering.answers.clear();
    }
    if (questions.size >= maxQuestions && expiresAt < now) questions.delete(id);
  }
}
