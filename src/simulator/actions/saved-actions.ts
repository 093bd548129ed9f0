/** Saved actions: every action has one, and one may issue it again and again (tanium-api.md 5). */
import type { Cloud } from '../cloud.ts';
import type { Wire } from '../http/fields.ts';
import type { Action, NewAction } from './action.ts';

export interface SavedAction {
  readonly id: number;
  /** What it issues. */
  readonly action: Omit<NewAction, 'savedActionId'>;
  /** Seconds between one issue and the next; 0: once. */
  readonly issueSeconds: number;
  /** Milliseconds since 1970, as the next one; null: now. */
  readonly startAt: number | null;
  readonly endAt: number | null;
  readonly madeAt: number;
  /** What else was sent and is only shown again. */
  fields: Wire;
  approved: boolean;
  /** False: nobody issues it any more. */
  enabled: boolean;
  deleted: boolean;
  last: Action | null;
}

export type NewSavedAction = Pick<SavedAction, 'action' | 'issueSeconds' | 'startAt' | 'endAt' | 'fields'>;

export interface SavedActions {
  /** Issues it too, unless it is to start later. */
  create(saved: NewSavedAction): SavedAction;
  approve(saved: SavedAction): void;
  byId(id: number): SavedAction | undefined;
  /** Those that are not deleted, by id. */
  all(): readonly SavedAction[];
}

export function openSavedActions(cloud: Cloud): SavedActions {
  const saved = new Map<number, SavedAction>();

  function issue(one: SavedAction, at: number): void {
    if (!one.enabled || one.deleted || (one.endAt !== null && at > one.endAt)) return;
    one.last = cloud.actions.create({ ...one.action, savedActionId: one.id }, !one.approved);
    if (one.issueSeconds > 0) repeat(one, at);
  }

  /** Without an approval nothing is issued, however often it would be. */
  function repeat(one: SavedAction, at: number): void {
    cloud.timeline.at(at + one.issueSeconds * 1000, (next) => (one.approved ? issue(one, next) : repeat(one, next)));
  }

  return {
    create: (made) => {
      const id = saved.size + 1;
      const approved = !cloud.faults.hits('approvalRequired', id);
      const now = cloud.timeline.now();
      const one: SavedAction = { ...made, id, madeAt: now, approved, enabled: true, deleted: false, last: null };
      saved.set(id, one);
      if (made.startAt === null || made.startAt <= now) issue(one, now);
      else cloud.timeline.at(made.startAt, (at) => issue(one, at));
      return one;
    },
    approve: (one) => {
      if (one.approved) return;
      one.approved = true;
      if (one.last) cloud.actions.release(one.last);
    },
    byId: (id) => {
      const found = saved.get(id);
      return found?.deleted === false ? found : undefined;
    },
    all: () => [...saved.values()].filter(({ deleted }) => !deleted),
  };
}
