/** Actions that were made, by their ids, and what devices know of them. */
import type { Cloud } from '../cloud.ts';
import { conditionOf, devicesWith } from '../content/condition.ts';
import { both } from '../content/filter.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';
import { type Action, expiresAt, type NewAction, reportedBy } from './action.ts';
import { startOn } from './run.ts';
import { track } from './tracking.ts';

export interface Actions {
  /** It starts two seconds later, once the files of its package are there; a held one waits for `release`. */
  create(action: NewAction, held: boolean): Action;
  release(action: Action): void;
  stop(action: Action): void;
  byId(id: number): Action | undefined;
  /** By id. */
  all(): readonly Action[];
  /** The machine is connected again. */
  wake(device: SimulatedDevice): void;
  /** What the sensor Action Statuses says on a device. */
  statusesOn(device: SimulatedDevice, at: number): readonly string[];
  /** The log file of an action on a device; null: there is none. */
  logOn(actionId: number, device: SimulatedDevice): readonly string[] | null;
}

/** `grouped_action_offset_seconds`, in milliseconds. */
const startDelay = 2_000;
/** Log files in the whole fleet, from where the oldest actions' are thrown away. */
const maxLogs = 500_000;

export function openActions(cloud: Cloud): Actions {
  const actions = new Map<number, Action>();
  const logs = new Map<number, Map<number, readonly string[]>>();
  const open = new Set<Action>();

  function startOnDevice(action: Action, device: SimulatedDevice): void {
    startOn(cloud, action, device, (lines) => {
      const kept = logs.get(action.id) ?? new Map<number, readonly string[]>();
      kept.set(device.computerId, lines);
      logs.set(action.id, kept);
    });
  }

  function start(action: Action, at: number): void {
    if (action.stoppedAt !== null) return;
    action.startedAt = at;
    open.add(action);
    track(cloud, action);
    dropOldLogs(logs);
    if ((expiresAt(action) ?? 0) <= at) return;
    for (const device of action.targets) {
      if (device.online) startOnDevice(action, device);
      else action.asleep.add(device);
    }
  }

  function release(action: Action): void {
    const ready = Math.max(cloud.timeline.now(), action.package.availableAt);
    cloud.timeline.at(ready + cloud.clock.span(startDelay), (at) => start(action, at));
  }

  return {
    create: (made, held) => {
      const now = cloud.timeline.now();
      const condition = conditionOf(cloud, both(made.actionGroup.filter, made.targetGroup?.filter ?? null));
      const action: Action = {
        ...made,
        id: actions.size + 1,
        targets: devicesWith(cloud, condition, now),
        madeAt: now,
        startedAt: null,
        stoppedAt: null,
        runs: new Map(),
        asleep: new Set(),
      };
      actions.set(action.id, action);
      if (!held) release(action);
      return action;
    },
    release,
    stop: (action) => {
      action.stoppedAt ??= cloud.timeline.now();
    },
    byId: (id) => actions.get(id),
    all: () => [...actions.values()],
    wake: (device) => {
      const now = cloud.timeline.now();
      for (const action of open) {
        if (action.stoppedAt !== null || (expiresAt(action) ?? 0) <= now) open.delete(action);
        else if (action.asleep.delete(device)) startOnDevice(action, device);
      }
    },
    statusesOn: (device, at) =>
      [...actions.values()].flatMap((action) => {
        const run = action.runs.get(device.computerId);
        return (run && reportedBy(action, run, at)) ?? [];
      }),
    logOn: (actionId, device) => logs.get(actionId)?.get(device.computerId) ?? null,
  };
}

function dropOldLogs(logs: Map<number, Map<number, readonly string[]>>): void {
  let files = 0;
  for (const kept of logs.values()) files += kept.size;
  for (const [id, kept] of logs) {
    if (files <= maxLogs) return;
    files -= kept.size;
    logs.delete(id);
  }
}
