/** A saved plan against the world as it is now (4-plan-engine.md, Apply 1). */
import { TrueupError } from '../errors.ts';
import { canonicalJson } from '../model/canonical.ts';
import type { RolloutPolicy } from '../model/desired.ts';
import { subjectKey } from '../model/drift.ts';
import type { HeldChange, Plan, PlannedAction, PlannedChange } from '../model/plan.ts';
import type { Spent } from '../model/recorded.ts';
import type { GatePolicy } from '../model/waves.ts';
import { summaryOf } from '../reconcile/assemble.ts';
import { budgetsOf, refusalOf, spentBy } from '../reconcile/budget.ts';

/**
 * Answers the part of the present plan that was saved: what is sent to a device is what the guards let through now,
 * and never what a file says. Devices that have gone silent since are held. Throws TRUEUP_PLAN_STALE when, for a
 * device in it, a change is gone, new or different, or a guard holds now, or where it is in waves and these or their
 * gate are others; other devices' news does not count. The budgets of now hold for the part, and so does the share of devices that must be observed.
 */
export function revive(saved: Plan, now: Plan, rollout: RolloutPolicy, before: Spent): Plan {
  const unobserved = now.held.filter(({ guard }) => guard === 'unobserved');
  const silent = new Set(unobserved.flatMap(({ devices }) => devices));
  const agreed = changesByDevice(saved);
  // The provider is no other device: what turns the integration on or off concerns every plan.
  if (!agreed.has('')) agreed.set('', new Map<string, string>());
  refuseStale(saved, now, agreed, silent);

  const isOf = (device: string): boolean => agreed.has(device) && !silent.has(device);
  const changes = now.changes.flatMap((change) => ofDevices(change, isOf));
  const actions = now.actions.flatMap((action) => ofTargets(action, isOf));
  const held = [...saved.held, ...unobserved.flatMap((one) => newlySilent(one, agreed))];
  const reached = new Set(actions.flatMap(({ targets }) => targets));
  const budgets = budgetsOf(rollout, spentBy(changes, reached.size), now.scan.selected, before, reached);
  const { rollout: _, ...rest } = saved;
  return {
    ...rest,
    ...rolloutOf(saved, now, actions),
    scan: now.scan,
    changes,
    held,
    actions,
    budgets,
    refusal: saved.refusal ?? refusalOf(budgets, rollout, now.scan),
    summary: summaryOf(changes, held),
  };
}

/** The waves of the plan that was agreed on, with the devices that are left. */
function rolloutOf(saved: Plan, now: Plan, actions: readonly PlannedAction[]): Pick<Plan, 'rollout'> {
  if (now.rollout === undefined) return {};
  const { gate, waves: present } = now.rollout;
  const { waves, approved } = saved.rollout ?? { waves: present.map((wave) => ({ ...wave, held: [] })), approved: [] };
  return {
    rollout: {
      gate,
      approved,
      waves: waves
        .map((wave) => {
          const going = new Set(
            actions.flatMap(({ wave: number, targets }) => (number === wave.number ? targets : [])),
          );
          return { ...wave, devices: going.size + wave.held.length };
        })
        .filter(({ devices }) => devices > 0),
    },
  };
}

function refuseStale(
  saved: Plan,
  now: Plan,
  before: ReadonlyMap<string, ReadonlyMap<string, string>>,
  silent: ReadonlySet<string>,
): void {
  const after = changesByDevice(now);
  const differences: string[] = [];
  if (saved.provider !== now.provider) differences.push(`it is of provider ${saved.provider}, not ${now.provider}`);
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
  const targets = targetsByDevice(now);
  for (const [device, target] of targetsByDevice(saved)) {
    const present = targets.get(device);
    if (present !== undefined && present !== target) differences.push(`${device} is another machine now`);
  }
  differences.push(...newWays(saved, now));
  if (differences.length === 0) return;
  const shown = differences.slice(0, 5).join('; ');
  const more = differences.length > 5 ? `; and ${differences.length - 5} more` : '';
  throw new TrueupError('TRUEUP_PLAN_STALE', `The plan ${saved.digest.slice(0, 8)} is stale: ${shown}${more}.`);
}

/** A plan in waves was agreed on with its gate, and with who goes when. One without them may be taken more slowly. */
function newWays(saved: Plan, now: Plan): string[] {
  if (saved.rollout === undefined) return [];
  if (now.rollout === undefined) return ['no waves are declared now'];
  const [before, after] = [gateText(saved.rollout.gate), gateText(now.rollout.gate)];
  const waves = wavesByDevice(now);
  return [
    ...(before === after ? [] : [`gate: ${after} now, was ${before}`]),
    ...[...wavesByDevice(saved)].flatMap(([device, wave]) => {
      const present = waves.get(device);
      return present === undefined || present === wave ? [] : [`${device} goes in wave ${present} now, not ${wave}`];
    }),
  ];
}

function gateText(gate: GatePolicy | null): string {
  return gate === null ? 'none' : `${gate.percent} % within ${gate.withinSeconds} s`;
}

/** Device label → number of its wave. */
function wavesByDevice({ actions }: Plan): Map<string, number> {
  return new Map(actions.flatMap(({ devices, wave }) => devices.map((label) => [label, wave])));
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

/** Device label → Computer ID. */
function targetsByDevice({ actions }: Plan): Map<string, string> {
  return new Map(
    actions.flatMap(({ devices, targets }) => devices.map((label, index) => [label, targets[index] ?? ''])),
  );
}

function effectOf(change: PlannedChange): string {
  return canonicalJson([change.from, change.to]);
}

function nameOf(device: string): string {
  return device === '' ? 'provider' : device;
}

function ofDevices(change: PlannedChange, isOf: (device: string) => boolean): PlannedChange[] {
  if (change.devices.length === 0) return isOf('') ? [change] : [];
  const devices = change.devices.filter(isOf);
  if (devices.length === 0) return [];
  const { actors, ...rest } = change;
  // They are counted, not named by device: of a part of the devices nothing is known of them.
  const isWhole = actors !== undefined && devices.length === change.devices.length;
  return [{ ...rest, ...(isWhole ? { actors } : {}), devices }];
}

function ofTargets(action: PlannedAction, isOf: (device: string) => boolean): PlannedAction[] {
  const kept = [...action.devices.keys()].filter((index) => isOf(action.devices[index] ?? ''));
  if (kept.length === 0) return [];
  return [
    {
      ...action,
      devices: kept.map((index) => action.devices[index] ?? ''),
      targets: kept.map((index) => action.targets[index] ?? ''),
    },
  ];
}

function newlySilent(held: HeldChange, before: ReadonlyMap<string, unknown>): HeldChange[] {
  const devices = held.devices.filter((device) => before.has(device));
  return devices.length === 0 ? [] : [{ ...held, devices }];
}
