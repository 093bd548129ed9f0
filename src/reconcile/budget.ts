/** What a run, and all runs of a day, may do at most, and how much of the fleet a run must have seen. */
import {
  type Budget,
  type BudgetName,
  budgetNames,
  type RolloutPolicy,
  type Source,
  type Spending,
} from '../model/desired.ts';
import type { Operation } from '../model/operation.ts';
import { type BudgetUse, type ChangeKind, isOver, type PlannedChange, type Refusal } from '../model/plan.ts';
import type { SpendingLimits, Spent } from '../model/recorded.ts';
import { atomsOf, operationKey } from './stage.ts';
import type { Attributed } from './wanted.ts';

/** The budgets are for any 24 hours, and so for each run. */
const windowMilliseconds = 24 * 3600 * 1000;

/** From when on what was spent counts at `now`; ISO times. */
export function windowStart(now: string): string {
  return new Date(Date.parse(now) - windowMilliseconds).toISOString();
}

/** Whether what was asked for at a time counts at `now` still; ISO times. */
export function wasCountedAt(askedAt: string, now: string): boolean {
  return Date.parse(askedAt) > Date.parse(windowStart(now));
}

/** `devices` counts devices, not changes; what changes records alone spends nothing, and neither does what is asked for again. */
export function spendingOf(
  classes: readonly { readonly changes: readonly Attributed[]; readonly devices: number }[],
): Spending {
  const spent = { removals: 0, disables: 0, rotations: 0, devices: 0 };
  for (const { changes, devices } of classes) {
    for (const { kind, counted } of changes) {
      const name = budgetOf[kind];
      if (name !== undefined && counted === undefined) spent[name] += devices;
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

/**
 * What one action takes that sends these operations to these devices. Nothing is taken twice, neither for a device nor
 * for what a device gets from two actions: `counted` is what the run has counted already, and all that is counted now is
 * added to it once it is spent.
 */
export function expenseOf(
  operations: readonly Operation[],
  targets: readonly string[],
  counted: ReadonlySet<string>,
): { readonly spending: Spending; readonly anew: readonly string[] } {
  const spending = { removals: 0, disables: 0, rotations: 0, devices: 0 };
  const anew: string[] = [];
  const count = (name: BudgetName, mark: string): void => {
    if (counted.has(mark)) return;
    anew.push(mark);
    spending[name] += 1;
  };
  for (const target of targets) count('devices', target);
  for (const atom of atomsOf(operations)) {
    const name = atom.kind === 'group.add' ? undefined : budgetOf[atom.kind];
    const key = operationKey(atom);
    if (name !== undefined) for (const target of targets) count(name, `${target} ${key}`);
  }
  return { spending, anew };
}

const budgetOf: Readonly<Partial<Record<ChangeKind, Exclude<BudgetName, 'devices'>>>> = {
  'group.remove': 'removals',
  'account.delete': 'removals',
  'account.disable': 'disables',
  'password.rotate': 'rotations',
};

/** The bounds of one budget: of what the provider spends, and of what all providers of the store spend. */
interface Bounds {
  /** Share of the selected devices; null: none is declared. */
  readonly own: number | null;
  /** The number as declared; null: none is. */
  readonly all: number | null;
}

/** Percent is of the selected devices. */
function boundsOf({ absolute, percent, floor }: Budget, selected: number): Bounds {
  const own = percent === null ? null : Math.max(floor, Math.ceil((percent * selected) / 100));
  return { own, all: absolute };
}

/** What the store is to hold the actions of a run to. */
export function limitsOf({ budgets }: RolloutPolicy, selected: number): SpendingLimits {
  const bounds = budgetNames.map((name) => [name, boundsOf(budgets[name], selected)] as const);
  return {
    own: Object.fromEntries(bounds.map(([name, { own }]) => [name, own])) as SpendingLimits['own'],
    all: Object.fromEntries(bounds.map(([name, { all }]) => [name, all])) as SpendingLimits['all'],
  };
}

/**
 * Of both bounds of a budget the one with less room is told. A budget without any bound is none, and is not listed.
 * `reached`: Computer IDs of the devices that the run changes; one that was changed within the day is no further device.
 */
export function budgetsOf(
  rollout: RolloutPolicy,
  spent: Spending,
  selected: number,
  before: Spent,
  reached: Iterable<string>,
): BudgetUse[] {
  const earlier = earlierThan(before, reached);
  return budgetNames.flatMap((name) => {
    const budget = rollout.budgets[name];
    const { own, all } = boundsOf(budget, selected);
    const both = [
      ...(own === null ? [] : [{ limit: own, earlier: earlier.own[name] }]),
      ...(all === null ? [] : [{ limit: all, earlier: earlier.all[name] }]),
    ];
    const [tighter] = both.toSorted((a, b) => a.limit - a.earlier - (b.limit - b.earlier));
    if (tighter === undefined) return [];
    const source = budget.source ?? rollout.ref?.source ?? null;
    return [{ name, used: spent[name], ...tighter, source }];
  });
}

function earlierThan({ own, all, devices }: Spent, reached: Iterable<string>): Pick<Spent, 'own' | 'all'> {
  const others = new Set(devices);
  if (others.size > 0) for (const id of reached) others.delete(id);
  const elsewhere = all.devices - own.devices;
  return { own: { ...own, devices: others.size }, all: { ...all, devices: elsewhere + others.size } };
}

/** A budget goes before the share of the observed, as exit 3 goes before 4; no device at all is no data (#139). */
export function refusalOf(
  budgets: readonly BudgetUse[],
  rollout: RolloutPolicy,
  seen: { readonly selected: number; readonly observed: number },
): Refusal | null {
  const over = budgets.filter(isOver);
  const [first] = over;
  if (first !== undefined) {
    const message = over
      .map((budget) => `${budgetWords(budget)} allowed by ${field(budget.name, budget.source)}`)
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

/** Budgets that others spent meanwhile: `devices (spec.budgets.devices in rollout.yaml:5)`; where the first is declared. */
export function spentMeanwhile(
  names: readonly BudgetName[],
  { budgets, ref }: RolloutPolicy,
): { readonly words: string; readonly source: Source | null } {
  const sourceOf = (name: BudgetName): Source | null => budgets[name].source ?? ref?.source ?? null;
  const [first] = names;
  return {
    words: names.map((name) => `${name} (${field(name, sourceOf(name))})`).join(' and '),
    source: first === undefined ? null : sourceOf(first),
  };
}

function budgetWords({ name, used, earlier, limit }: BudgetUse): string {
  if (earlier === 0) return `${name} ${used} of ${limit}`;
  return `${name} ${used}, and ${earlier} in the 24 hours before, of ${limit}`;
}

function field(name: BudgetName, source: Source | null): string {
  return source === null
    ? `default, since no Rollout says spec.budgets.${name}`
    : `spec.budgets.${name} in ${source.file}:${source.line}`;
}
