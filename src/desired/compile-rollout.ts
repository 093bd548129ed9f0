/** Budgets and shares of a Rollout; what it leaves out keeps its default. */
import { type Budget, type BudgetName, defaultRollout, type RolloutPolicy, type Source } from '../model/desired.ts';
import { type DocumentOf, refOf } from './document.ts';
import type * as written from './generated/documents.ts';

type Budgets = NonNullable<written.Rollout['spec']['budgets']>;

/** Null: none is declared. */
export function compileRollout(document: DocumentOf<'Rollout'> | null): RolloutPolicy {
  if (document === null) return defaultRollout;
  const { file, places } = document;
  const { budgets = {}, minObserved } = document.value.spec;
  const budget = (name: BudgetName): Budget => {
    const declared = budgets[name];
    if (declared === undefined) return defaultRollout.budgets[name];
    return compileBudget(declared, { file, line: places.key(budgets, name).line });
  };
  return {
    ref: refOf(document),
    budgets: {
      removals: budget('removals'),
      disables: budget('disables'),
      rotations: budget('rotations'),
      devices: budget('devices'),
    },
    minObservedPercent: minObserved === undefined ? defaultRollout.minObservedPercent : percentOf(minObserved),
  };
}

function compileBudget(declared: NonNullable<Budgets[BudgetName]>, source: Source): Budget {
  if (typeof declared === 'number') return { absolute: declared, percent: null, floor: 0, source };
  if (typeof declared === 'string') return { absolute: null, percent: percentOf(declared), floor: 0, source };
  const { absolute = null, percent = null, floor = 0 } = declared;
  return { absolute, percent, floor, source };
}

/** `5%` or 5 */
function percentOf(share: number | string): number {
  return typeof share === 'number' ? share : Number.parseFloat(share);
}
