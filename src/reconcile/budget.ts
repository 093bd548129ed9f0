/** What one run may do at most, and how much of the fleet it must have seen. */
import type { Budget, BudgetName, RolloutPolicy, Source } from '../model/desired.ts';
import type { BudgetUse, ChangeKind, PlannedChange, Refusal } from '../model/plan.ts';
import type { Attributed } from './wanted.ts';

export type Spending = Readonly<Record<BudgetName, number>>;

/** `devices` counts devices, not changes; what changes records alone spends nothing. */
export function spendingOf(
  classes: readonly { readonly changes: readonly Attributed[]; readonly devices: number }[],
): Spending {
  const spent = { removals: 0, disables: 0, rotations: 0, devices: 0 };
  for (const { changes, devices } of classes) {
    for (const { kind } of changes) {
      const name = budgetOf[kind];
      if (name !== undefined) spent[name] += devices;
    }
    if (changes.length > 0) spent.devices += devices;
  }
  return spent;
}

/** The same of changes that are counted already; `devices`: how many an action reaches. */
export function spentBy(changes: readonly Pick<PlannedChange, 'kind' | 'devices'>[], devices: number): Spending {
  const spent = { removals: 0, disables: 0, rotations: 0, devices };
  for (const { kind, devices: labels } of changes) {
    const name = budgetOf[kind];
    if (name !== undefined) spent[name] += labels.length;
  }
  return spent;
}

const budgetOf: Readonly<Partial<Record<ChangeKind, Exclude<BudgetName, 'devices'>>>> = {
  'group.remove': 'removals',
  'account.delete': 'removals',
  'account.disable': 'disables',
  'password.rotate': 'rotations',
};

const budgetNames: readonly BudgetName[] = ['removals', 'disables', 'rotations', 'devices'];

/** Percent is of the selected devices. A budget without any bound is none, and is not listed. */
export function budgetsOf(rollout: RolloutPolicy, spent: Spending, selected: number): BudgetUse[] {
  return budgetNames.flatMap((name) => {
    const budget = rollout.budgets[name];
    const limit = limitOf(budget, selected);
    const source = budget.source ?? rollout.ref?.source ?? null;
    return limit === null ? [] : [{ name, used: spent[name], limit, source }];
  });
}

function limitOf({ absolute, percent, floor }: Budget, selected: number): number | null {
  if (absolute === null && percent === null) return null;
  const share = percent === null ? Number.POSITIVE_INFINITY : Math.max(floor, Math.ceil((percent * selected) / 100));
  return Math.min(absolute ?? Number.POSITIVE_INFINITY, share);
}

/** A budget goes before the share of the observed, as exit 3 goes before 4; no device at all is no data (#139). */
export function refusalOf(
  budgets: readonly BudgetUse[],
  rollout: RolloutPolicy,
  seen: { readonly selected: number; readonly observed: number },
): Refusal | null {
  const over = budgets.filter((budget) => budget.used > budget.limit);
  const [first] = over;
  if (first !== undefined) {
    const message = over
      .map(({ name, used, limit, source }) => `${name} ${used} of ${limit} allowed by ${field(name, source)}`)
      .join('; ');
    return { kind: 'budget', message: `Nothing is sent: ${message}.`, source: first.source };
  }
  const { selected, observed } = seen;
  const { percent, source } = rollout.minObserved;
  if (selected === 0 || observed * 100 >= percent * selected) return null;
  const message =
    `Nothing is sent: ${observed} of ${selected} devices were observed, and ${percent} % must be, ` +
    `by ${source === null ? 'default' : `spec.minObserved in ${source.file}:${source.line}`}.`;
  return { kind: 'too-few-observed', message, source };
}

function field(name: BudgetName, source: Source | null): string {
  return source === null
    ? `default, since no Rollout says spec.budgets.${name}`
    : `spec.budgets.${name} in ${source.file}:${source.line}`;
}
