/** A saved plan against the world as it is now (4-plan-engine.md, Apply 1). */
import { TrueupError } from '../errors.ts';
import { subjectKey } from '../model/drift.ts';
import type { Plan, PlannedAction, PlannedChange } from '../model/plan.ts';
import { canonicalJson } from '../reconcile/canonical.ts';

/**
 * Answers the saved plan, less the devices that have gone silent since. Throws TRUEUP_PLAN_STALE when, for a device
 * in it, a change is gone, new or different, or a guard holds now; other devices' news does not count.
 */
export function revive(saved: Plan, now: Plan): Plan {
  const silent = new Set(now.held.filter((held) => held.guard === 'unobserved').flatMap((held) => held.devices));
  const before = changesByDevice(saved);
  const after = changesByDevice(now);
  const differences: string[] = [];
  for (const [device, changes] of before) {
    if (silent.has(device)) continue;
    const current = after.get(device) ?? new Map<string, string>();
    for (const [key, text] of changes) {
      const found = current.get(key);
      if (found === undefined) differences.push(`${nameOf(device)}: ${key} is no longer to be done`);
      else if (found !== text) differences.push(`${nameOf(device)}: ${key} is different now`);
    }
    for (const key of current.keys()) {
      if (!changes.has(key)) differences.push(`${nameOf(device)}: ${key} is new`);
    }
  }
  if (differences.length > 0) {
    const shown = differences.slice(0, 5).join('; ');
    const more = differences.length > 5 ? `; and ${differences.length - 5} more` : '';
    throw new TrueupError('TRUEUP_PLAN_STALE', `The plan ${saved.digest.slice(0, 8)} is stale: ${shown}${more}.`);
  }
  return { ...saved, actions: saved.actions.flatMap((action) => withoutSilent(action, silent)) };
}

/** Device label (empty for the provider's own records) → change → what it does. */
function changesByDevice(plan: Plan): Map<string, Map<string, string>> {
  const devices = new Map<string, Map<string, string>>();
  for (const change of plan.changes) {
    for (const device of change.devices.length > 0 ? change.devices : ['']) {
      let changes = devices.get(device);
      if (changes === undefined) devices.set(device, (changes = new Map<string, string>()));
      changes.set(subjectKey(change.kind, change.subject), effectOf(change));
    }
  }
  return devices;
}

function effectOf(change: PlannedChange): string {
  return canonicalJson([change.from, change.to]);
}

function nameOf(device: string): string {
  return device === '' ? 'provider' : device;
}

function withoutSilent(action: PlannedAction, silent: ReadonlySet<string>): PlannedAction[] {
  if (!action.devices.some((device) => silent.has(device))) return [action];
  const kept = action.devices.map((_, index) => index).filter((index) => !silent.has(action.devices[index] ?? ''));
  if (kept.length === 0) return [];
  return [
    {
      ...action,
      devices: kept.map((index) => action.devices[index] ?? ''),
      targets: kept.map((index) => action.targets[index] ?? ''),
    },
  ];
}
