import type { Selector } from '../model/selector.ts';
import type { Selection } from '../reconcile/attributes.ts';

/** Tanium's computer groups that these statements select by; sorted. */
export function groupsNamed(selections: readonly Selection[]): readonly string[] {
  const names = new Set<string>();
  const visit = (selector: Selector): void => {
    for (const group of selector.taniumGroup ?? []) names.add(group);
    for (const excluded of selector.exclude ?? []) visit(excluded);
  };
  for (const { selector } of selections) visit(selector);
  return [...names].toSorted();
}
