/** Saved questions: asked anew when somebody wants a result and the last run is some minutes old. */
import type { Cloud } from '../cloud.ts';
import { type BoundQuestion, bindQuestion } from '../content/bind.ts';
import { parseQuestion } from '../language/parse.ts';
import { defaultExpireSeconds, type Question, textOf } from './questions.ts';

export interface SavedQuestion {
  readonly id: number;
  name: string;
  readonly text: string;
  readonly bound: BoundQuestion;
  readonly userId: number;
  readonly madeAt: number;
  deleted: boolean;
  /** Its last run. */
  question: Question | null;
}

export interface SavedQuestions {
  create(name: string, bound: BoundQuestion, userId: number): SavedQuestion;
  /** The one that tracks a hundred actions; answers its id. */
  createTracking(pattern: string): number;
  byId(id: number): SavedQuestion | undefined;
  /** Those that are not deleted, by id. */
  all(): readonly SavedQuestion[];
  /** Its run, a new one where there is none that is young enough. */
  run(saved: SavedQuestion): Question;
}

/** Milliseconds. */
const runLasts = 120_000;

export function openSavedQuestions(cloud: Cloud): SavedQuestions {
  const saved = new Map<number, SavedQuestion>();

  function create(name: string, bound: BoundQuestion, userId: number): SavedQuestion {
    const id = saved.size + 1;
    const madeAt = cloud.timeline.now();
    const made: SavedQuestion = {
      id,
      name,
      text: textOf(bound),
      bound,
      userId,
      madeAt,
      deleted: false,
      question: null,
    };
    saved.set(id, made);
    return made;
  }

  for (const text of stock) create(text.slice('Get '.length), bindQuestion(cloud, parseQuestion(text), false), 1);

  return {
    create,
    createTracking: (pattern) => {
      const test = `Action Statuses matches "${pattern}"`;
      const text = `Get Computer Name and ${test} from all machines with ${test}`;
      return create(text, bindQuestion(cloud, parseQuestion(text), false), 1).id;
    },
    byId: (id) => {
      const found = saved.get(id);
      return found?.deleted === false ? found : undefined;
    },
    all: () => [...saved.values()].filter(({ deleted }) => !deleted),
    run: (one) => {
      const now = cloud.timeline.now();
      const young = one.question !== null && now - one.question.issuedAt < cloud.clock.span(runLasts);
      if (one.question !== null && young) return one.question;
      one.question = cloud.questions.ask({
        bound: one.bound,
        group: null,
        contextGroup: null,
        expireSeconds: defaultExpireSeconds,
        userId: one.userId,
        savedQuestionId: one.id,
      });
      return one.question;
    },
  };
}

/** Two of the server's own, so that the first one that tracks actions has the number 3, as on a stock server. */
const stock = ['Get Computer Name from all machines', 'Get Operating System from all machines'];
