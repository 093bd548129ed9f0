/** Times in which nothing is changed on any device: freeze, suspension, and whatever lies outside the windows. */
import type { MaintenanceWindow, RolloutPolicy } from '../model/desired.ts';
import type { Hold } from './wanted.ts';
import { isOpen, nextOpening } from './window.ts';

/** The hold that is in force at `now`, an ISO time; of several the nearest reason. */
export function pauseAt({ pauses, windows }: Pick<RolloutPolicy, 'pauses' | 'windows'>, now: string): Hold | null {
  const at = Date.parse(now);
  const active = pauses.filter(
    ({ from, until }) => (from === null || Date.parse(from) <= at) && (until === null || at < Date.parse(until)),
  );
  const pause = active.find(({ guard }) => guard === 'suspended') ?? active[0];
  if (pause === undefined)
    return outsideWindows(windows, now, 'maintenance windows', 'maintenanceWindows in the Rollout');
  const { guard, until, reason, source } = pause;
  const what = guard === 'freeze' ? 'frozen' : 'suspended';
  const end = until === null ? '' : ` until ${until.slice(0, 16)}Z`;
  return {
    guard,
    message: `changes are ${what}${end}${reason === null ? '' : `: ${reason}`}`,
    release: `End it in the Rollout (${source.file}:${source.line})`,
  };
}

/** Null: one is open, or there are none. */
export function outsideWindows(
  windows: readonly MaintenanceWindow[],
  now: string,
  what: string,
  where: string,
): Hold | null {
  const [first] = windows;
  if (first === undefined || windows.some((window) => isOpen(window, now))) return null;
  const next = nextOpening(windows, now);
  return {
    guard: 'window',
    message: `outside the ${what}${next === null ? '' : `: the next one opens ${next}`}`,
    release: `Wait, change ${where} (${first.source.file}:${first.source.line}), or apply with --allow window=DEVICE`,
  };
}
