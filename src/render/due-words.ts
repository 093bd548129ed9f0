/** Why a password is changed, in words. */
import type { DueCause, PlannedChange } from '../model/plan.ts';
import { counted, duration, grouped, isMap } from './words.ts';

/** `due: 31 days > 30`, `drift: set by somebody else`; of what is said otherwise, null. */
export function dueWords({ kind, to, age }: Pick<PlannedChange, 'kind' | 'to' | 'age'>): string | null {
  if (kind !== 'password.rotate' || !isMap(to)) return null;
  const { due, days, minutes } = to;
  if (due === 'age' && age !== undefined) return `due: ${daysWords(age)} > ${String(days)}`;
  if (due === 'revealed') return `due: read more than ${duration(Number(minutes) * 60_000)} ago`;
  return words[due as DueCause] ?? null;
}

function daysWords({ from, to }: NonNullable<PlannedChange['age']>): string {
  return from === to ? counted(to, 'day') : `${grouped(from)} to ${counted(to, 'day')}`;
}

const words: Readonly<Partial<Record<DueCause, string>>> = {
  new: 'new: nobody holds it',
  unsettled: 'asked again: the last rotation is not settled',
  reset: 'drift: set by somebody else',
  reverted: 'drift: of another rotation than the one held',
  demands: 'intent changed',
  asked: 'due: asked for',
};
