/** Times in which nothing is changed on any device: freeze, suspension, and whatever lies outside the windows. */
import type { RolloutPolicy } from '../model/desired.ts';
import type { Hold } from './wanted.ts';
import { isOpen, nextOpening } from './window.ts';

/** The hold that is in force at `now`, an ISO time; of several the nearest reason. */
export function pauseAt({ pauses, windows }: Pick<RolloutPolicy, 'pauses' | 'windows'>, now: string): Hold | null {
  const at = Date.parse(now);
  const active = pauses.filter(
    ({ from, until }) => (from === null || Date.parse(from) <= at) && (until === null || at < Date.parse(until)),
  );
  const pause = active.find(({ guard }) => guard === 'suspended') ?? active[0];
  if (pause === undefined) return outsideWindows(windows, now);
  const { guard, until, reason, source } = pause;
  const what = guard === 'freeze' ? 'frozen' : 'suspended';
  const end = until === null ? '' : ` until ${until.slice(0, 16)}Z`;
  return {
    guard,
    message: `changes are ${what}${end}${reason === null ? '' : `: ${reason}`}`,
    release: `End it in the Rollout (${source.file}:${source.line})`,
  };
}

function outsideWindows(windows: RolloutPolicy['windows'], now: string): Hold | null {
  const [first] = windows;
  if (first === undefined || windows.some((window) => isOpen(window, now))) return null;
  const next = nextOpening(windows, now);
  return {
    guard: 'window',
    message: `outside the maintenance windows${next === null ? '' : `: the next one opens ${next}`}`,
    release: `Wait, or change maintenanceWindows in the Rollout (${first.source.file}:${first.source.line})`,
  };
}
