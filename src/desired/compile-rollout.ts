/** Budgets, waves and times of a Rollout; what it leaves out keeps its default. */
import {
  type Budget,
  type BudgetName,
  defaultRollout,
  type Pause,
  type RolloutPolicy,
  type Source,
} from '../model/desired.ts';
import { secondsOf } from '../model/duration.ts';
import { beginOf, endOf } from '../model/moment.ts';
import type { WavePolicy, WaveSize } from '../model/waves.ts';
import { compileSelector } from './compile-selector.ts';
import { compileWindows } from './compile-windows.ts';
import { type DocumentOf, refOf } from './document.ts';
import type * as written from './generated/documents.ts';
import { listOf } from './overlap.ts';

type Budgets = NonNullable<written.Rollout['spec']['budgets']>;

/** Null: none is declared. */
export function compileRollout(document: DocumentOf<'Rollout'> | null): RolloutPolicy {
  if (document === null) return defaultRollout;
  const { file, places } = document;
  const { spec } = document.value;
  const { budgets = {}, minObserved } = spec;
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
    minObserved:
      minObserved === undefined
        ? defaultRollout.minObserved
        : { percent: percentOf(minObserved), source: { file, line: places.key(spec, 'minObserved').line } },
    pauses: pausesIn(document),
    windows: compileWindows(document, spec.maintenanceWindows),
    ...wavesIn(document),
  };
}

function wavesIn({ file, places, value: { spec } }: DocumentOf<'Rollout'>): Waves {
  const { canaries, waves = [], gate } = spec;
  const at = (key: 'canaries' | 'gate'): Source => ({ file, line: places.key(spec, key).line });
  return {
    canaries: canaries
      ? {
          devices: canaries.devices ?? null,
          selector: canaries.selector === undefined ? null : compileSelector(canaries.selector),
          source: at('canaries'),
        }
      : null,
    waves: waves.map(
      (wave): WavePolicy => ({
        name: wave.name ?? null,
        size: sizeOf(wave.size),
        selector: wave.selector === undefined ? null : compileSelector(wave.selector),
        requireApproval: wave.requireApproval ?? false,
        source: { file, line: places.key(wave, 'size').line },
      }),
    ),
    gate: gate ? { percent: percentOf(gate.success), withinSeconds: secondsOf(gate.within), source: at('gate') } : null,
  };
}

type Waves = Pick<RolloutPolicy, 'canaries' | 'waves' | 'gate'>;

/** 5, `10%` or `rest` */
function sizeOf(size: number | string): WaveSize {
  if (typeof size === 'number') return { devices: size };
  return size === 'rest' ? 'rest' : { percent: percentOf(size) };
}

function pausesIn({ file, places, value: { spec } }: DocumentOf<'Rollout'>): Pause[] {
  const { freeze, suspend } = spec;
  const pauses: Pause[] = [];
  if (suspend !== undefined) {
    const source = { file, line: places.key(spec, 'suspend').line };
    pauses.push({ guard: 'suspended', from: null, until: iso(endOf(suspend.until)), reason: suspend.reason, source });
  }
  if (freeze === true) {
    const source = { file, line: places.key(spec, 'freeze').line };
    pauses.push({ guard: 'freeze', from: null, until: null, reason: null, source });
  } else if (freeze !== undefined && freeze !== false) {
    for (const period of listOf(freeze)) {
      const source = { file, line: places.key(period, 'from').line };
      const [from, until] = [iso(beginOf(period.from)), iso(endOf(period.until))];
      pauses.push({ guard: 'freeze', from, until, reason: period.reason, source });
    }
  }
  return pauses;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
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
