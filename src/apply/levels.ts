/** In what order actions go out. */
import type { PlannedAction } from '../model/plan.ts';

/** Actions that wait for none, then those that wait for one of these, and so on. */
export function levelsOf(actions: readonly PlannedAction[]): readonly (readonly PlannedAction[])[] {
  const levelOf = new Map<string, number>();
  const levels: PlannedAction[][] = [];
  for (const action of actions) {
    // One that is not in the plan has no device here: it is of another part of what was planned.
    const level = action.after.reduce((highest, key) => Math.max(highest, (levelOf.get(key) ?? -1) + 1), 0);
    levelOf.set(action.key, level);
    (levels[level] ??= []).push(action);
  }
  return levels;
}
