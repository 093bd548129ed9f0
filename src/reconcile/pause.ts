/** Freeze and suspension: times in which nothing is changed on any device. */
import type { Pause } from '../model/desired.ts';
import type { Hold } from './wanted.ts';

/** The hold that is in force at `now`, an ISO time; a suspension goes before a freeze, as the nearer reason. */
export function pauseAt(pauses: readonly Pause[], now: string): Hold | null {
  const at = Date.parse(now);
  const active = pauses.filter(
    ({ from, until }) => (from === null || Date.parse(from) <= at) && (until === null || at < Date.parse(until)),
  );
  const pause = active.find(({ guard }) => guard === 'suspended') ?? active[0];
  if (pause === undefined) return null;
  const { guard, until, reason, source } = pause;
  const what = guard === 'freeze' ? 'frozen' : 'suspended';
  const end = until === null ? '' : ` until ${until.slice(0, 16)}Z`;
  return {
    guard,
    message: `changes are ${what}${end}${reason === null ? '' : `: ${reason}`}`,
    release: `End it in the Rollout (${source.file}:${source.line})`,
  };
}
