/** The one rule of the sliding budgets, for every adapter. */
import { type BudgetName, budgetNames, type Spending } from '../model/desired.ts';
import type { SpendingLimits, Spent } from '../model/recorded.ts';

/** The budgets that `spending` would take past their limits; what takes nothing of a budget never passes it. */
export function overspent(
  { own, all }: Pick<Spent, 'own' | 'all'>,
  spending: Spending,
  limits: SpendingLimits,
): readonly BudgetName[] {
  return budgetNames.filter((name) => {
    if (spending[name] === 0) return false;
    const ownLimit = limits.own[name] ?? Number.POSITIVE_INFINITY;
    const allLimit = limits.all[name] ?? Number.POSITIVE_INFINITY;
    return own[name] + spending[name] > ownLimit || all[name] + spending[name] > allLimit;
  });
}

export function sumOf(parts: readonly Spending[]): Spending {
  const sum: Record<BudgetName, number> = { removals: 0, disables: 0, rotations: 0, devices: 0 };
  for (const part of parts) for (const name of budgetNames) sum[name] += part[name];
  return sum;
}
