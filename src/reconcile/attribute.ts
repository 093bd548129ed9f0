/** Why a difference is there: declared now, last applied and observed, compared three ways. */
import type { Reason } from '../model/plan.ts';
import type { AppliedFacets } from '../model/recorded.ts';
import { leftAlone } from './diff-groups.ts';
import type { Attributed, Diff, Wanted } from './wanted.ts';

/** `nothing`: no look has noted anything of the device yet. `lost`: one has, and the note cannot be found. */
export type Applied = AppliedFacets | 'nothing' | 'lost';

export function attribute(wanted: readonly Wanted[], applied: Applied): Attributed[] {
  return wanted.map((change) => ({ ...change, reason: change.reason ?? reasonOf(change, applied) }));
}

function reasonOf({ facet, impliedBy }: Wanted, applied: Applied): Reason {
  if (applied === 'nothing') return 'never-applied';
  if (applied === 'lost') return 'unknown';
  const before = valueOf(applied, facet.key);
  if (before === facet.value) return 'drifted';
  if (before === leftAlone) return 'never-applied';
  if (before !== undefined) return 'intent-changed';
  // Nobody has ever named this member, and the group was once as it should be: it came later.
  if (impliedBy !== null && valueOf(applied, impliedBy) !== undefined) return 'drifted';
  return 'never-applied';
}

/** What holds as of this look, and of what does not hold the last that did. */
export function appliedAfter(diff: Pick<Diff, 'met' | 'unmet'>, applied: Applied): AppliedFacets {
  const before = typeof applied === 'string' ? {} : applied;
  const facets: [string, string][] = [];
  for (const [key, value] of diff.met) {
    const earlier = valueOf(before, key);
    facets.push([key, value === leftAlone && earlier !== undefined ? earlier : value]);
  }
  for (const key of diff.unmet) {
    const earlier = valueOf(before, key);
    if (earlier !== undefined && !diff.met.has(key)) facets.push([key, earlier]);
  }
  return Object.fromEntries(facets.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function valueOf(facets: AppliedFacets, key: string): string | undefined {
  return Object.hasOwn(facets, key) ? facets[key] : undefined;
}
